"""A convolution of images and its activation in one: y = f(z), z = conv2d(x, w, b) of `conv.py`.

    dz = g f'(z)     dx = conv2d_input_grad(dz, w)     dw = conv2d_weight_grad(dz, x)     db = sum over N, OH, OW of dz

See `xdl/functional/elementwise/following.py`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array
from xdl.functional.conv.conv import Geometry, Sizes, conv2d_pair, conv2d_rule, correlate
from xdl.functional.conv.conv_nd import convolution
from xdl.functional.elementwise.following import F, before, followed, kept, reads_y
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor

Conv2dActivationPair = followed(conv2d_pair)
conv2d_activation_pair = Kernel("conv2d_activation", Conv2dActivationPair)


def conv2d_activation(
    f: F,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """y = f(conv2d(...)) for the arguments of `conv2d`, whose errors it raises. f: see `following.py`."""
    images = partial(_activated, f)
    return convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups, images)


def _activated(f: F, x: Tensor, w: Tensor, b: Tensor | None, geometry: Geometry) -> Tensor:
    version, y, saved = conv2d_activation_pair(x.array, w.array, None if b is None else b.array, geometry, f)
    rule = partial(_conv2d_activation_rule, f, geometry, kept(version, saved))
    return record(y, (x, w, b), rule, saved, version, keep_y=reads_y(f))


def _conv2d_activation_rule(
    f: F, geometry: Geometry, z: Array | None, needs: Any, g: Any, y: Any, saved: Any, x: Any, w: Any, b: Any
) -> tuple[Any, ...]:
    dz = before(f, g, y, z, lambda: correlate(x, w, b, geometry))
    return conv2d_rule(geometry, needs, dz, y, saved, x, w, b)
