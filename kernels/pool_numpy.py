"""Pooling for NumPy: one pass for each tap of the window, over images that stay in cache, on all threads."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.conv import Geometry, output_size, taps
from xdl.functional.pool import avg_pool2d_pair, max_pool2d_pair
from xdl.threads import parallel

from .buffers_numpy import empty

PARALLEL = 1 << 20  # elements of x; below, the threads wait for the interpreter more often than they gain
BLOCK = 1 << 17  # elements of x in one block of images


def _images(x_shape: tuple[int, ...]) -> int:
    return max(1, BLOCK // max(1, x_shape[1] * x_shape[2] * x_shape[3]))


def _run(part: Any, shape: tuple[int, ...]) -> None:
    """Calls part(images) for blocks of images."""
    step = _images(shape)

    def piece(low: int, high: int, thread: int) -> None:
        for i in range(low, high, step):
            part(slice(i, min(i + step, high)))

    if shape[0] * shape[1] * shape[2] * shape[3] < PARALLEL:
        piece(0, shape[0], 0)
    else:
        parallel(piece, shape[0])


def _unpadded(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> bool:
    return geometry.padding == (0, 0)


def _apart(kernel: tuple[int, int], geometry: Geometry) -> bool:
    """Whether no element belongs to two windows."""
    return all(s >= d * (k - 1) + 1 for k, s, d in zip(kernel, geometry.stride, geometry.dilation, strict=True))


def _gradient(shape: tuple[int, ...], output: Any, kernel: Any, geometry: Geometry, dtype: Any) -> np.ndarray:
    """dx to write the taps into: zeros wherever the taps do not write every element exactly once."""
    (h, w), (sh, sw) = shape[2:], geometry.stride
    covered = geometry.stride == kernel and geometry.dilation == (1, 1) and (output[0] * sh, output[1] * sw) == (h, w)
    dx = empty(shape, dtype)
    if not covered:
        dx.fill(0)
    return dx


@max_pool2d_pair.register("numpy", when=_unpadded, why="padding 0")
class max_pool2d_taps:
    """y = the maximum over the taps; saved: x and y. The first tap that equals y gets g."""

    @staticmethod
    def forward(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> tuple[np.ndarray, Any]:
        output = output_size(x.shape[2:], kernel, geometry)
        every = taps(kernel, output, geometry)
        y = empty((*x.shape[:2], *output), x.dtype)

        def part(images: slice) -> None:
            source, out = x[images], y[images]
            np.copyto(out, source[every[0]])
            for tap in every[1:]:
                np.maximum(out, source[tap], out=out)

        _run(part, x.shape)
        return y, (x, y, kernel, geometry)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray]:
        x, y, kernel, geometry = saved
        output = y.shape[2:]
        every = taps(kernel, output, geometry)
        dx = _gradient(x.shape, output, kernel, geometry, g.dtype)
        add = not _apart(kernel, geometry)

        def part(images: slice) -> None:
            source, best, grads, out = x[images], y[images], g[images], dx[images]
            left = np.ones(best.shape, np.bool_)
            wins = np.empty(best.shape, np.bool_)
            share = np.empty(best.shape, g.dtype)
            for tap in every:
                np.equal(source[tap], best, out=wins)
                np.logical_and(wins, left, out=wins)
                np.logical_xor(left, wins, out=left)
                if add:
                    np.multiply(grads, wins, out=share)
                    out[tap] += share
                else:
                    np.multiply(grads, wins, out=out[tap])
            if left.any():  # windows with a nan: nothing equals their maximum
                for tap in every:
                    wins = np.isnan(source[tap]) & left
                    left ^= wins
                    out[tap] += np.where(wins, grads, 0)

        _run(part, x.shape)
        return (dx,)


@avg_pool2d_pair.register("numpy", when=_unpadded, why="padding 0")
class avg_pool2d_taps:
    """y = the sum over the taps / (KH KW); every tap gets g / (KH KW)."""

    @staticmethod
    def forward(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> tuple[np.ndarray, Any]:
        output = output_size(x.shape[2:], kernel, geometry)
        every = taps(kernel, output, geometry)
        y = empty((*x.shape[:2], *output), x.dtype)

        def part(images: slice) -> None:
            source, out = x[images], y[images]
            np.copyto(out, source[every[0]])
            for tap in every[1:]:
                np.add(out, source[tap], out=out)
            np.multiply(out, 1 / (kernel[0] * kernel[1]), out=out)

        _run(part, x.shape)
        return y, (x.shape, kernel, geometry)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray]:
        shape, kernel, geometry = saved
        every = taps(kernel, g.shape[2:], geometry)
        dx = _gradient(shape, g.shape[2:], kernel, geometry, g.dtype)
        add = not _apart(kernel, geometry)

        def part(images: slice) -> None:
            share = g[images] * g.dtype.type(1 / (kernel[0] * kernel[1]))
            for tap in every:
                if add:
                    dx[images][tap] += share
                else:
                    dx[images][tap] = share

        _run(part, shape)
        return (dx,)
