"""A convolution and its activation on a GPU: the product by columns, the rest by bias_activation.cu.

way          forward, beside the product                       backward, before the convolution's own
columns      bias and activation in one launch                 dz and db in one launch
conv_tf32    bias and ReLU at the end of the product itself    the same
the others   the convolution adds its bias, then f             the same
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.conv.conv import Geometry, conv2d_pair
from xdl.functional.conv.conv_activation import Conv2dActivationPair, conv2d_activation_pair
from xdl.functional.elementwise.following import F, only_own, reads_y

from ..elementwise.formulas import Formula, activation_backward, activation_forward, formula_named, formula_numbers
from ..launch import Device, launch_planes, load_kernels
from ..reduce.column_sum import channel_layout, column_sum, slicing
from ..slots import PRIORITY, dense, dense_or_none, device_of, register
from .columns import conv2d_forward
from .conv2d import conv2d_gradients, takes_depthwise, takes_tf32
from .conv_tf32 import channels_last, conv_tf32_forward


def plane_activation_forward(device: Device, product: Array, bias: Array, formula: Formula, keep: bool) -> Array:
    """y [N, C, ...] = f(product + bias [C]), written over the product; with keep the sum is, and y is new."""
    y = device.empty(product.shape, dtype_name(product)) if keep else product
    _, channels, positions = channel_layout(product)
    arrays = (product, product if keep else None, y, bias)
    numbers = (channels, positions, *formula_numbers(formula))
    launch_planes(device, "bias_activation.cu", "plane_activation_forward", product, arrays, numbers)
    return y


def plane_activation_backward(device: Device, g: Array, x: Array, formula: Formula) -> tuple[Array, Array]:
    """dz [N, C, ...] and db [C]. x: the sum, or y for those whose gradients read it."""
    images, channels, positions = channel_layout(g)
    length, slices = slicing(images * positions)
    dtype = dtype_name(g)
    dz, sums = device.empty(g.shape, dtype), device.empty((slices, channels), dtype)
    if channels:
        kernels = load_kernels(device, "bias_activation.cu", dtype)
        numbers = (images, channels, positions, length, *formula_numbers(formula))
        kernels.launch("plane_activation_backward", (channels, slices), (256,), g, x, dz, sums, *numbers)
    return dz, sums.reshape(channels) if slices == 1 else column_sum(device, sums)


class _Backward:
    """The backward pass of every version; saved: z (see `following.kept`), x, w, the geometry, what f's gradient
    reads, and its formula.
    """

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        _, x, w, geometry, read, formula = saved
        device, db = device_of(g), None
        if needs[2]:
            dz, db = plane_activation_backward(device, dense(g), read, formula)
        else:
            dz = activation_backward(device, dense(g), read, formula)
        return *conv2d_gradients(dz, x, w, geometry, needs), db


def _by_columns(x: Array, w: Array, b: Array | None, geometry: Geometry, f: F) -> bool:
    other_way = takes_depthwise(x, w, b, geometry) or takes_tf32(x, w, b, geometry)
    return not other_way and only_own(conv2d_pair, f, x)


def _ends_in_relu(x: Array, w: Array, b: Array | None, geometry: Geometry, f: F) -> bool:
    by_tensor_cores = takes_tf32(x, w, b, geometry) and not takes_depthwise(x, w, b, geometry)
    return f[0] == "relu" and by_tensor_cores and only_own(conv2d_pair, f, x)


register(conv2d_activation_pair)(Conv2dActivationPair)


@register(conv2d_activation_pair, when=_by_columns, why="a convolution by columns", priority=PRIORITY + 1)
class conv2d_activation_columns(_Backward):
    """y = f(z), z by columns."""

    @staticmethod
    def forward(x: Array, w: Array, b: Array | None, geometry: Geometry, f: F) -> tuple[Array, Any]:
        device, x, w, formula = device_of(x), dense(x), dense(w), formula_named(f)
        product = conv2d_forward(device, x, w, None, geometry)
        if b is None:
            y = activation_forward(device, product, formula)
        else:
            y = plane_activation_forward(device, product, dense(b), formula, not reads_y(f))
        z = None if reads_y(f) else product
        return y, (z, x, w, geometry, y if z is None else z, formula)


@register(conv2d_activation_pair, when=_ends_in_relu, why="conv_tf32 and ReLU", priority=PRIORITY + 1)
class conv2d_relu_tf32(_Backward):
    """y = max(z, 0), z by the implicit GEMM with TF32 products."""

    @staticmethod
    def forward(x: Array, w: Array, b: Array | None, geometry: Geometry, f: F) -> tuple[Array, Any]:
        device = device_of(x)
        last_x, last_w = (channels_last(device, dense(a)) for a in (x, w))
        y = conv_tf32_forward(device, last_x, last_w, dense_or_none(b), geometry, True)
        return y, (None, x, w, geometry, y, formula_named(f))
