"""Two-dimensional pooling.

x (N, C, H, W)   windows of KH, KW, step SH, SW   y (N, C, OH, OW)
OH = (H + 2 PH - DH (KH - 1) - 1) // SH + 1

max:      y = the largest value of each window; the first one in row order gets the whole gradient
average:  y = the sum of each window / (KH KW), padding counted as zeros
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import SettingError, ShapeError
from xdl.functional.conv import Geometry, Pair, output_size, pair, taps
from xdl.functional.indexing import unslice
from xdl.functional.operands import floating
from xdl.functional.pad import pad
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


def max_pool2d(
    input: Tensor, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0, dilation: Pair = 1
) -> Tensor:
    """The largest value of each window of floating input (N, C, H, W); stride defaults to the kernel's size.

    Padding counts as -infinity and is at most half the kernel. Raises ShapeError, SettingError, DtypeError.
    """
    kernel, geometry = _settings("max_pool2d", input, kernel_size, stride, padding, dilation)
    version, y, saved = max_pool2d_pair(input.data, kernel, geometry)
    return record(y, (input,), partial(_max_pool_rule, kernel, geometry), saved, version, keep_y=True)


def _max_pool_rule(kernel: Any, geometry: Geometry, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Tensor]:
    (n, c, h, w), (ph, pw) = x.shape, geometry.padding
    dx = None
    for tap, first in _winners(x.data, y.data, kernel, geometry):
        part = unslice(Tensor(first).where(g, 0.0), tap, (n, c, h + 2 * ph, w + 2 * pw))
        dx = part if dx is None else dx + part
    return (_cut(dx, x.shape, geometry.padding),)


class MaxPool2dPair:
    """y = the maximum over the taps; the backward gives g to the first tap that equals y."""

    @staticmethod
    def forward(x: Array, kernel: tuple[int, int], geometry: Geometry) -> tuple[Array, Any]:
        xp = namespaces[type(x)]
        padded = _padded(x, geometry.padding, float("-inf"))
        first, *others = taps(kernel, output_size(x.shape[2:], kernel, geometry), geometry)
        y = xp.asarray(padded[first], copy=True)
        for tap in others:
            y = xp.maximum(y, padded[tap])
        return y, (x, y, kernel, geometry)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        x, y, kernel, geometry = saved
        xp = namespaces[type(g)]
        (n, c, h, w), (ph, pw) = x.shape, geometry.padding
        dx = xp.zeros((n, c, h + 2 * ph, w + 2 * pw), dtype=g.dtype, device=g.device)
        for tap, first in _winners(x, y, kernel, geometry):
            dx[tap] += xp.where(first, g, xp.zeros_like(g))
        return (_cut(dx, x.shape, geometry.padding),)


max_pool2d_pair = Kernel("max_pool2d", MaxPool2dPair)


def _winners(x: Array, y: Array, kernel: tuple[int, int], geometry: Geometry) -> Any:
    """For each tap: its slice of the padded x, and where it is the first that holds the maximum (nan counts as one).

    Padding never does, not even beside -infinity.
    """
    padded = _padded(x, geometry.padding, float("-inf"))
    real = _padded(namespaces[type(x)].ones_like(x), geometry.padding, 0.0) > 0
    taken = None
    for tap in taps(kernel, (y.shape[2], y.shape[3]), geometry):
        values = padded[tap]
        equal = ((values == y) | (values != values)) & real[tap]
        yield tap, equal if taken is None else equal & ~taken
        taken = equal if taken is None else taken | equal


def avg_pool2d(input: Tensor, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> Tensor:
    """The mean of each window of floating input (N, C, H, W); stride defaults to the kernel's size.

    Padding counts as zeros and is at most half the kernel. Raises ShapeError, SettingError, DtypeError.
    """
    kernel, geometry = _settings("avg_pool2d", input, kernel_size, stride, padding, 1)
    version, y, saved = avg_pool2d_pair(input.data, kernel, geometry)
    return record(y, (input.node or input,), partial(_avg_pool_rule, input.shape, kernel, geometry), saved, version)


def _avg_pool_rule(
    shape: tuple[int, ...], kernel: Any, geometry: Geometry, needs: Any, g: Any, y: Any, saved: Any, x: Any
) -> tuple[Tensor]:
    (n, c, h, w), (ph, pw) = shape, geometry.padding
    share = g * (1 / (kernel[0] * kernel[1]))
    dx = None
    for tap in taps(kernel, g.shape[2:], geometry):
        part = unslice(share, tap, (n, c, h + 2 * ph, w + 2 * pw))
        dx = part if dx is None else dx + part
    return (_cut(dx, shape, geometry.padding),)


class AvgPool2dPair:
    """y = the sum over the taps / (KH KW); the backward gives g / (KH KW) to every tap."""

    @staticmethod
    def forward(x: Array, kernel: tuple[int, int], geometry: Geometry) -> tuple[Array, Any]:
        padded = _padded(x, geometry.padding, 0.0)
        first, *others = taps(kernel, output_size(x.shape[2:], kernel, geometry), geometry)
        y = padded[first]
        for tap in others:
            y = y + padded[tap]
        return y * (1 / (kernel[0] * kernel[1])), (x.shape, kernel, geometry)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        shape, kernel, geometry = saved
        (n, c, h, w), (ph, pw) = shape, geometry.padding
        dx = namespaces[type(g)].zeros((n, c, h + 2 * ph, w + 2 * pw), dtype=g.dtype, device=g.device)
        share = g * (1 / (kernel[0] * kernel[1]))
        for tap in taps(kernel, g.shape[2:], geometry):
            dx[tap] += share
        return (_cut(dx, shape, geometry.padding),)


avg_pool2d_pair = Kernel("avg_pool2d", AvgPool2dPair)


def _padded(x: Array, padding: tuple[int, int], value: float) -> Array:
    return pad(Tensor(x), (padding[1], padding[1], padding[0], padding[0]), value=value).data if any(padding) else x


def _cut(x: Any, shape: tuple[int, ...], padding: tuple[int, int]) -> Any:
    """Removes the padding again."""
    (h, w), (ph, pw) = shape[2:], padding
    return x[:, :, ph : ph + h, pw : pw + w] if ph or pw else x


def _settings(
    operation: str, input: Tensor, kernel_size: Pair, stride: Pair | None, padding: Pair, dilation: Pair
) -> tuple[tuple[int, int], Geometry]:
    floating(operation, input=input)
    kernel = pair(operation, "kernel_size", kernel_size, 1)
    steps = kernel if stride is None else pair(operation, "stride", stride, 1)
    geometry = Geometry(steps, pair(operation, "padding", padding, 0), pair(operation, "dilation", dilation, 1), 1)
    if any(2 * p > k for p, k in zip(geometry.padding, kernel, strict=True)):
        raise SettingError(operation, f"padding of at most half the kernel {kernel}", geometry.padding)
    if input.ndim != 4:
        raise ShapeError(operation, "input (N, C, H, W)", input.shape)
    if min(output_size(input.shape[2:], kernel, geometry)) < 1:
        raise ShapeError(
            operation, f"a window {kernel} that fits the padded input", f"{input.shape}, padding {padding}"
        )
    return kernel, geometry
