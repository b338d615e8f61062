"""Convolution on a GPU: which way a forward takes, and the versions of the three convolution slots.

    way           takes                                               products
    depthwise     one input channel a group, more than one group      a direct sum over the filter
    conv_tf32     set_precision("tf32"), float32, one group, sm_80,   implicit GEMM on tensor cores, channels last
                  C a multiple of 4, at most 128 channels
    columns       everything                                          columns and the device's BLAS

The gradients take the direct sum too where it serves, else columns.
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.conv.conv import Geometry, conv2d_input_grad, conv2d_pair, conv2d_weight_grad
from xdl.kernel import get_precision

from ..reduce.column_sum import channel_sum
from ..slots import PRIORITY, dense, dense_or_none, device_of, register
from .columns import conv2d_forward, conv2d_input_gradient, conv2d_weight_gradient
from .conv_tf32 import channels_last, conv_tf32_forward, product_fits
from .depthwise import depthwise_forward, depthwise_input_gradient, depthwise_weight_gradient

MOST_CHANNELS = 128  # above, explicit columns and the device's BLAS are faster


def takes_tf32(x: Array, w: Array, b: Array | None, geometry: Geometry) -> bool:
    """Whether the implicit GEMM on tensor cores takes this convolution."""
    channels = x.shape[1]
    fits = channels % 4 == 0 and channels <= MOST_CHANNELS and geometry.groups == 1 and product_fits(x, w, geometry)
    allowed = get_precision() == "tf32" and dtype_name(x) == "float32"
    return fits and allowed and device_of(x).tensor_cores


def takes_depthwise(x: Array, w: Array, b: Array | None, geometry: Geometry) -> bool:
    """Whether every input channel is a group of its own."""
    return is_depthwise(x.shape[1], geometry)


def is_depthwise(channels: int, geometry: Geometry) -> bool:
    """Whether there are as many groups as input channels, and more than one."""
    return geometry.groups == channels > 1


def conv2d_gradients(g: Array, x: Array, w: Array, geometry: Geometry, needs: Any) -> tuple[Array | None, Array | None]:
    """dx and dw, those that are needed, from the gradient g of y."""
    return (
        conv2d_input_grad(g, w, x.shape, geometry)[1] if needs[0] else None,
        conv2d_weight_grad(g, x, w.shape, geometry)[1] if needs[1] else None,
    )


class _Backward:
    """The backward pass of every version; saved: x, w and the geometry."""

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, w, geometry = saved
        g = dense(g)
        return *conv2d_gradients(g, x, w, geometry, needs), channel_sum(device_of(g), g) if needs[2] else None


@register(
    conv2d_pair,
    when=takes_tf32,
    why="TF32 allowed and there (sm_80), float32, one group, channels a multiple of 4 up to 128",
    priority=PRIORITY + 1,
)
class conv2d_tf32(_Backward):
    """y by the implicit GEMM with TF32 products; bias fused."""

    @staticmethod
    def forward(x: Array, w: Array, b: Array | None, geometry: Geometry) -> tuple[Array, Any]:
        device = device_of(x)
        last_x, last_w = (channels_last(device, dense(a)) for a in (x, w))
        return conv_tf32_forward(device, last_x, last_w, dense_or_none(b), geometry, False), (x, w, geometry)


@register(conv2d_pair)
class conv2d_columns(_Backward):
    """y by im2col and a stack of products, one for each image or group."""

    @staticmethod
    def forward(x: Array, w: Array, b: Array | None, geometry: Geometry) -> tuple[Array, Any]:
        x, w = dense(x), dense(w)
        return conv2d_forward(device_of(x), x, w, dense_or_none(b), geometry), (x, w, geometry)


@register(conv2d_pair, when=takes_depthwise, why="one input channel a group", priority=PRIORITY + 2)
class conv2d_depthwise(_Backward):
    """y by a direct sum over the filter; bias fused."""

    @staticmethod
    def forward(x: Array, w: Array, b: Array | None, geometry: Geometry) -> tuple[Array, Any]:
        x, w = dense(x), dense(w)
        return depthwise_forward(device_of(x), x, w, dense_or_none(b), geometry), (x, w, geometry)


@register(conv2d_input_grad)
class conv2d_input_grad_columns:
    """dx by the product with w^T and col2im, or a direct sum over depthwise filters."""

    @staticmethod
    def forward(g: Array, w: Array, shape: tuple[int, ...], geometry: Geometry) -> tuple[Array, None]:
        way = depthwise_input_gradient if is_depthwise(shape[1], geometry) else conv2d_input_gradient
        return way(device_of(g), dense(g), dense(w), (shape[2], shape[3]), geometry), None


@register(conv2d_weight_grad)
class conv2d_weight_grad_columns:
    """dw by im2col and one product for all images, or a direct sum for depthwise filters."""

    @staticmethod
    def forward(g: Array, x: Array, shape: tuple[int, ...], geometry: Geometry) -> tuple[Array, None]:
        way = depthwise_weight_gradient if is_depthwise(x.shape[1], geometry) else conv2d_weight_gradient
        return way(device_of(g), dense(g), dense(x), (shape[2], shape[3]), geometry), None
