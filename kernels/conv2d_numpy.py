"""Convolution for NumPy by im2col, in blocks of images that stay in cache, on all threads.

A thread owns a range of images. For each block of them it writes the columns (one strided copy) and multiplies,
with BLAS at one thread: copies and products of the threads run side by side. The columns are kept for the way back
while they are small, and written again where they are not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from xdl.functional.conv import Geometry, conv2d_input_grad, conv2d_pair, conv2d_weight_grad, output_size, taps
from xdl.threads import get_num_threads, parallel

from .buffers_numpy import empty

BLOCK = 1 << 19  # bytes of columns in one block
KEEP = 1 << 25  # bytes of columns that are kept for the way back


class Plan:
    """The sizes of one convolution, in the letters of `xdl/functional/conv.py`; K = C/G KH KW, P = OH OW."""

    def __init__(self, x_shape: tuple[int, ...], w_shape: tuple[int, ...], geometry: Geometry, dtype: Any) -> None:
        self.shape, self.geometry, self.dtype = x_shape, geometry, dtype
        self.n, self.c, self.h, self.w = x_shape
        self.o, _, self.kh, self.kw = w_shape
        self.g = geometry.groups
        self.oh, self.ow = output_size((self.h, self.w), (self.kh, self.kw), geometry)
        self.k, self.p = self.c // self.g * self.kh * self.kw, self.oh * self.ow
        image = self.g * self.k * self.p * dtype.itemsize
        self.images = max(1, min(BLOCK // max(image, 1), -(-self.n // get_num_threads())))
        self.keep = self.n * image <= KEEP
        self.plain = (self.kh, self.kw) == (1, 1) and geometry[:2] == ((1, 1), (0, 0))

    def padded(self, images: int) -> np.ndarray:
        """A zeroed block of padded images."""
        (ph, pw) = self.geometry.padding
        return np.zeros((images, self.c, self.h + 2 * ph, self.w + 2 * pw), self.dtype)

    def columns(self, x: np.ndarray, scratch: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Writes the columns (images, G, K, P) of a block x of images to `out`."""
        if self.plain:
            return x.reshape(len(x), self.g, self.k, self.p)
        (ph, pw), (sh, sw), (dh, dw) = self.geometry.padding, self.geometry.stride, self.geometry.dilation
        if ph or pw:
            padded = scratch[: len(x)]
            padded[:, :, ph : ph + self.h, pw : pw + self.w] = x
            x = padded
        b, c, h, w = x.strides
        sizes = (len(x), self.c, self.kh, self.kw, self.oh, self.ow)
        windows = as_strided(x, sizes, (b, c, h * dh, w * dw, h * sh, w * sw))
        out = out[: len(x)]
        np.copyto(out.reshape(sizes), windows)
        return out

    def blocks(self, low: int, high: int) -> list[slice]:
        """The blocks of images of one thread's range."""
        return [slice(i, min(i + self.images, high)) for i in range(low, high, self.images)]


@conv2d_pair.register("numpy")
class conv2d_im2col:
    """y = w columns + b; saved: x, w, and the columns while they are small."""

    @staticmethod
    def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> tuple[np.ndarray, Any]:
        plan = Plan(x.shape, w.shape, geometry, x.dtype)
        y = empty((plan.n, plan.g, plan.o // plan.g, plan.p), x.dtype)
        rows = w.reshape(plan.g, plan.o // plan.g, plan.k)
        offset = None if b is None else b.reshape(plan.g, -1, 1)
        kept = empty((plan.n, plan.g, plan.k, plan.p), x.dtype) if plan.keep and not plan.plain else None

        def part(low: int, high: int, thread: int) -> None:
            scratch = plan.padded(plan.images)
            small = np.empty((plan.images, plan.g, plan.k, plan.p), x.dtype) if kept is None else kept
            for block in plan.blocks(low, high):
                out = small if kept is None else kept[block]
                np.matmul(rows, plan.columns(x[block], scratch, out), out=y[block])
                if offset is not None:
                    y[block] += offset

        parallel(part, plan.n)
        return y.reshape(plan.n, plan.o, plan.oh, plan.ow), (x, w, kept, plan)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
        x, w, kept, plan = saved
        g = np.ascontiguousarray(g)
        return (
            _input_grad(g, w, plan) if needs[0] else None,
            _weight_grad(g, x, kept, plan).reshape(w.shape) if needs[1] else None,
            _bias_grad(g) if needs[2] else None,
        )


def _input_grad(g: np.ndarray, w: np.ndarray, plan: Plan) -> np.ndarray:
    """dx: the columns w^T g of a block, added back tap by tap."""
    columns = np.ascontiguousarray(w.reshape(plan.g, plan.o // plan.g, plan.k).transpose(0, 2, 1))
    rows = g.reshape(plan.n, plan.g, plan.o // plan.g, plan.p)
    dx = empty(plan.shape, g.dtype)
    (ph, pw) = plan.geometry.padding
    every = taps((plan.kh, plan.kw), (plan.oh, plan.ow), plan.geometry)

    def part(low: int, high: int, thread: int) -> None:
        cols = np.empty((plan.images, plan.g, plan.k, plan.p), g.dtype)
        padded = plan.padded(plan.images)
        for block in plan.blocks(low, high):
            size = block.stop - block.start
            back = np.matmul(columns, rows[block], out=cols[:size])
            back = back.reshape(size, plan.c, plan.kh * plan.kw, plan.oh, plan.ow)
            image = padded[:size]
            image.fill(0)
            for k, tap in enumerate(every):
                image[tap] += back[:, :, k]
            dx[block] = image[:, :, ph : ph + plan.h, pw : pw + plan.w]

    parallel(part, plan.n)
    return dx


def _weight_grad(g: np.ndarray, x: np.ndarray, kept: np.ndarray | None, plan: Plan) -> np.ndarray:
    """dw (G, O/G, K): g times the columns of a block, summed over images; one partial sum a thread."""
    rows = g.reshape(plan.n, plan.g, plan.o // plan.g, plan.p)
    sums = np.zeros((get_num_threads(), plan.g, plan.o // plan.g, plan.k), g.dtype)

    def part(low: int, high: int, thread: int) -> None:
        scratch = plan.padded(plan.images)
        small = np.empty((plan.images, plan.g, plan.k, plan.p), g.dtype) if kept is None else kept
        for block in plan.blocks(low, high):
            cols = plan.columns(x[block], scratch, small) if kept is None else kept[block]
            sums[thread] += np.add.reduce(np.matmul(rows[block], cols.swapaxes(2, 3)), axis=0)

    parallel(part, plan.n)
    return np.add.reduce(sums, axis=0)


def _bias_grad(g: np.ndarray) -> np.ndarray:
    n, o, oh, ow = g.shape
    return np.add.reduce((g.reshape(n * o, oh * ow) @ np.ones(oh * ow, g.dtype)).reshape(n, o), axis=0)


@conv2d_input_grad.register("numpy")
class conv2d_input_grad_im2col:
    """dx by im2col."""

    @staticmethod
    def forward(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> tuple[np.ndarray, None]:
        return _input_grad(np.ascontiguousarray(g), w, Plan(shape, w.shape, geometry, g.dtype)), None


@conv2d_weight_grad.register("numpy")
class conv2d_weight_grad_im2col:
    """dw by im2col."""

    @staticmethod
    def forward(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> tuple[np.ndarray, None]:
        plan = Plan(x.shape, shape, geometry, g.dtype)
        return _weight_grad(np.ascontiguousarray(g), x, None, plan).reshape(shape), None
