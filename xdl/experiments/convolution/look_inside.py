"""Looking inside a convolutional network: what it makes of an image, and where in it it sees a class.

Heat maps by Grad-CAM (Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks via gradient-based
localization", ICCV).
"""

from __future__ import annotations

from typing import Any

import xdl
from xdl import nn, plot
from xdl.creation import tensor
from xdl.data import LabelledImages
from xdl.errors import GraphError
from xdl.functional import interpolate, relu
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad


def draw_feature_maps(run: Run, features: nn.Sequential, data: LabelledImages) -> None:
    """Writes figures/feature_maps.png: the first test image, and what every ReLU among the features makes of it."""
    image = data.test.arrays[0][:1]
    maps: dict[str, Any] = {}
    with no_grad():
        x = tensor(image)
        for layer in features.eval():
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                maps[f"convolution {len(maps) + 1}"] = x.numpy()[0]
    run.figure("feature_maps", plot.feature_maps_data(image[0, 0], maps))


def draw_heat_maps(run: Run, model: Any, data: LabelledImages, examples: int) -> float:
    """Writes figures/grad_cam.png: test images beside their heat maps; returns the share of heat on ink."""
    images = tensor(data.test.arrays[0][:examples])
    with no_grad():
        classes = model.eval()(images).argmax(1)
    last = [layer for layer in model.features if isinstance(layer, nn.ReLU)][-1]
    heat = grad_cam(model, last, images, classes)
    pictures = xdl.stack([images[:, 0], heat], 1).reshape(-1, *heat.shape[1:]).numpy()
    names = [data.class_names[i] for i in classes.tolist()]
    titles = [title for name in names for title in (f"taken for {name}", "because of")]
    run.figure("grad_cam", plot.gallery_data(pictures, titles))
    ink = (images[:, 0] > 0).to("float32")
    return float((heat * ink).sum() / heat.sum())


def grad_cam(model: nn.Module, layer: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
    """Heat maps (N, H, W) from 0 to 1, for the class of each image.

        a[n,c] = mean over the pixels of d z[n, classes[n]] / d A[n,c]
        L[n] = relu(sum over c of a[n,c] A[n,c]), enlarged to the images and divided by its largest value

    layer:   a module of the model whose output are maps A (N, C, h, w), such as the last convolution's ReLU
    images:  (N, channels, H, W);  classes: (N,) whole numbers;  z: the model's logits (N, K)

    The model is left in evaluation mode. Raises GraphError if the logits do not depend on the layer.
    """
    seen: list[Tensor] = []

    def note(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> None:
        seen.append(output)

    with layer.register_forward_hook(note):
        logits = model.eval()(images)
    score = logits.gather(1, classes.reshape(-1, 1)).sum()
    (gradient,) = xdl.grad([score], [seen[0]])
    if gradient is None:
        raise GraphError("grad_cam", "a layer that the logits depend on", type(layer).__name__)
    with no_grad():
        weights = gradient.mean((2, 3), keepdim=True)
        heat = relu((weights * seen[0]).sum(1, keepdim=True))
        heat = interpolate(heat, size=images.shape[2:], mode="bilinear")[:, 0]
        largest = heat.amax((1, 2), keepdim=True)
        return heat / largest.clamp(min=1e-12)
