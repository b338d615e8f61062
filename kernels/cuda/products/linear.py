"""Products and the linear layer on a GPU: by the device's BLAS, the bias gradient by column_sum.cu."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional import either
from xdl.functional.operands import broadcast_shape
from xdl.functional.products.linear import linear_pair

from ..launch import Device
from ..reduce.column_sum import column_sum
from ..slots import dense, device_of, register


@register(either.matmul_slot)
class matmul_cuda:
    """y = a b for stacks that broadcast, in as few calls as can be."""

    @staticmethod
    def forward(a: Array, b: Array) -> tuple[Array, None]:
        device = device_of(a)
        batch = a.shape[:-2] if a.shape[:-2] == b.shape[:-2] else broadcast_shape("matmul", a.shape[:-2], b.shape[:-2])
        y = device.empty((*batch, a.shape[-2], b.shape[-1]), dtype_name(a))
        device.gemm(a, b, y)
        return y, None


def linear_product(device: Device, x: Array, w: Array) -> Array:
    """x w^T."""
    y = device.empty((x.shape[0], w.shape[0]), dtype_name(x))
    device.gemm(x, w.T, y)
    return y


@register(linear_pair)
class linear_cuda:
    """y = x w^T + b; saved: x and w."""

    @staticmethod
    def forward(x: Array, w: Array, b: Array | None) -> tuple[Array, Any]:
        y = linear_product(device_of(x), x, w)
        if b is not None:
            y += b
        return y, (x, w)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, w = saved
        device, dtype = device_of(g), dtype_name(g)
        dx, dw = (device.empty(a.shape, dtype) if needed else None for a, needed in zip((x, w), needs[:2], strict=True))
        if dx is not None:
            device.gemm(g, w, dx)
        if dw is not None:
            device.gemm(g.T, x, dw)
        return dx, dw, column_sum(device, dense(g)) if needs[2] else None
