"""Grad-CAM: where in an image a network sees a class (Selvaraju et al. 2017, ICCV)."""

from __future__ import annotations

from typing import Any

import xdl
from xdl import nn
from xdl.errors import GraphError
from xdl.functional import interpolate, relu
from xdl.tensor import Tensor, no_grad


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
