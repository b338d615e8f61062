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
from xdl.experiments.shared.figures import title_of
from xdl.functional import relu
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad

Shares = dict[str, float | None]

MEASURED = 1000  # test images whose heat is measured


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
    empty = ", ".join(
        f"{int((m.reshape(len(m), -1).max(1) <= 0).sum())} of {len(m)} of {name}" for name, m in maps.items()
    )
    see = f"each map is on its own scale, from its least value to its largest; 0 everywhere: {empty}"
    title = f"{title_of(run, data)}: the first test image, and what the layers make of it"
    run.figure("feature_maps", plot.feature_maps_data(image[0, 0], maps, title), see)


def draw_heat_maps(run: Run, model: Any, untrained: Any, data: LabelledImages, examples: int) -> Shares:
    """Writes figures/grad_cam.png: test images, and where a change would raise the scores of their two best classes.

    Returns the share of heat that lies on ink, over up to MEASURED test images: of the model, of an untrained one for
    the same classes, and what it is by chance, ink's share of the area. None is the share of no heat at all.
    """
    images = tensor(data.test.arrays[0][:MEASURED])
    with no_grad():
        best = model.eval()(images).topk(2, dim=1).indices
    first, second = (grad_cam(model, last_maps(model), images, best[:, k]) for k in (0, 1))
    untaught = grad_cam(untrained, last_maps(untrained), images, best[:, 0])
    pictures, titles = [], []
    for i, (a, b) in enumerate(best[:examples].tolist()):
        grey = images[i, 0].numpy()
        pictures += [plot.overlaid(grey, heat.numpy()) for heat in (first[i] * 0, first[i], second[i])]
        titles.append(f"taken for {data.class_names[a]}")
        for heat, name in ((first[i], data.class_names[a]), (second[i], data.class_names[b])):
            titles.append(f"raises {name}" if float(heat.amax()) > 0 else f"nothing raises {name}")
    ink = (images[:, 0] > 0).float()
    heats = {"heat_on_ink": first, "heat_on_ink_untrained": untaught, "ink": xdl.ones_like(ink)}
    totals = {name: float(heat.sum()) for name, heat in heats.items()}
    shares = {name: float((heat * ink).sum()) / totals[name] if totals[name] else None for name, heat in heats.items()}
    see = run.see(what_heat_shows(**shares))
    title = f"{title_of(run, data)}, test images: where a change would raise a score (Grad-CAM)"
    run.figure("grad_cam", plot.gallery_data(pictures, titles, 6, title), see)
    return shares


def what_heat_shows(heat_on_ink: float | None, heat_on_ink_untrained: float | None, ink: float | None) -> str:
    """The shares in words; and where an untrained network's is as large, that it does not show what was learnt."""
    if heat_on_ink is None or heat_on_ink_untrained is None:
        return "no heat at all: no change of the last maps would raise a score"
    said = (
        f"{heat_on_ink:.0%} of the heat lies on ink, of an untrained network's {heat_on_ink_untrained:.0%}; "
        f"ink covers {ink:.0%} of the images"
    )
    return said if heat_on_ink > heat_on_ink_untrained else f"{said}: it shows nothing here of what was learnt"


def last_maps(model: Any) -> nn.Module:
    """The last ReLU among the features of a model, whose outputs are the last maps."""
    return [layer for layer in model.features if isinstance(layer, nn.ReLU)][-1]


def grad_cam(model: nn.Module, layer: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
    """Heat maps (N, H, W) from 0 to 1, for one class of each image: where a change would raise its score.

        a[n,c] = mean over the pixels of d z[n, classes[n]] / d A[n,c]
        L[n] = relu(sum over c of a[n,c] A[n,c]), placed on the image and divided by its largest value

    layer:   a module of the model whose output are maps A (N, C, h, w), such as the last convolution's ReLU; what comes
             before it is a chain
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
        heat = relu((weights * seen[0]).sum(1))
        heat = placed(heat, images.shape[2:], centres(model, layer))
        largest = heat.amax((1, 2), keepdim=True)
        return heat / largest.clamp(min=1e-12)


def centres(model: nn.Module, layer: nn.Module) -> tuple[tuple[float, float], tuple[float, float]]:
    """(first, step) along both dimensions: the pixel at the centre of what the layer's first cell sees, and how many
    pixels further the next one's centre lies.

    A window of k cells, D apart, one every S after P cells of padding, over cells at first + step i:
        first + step (D (k - 1) / 2 - P)        step S
    """
    found = []
    for dim in (0, 1):
        first, step = 0.0, 1.0
        for part in [module for module in model.modules() if not [*module.children()]]:
            if hasattr(part, "kernel_size"):
                k, s, p, d = (
                    _along(getattr(part, name, 1), dim) for name in ("kernel_size", "stride", "padding", "dilation")
                )
                first, step = first + step * (d * (k - 1) / 2 - p), step * s
            if part is layer:
                break
        found.append((first, step))
    return found[0], found[1]


def _along(setting: Any, dim: int) -> int:
    value: int = setting[dim] if isinstance(setting, tuple) else setting
    return value


def placed(heat: Tensor, size: tuple[int, ...], places: tuple[tuple[float, float], tuple[float, float]]) -> Tensor:
    """Maps (N, h, w) on images of a size (H, W), between the cells' `centres` by linear interpolation, 0 outside."""
    rows, columns = (
        relu(1 - ((xdl.arange(n).reshape(-1, 1) - first) / step - xdl.arange(cells)).abs())
        for n, cells, (first, step) in zip(size, heat.shape[1:], places, strict=True)
    )
    return rows @ heat @ columns.T
