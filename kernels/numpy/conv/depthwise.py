"""Depthwise convolution (one filter for each channel) for NumPy: no products of matrices, one pass for each tap.

    y[n,p,q,c] = sum over the taps (i, j) of  w[c,i,j] x[n, p SH + i DH - PH, q SW + j DW - PW, c]

in channels-last memory, image by image, so that an image and its sums stay in cache.
"""

from __future__ import annotations

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size, taps
from xdl.threads import get_num_threads

from ...common.buffers import empty
from ..layout import channels_first, channels_last, run


class Shifts:
    """The slices of a padded image (H + 2 PH, W + 2 PW, C) that the taps meet."""

    def __init__(self, shape: tuple[int, ...], kernel: tuple[int, ...], geometry: Geometry) -> None:
        self.n, self.c, self.h, self.w = shape
        self.padding = geometry.padding
        self.output = output_size((self.h, self.w), kernel, geometry)
        self.taps = [tap[2:] for tap in taps(kernel, self.output, geometry)]

    def padded(self, dtype: np.dtype) -> np.ndarray:
        """Zeros for a padded image."""
        ph, pw = self.padding
        return np.zeros((self.h + 2 * ph, self.w + 2 * pw, self.c), dtype)

    def inside(self, padded: np.ndarray) -> np.ndarray:
        """The part that is not padding."""
        ph, pw = self.padding
        return padded[ph : ph + self.h, pw : pw + self.w]

    def operations(self) -> float:
        """The multiplications and additions, times 10: these passes take that much longer than products."""
        return 20.0 * self.n * self.c * self.output[0] * self.output[1] * len(self.taps)


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, C, OH, OW) in channels-last memory."""
    shifts = Shifts(x.shape, w.shape[2:], geometry)
    source, factors = channels_last(x), _by_tap(w)
    y = empty((shifts.n, *shifts.output, shifts.c), x.dtype)

    def part(image: int, thread: int) -> None:
        padded, out = shifts.padded(x.dtype), y[image]
        np.copyto(shifts.inside(padded), source[image])
        out[...] = 0 if b is None else b
        product = np.empty(out.shape, x.dtype)
        for tap, factor in zip(shifts.taps, factors, strict=True):
            np.multiply(padded[tap], factor, out=product)
            np.add(out, product, out=out)

    run(part, list(range(shifts.n)), shifts.operations())
    return channels_first(y)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    shifts = Shifts(shape, w.shape[2:], geometry)
    source, factors = channels_last(g), _by_tap(w)
    dx = empty((shifts.n, shifts.h, shifts.w, shifts.c), g.dtype)

    def part(image: int, thread: int) -> None:
        padded, product = shifts.padded(g.dtype), np.empty(source.shape[1:], g.dtype)
        for tap, factor in zip(shifts.taps, factors, strict=True):
            np.multiply(source[image], factor, out=product)
            np.add(padded[tap], product, out=padded[tap])
        np.copyto(dx[image], shifts.inside(padded))

    run(part, list(range(shifts.n)), shifts.operations())
    return channels_first(dx)


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (C, 1, KH, KW) = shape."""
    shifts = Shifts(x.shape, shape[2:], geometry)
    source, grads = channels_last(x), channels_last(g)
    sums = np.zeros((get_num_threads(), len(shifts.taps), shifts.c), g.dtype)
    ones = np.ones(shifts.output[0] * shifts.output[1], g.dtype)

    def part(image: int, thread: int) -> None:
        padded, product = shifts.padded(x.dtype), np.empty(grads.shape[1:], g.dtype)
        np.copyto(shifts.inside(padded), source[image])
        for total, tap in zip(sums[thread], shifts.taps, strict=True):
            np.multiply(padded[tap], grads[image], out=product)
            total += ones @ product.reshape(-1, shifts.c)

    run(part, list(range(shifts.n)), shifts.operations())
    return np.ascontiguousarray(np.add.reduce(sums, axis=0).T).reshape(shape)


def _by_tap(w: np.ndarray) -> np.ndarray:
    """w (C, 1, KH, KW) as (KH KW, C)."""
    return np.ascontiguousarray(w.reshape(len(w), -1).T)
