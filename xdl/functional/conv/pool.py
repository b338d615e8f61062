"""Two-dimensional pooling: the slots that all pooling functions are made of.

x (N, C, H, W)   windows of KH, KW, step SH, SW   y (N, C, OH, OW)
OH = (H + 2 PH - DH (KH - 1) - 1) // SH + 1

max:      y = the largest value of each window; the first one in row order gets the whole gradient
average:  y = the sum of each window / (KH KW), padding counted as zeros

`max_pool.py`, `avg_pool.py` and `adaptive_pool.py` hold the functions for one to three dimensions.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional.conv.conv import Geometry, output_size, padded, taps
from xdl.functional.index.indexing import unslice
from xdl.kernel import Kernel
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor


def largest(x: Tensor, kernel: tuple[int, int], geometry: Geometry) -> Tensor:
    """The largest value of each window of x (N, C, H, W)."""
    version, y, saved = max_pool2d_pair(x.array, kernel, geometry)
    return record(y, (x,), partial(_max_pool2d_rule, kernel, geometry), saved, version, keep_y=True)


def _max_pool2d_rule(kernel: Any, geometry: Geometry, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Tensor]:
    (n, c, h, w), (ph, pw) = x.shape, geometry.padding
    dx = None
    for tap, first in _winners(x.array, y.array, kernel, geometry):
        part = unslice(g.where(Tensor(first), 0.0), tap, (n, c, h + 2 * ph, w + 2 * pw))
        dx = part if dx is None else dx + part
    return (_cut(dx, x.shape, geometry.padding),)


class MaxPool2dPair:
    """y = the maximum over the taps; the backward gives g to the first tap that equals y."""

    @staticmethod
    def forward(x: Array, kernel: tuple[int, int], geometry: Geometry) -> tuple[Array, Any]:
        xp = namespaces[type(x)]
        around = padded(x, geometry.padding, float("-inf"))
        first, *others = taps(kernel, output_size(x.shape[2:], kernel, geometry), geometry)
        y = xp.asarray(around[first], copy=True)
        for tap in others:
            y = xp.maximum(y, around[tap])
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
    around = padded(x, geometry.padding, float("-inf"))
    real = padded(namespaces[type(x)].ones_like(x), geometry.padding, 0.0) > 0
    taken = None
    for tap in taps(kernel, (y.shape[2], y.shape[3]), geometry):
        values = around[tap]
        equal = ((values == y) | (values != values)) & real[tap]
        yield tap, equal if taken is None else equal & ~taken
        taken = equal if taken is None else taken | equal


def places(x: Array, y: Array, kernel: tuple[int, int], geometry: Geometry, width: int) -> Array:
    """Where `largest` found y (N, C, OH, OW) in x: row times width plus column, int64."""
    xp = namespaces[type(x)]
    found = xp.zeros(y.shape, dtype=xp.int64, device=x.device)
    for tap, first in _winners(x, y, kernel, geometry):
        rows, columns = (
            xp.arange(s.start - p, s.stop - p, s.step, device=x.device)
            for s, p in zip(tap[2:], geometry.padding, strict=True)
        )
        found = xp.where(first, rows[:, None] * width + columns, found)
    return found


def average(x: Tensor, kernel: tuple[int, int], geometry: Geometry) -> Tensor:
    """The sum of each window of x (N, C, H, W) / (KH KW)."""
    version, y, saved = avg_pool2d_pair(x.array, kernel, geometry)
    return record(y, (edge(x),), partial(_avg_pool2d_rule, x.shape, kernel, geometry), saved, version)


def _avg_pool2d_rule(
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
        around = padded(x, geometry.padding, 0.0)
        first, *others = taps(kernel, output_size(x.shape[2:], kernel, geometry), geometry)
        y = around[first]
        for tap in others:
            y = y + around[tap]
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


def _cut(x: Any, shape: tuple[int, ...], padding: tuple[int, int]) -> Any:
    """Removes the padding again."""
    (h, w), (ph, pw) = shape[2:], padding
    return x[:, :, ph : ph + h, pw : pw + w] if ph or pw else x
