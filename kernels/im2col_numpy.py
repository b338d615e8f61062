"""Convolution for NumPy by im2col, in blocks of images that stay in cache, on all threads.

A thread owns a range of images and takes them in blocks. Inside a block the images come last in memory,
(C, H, W, images): the columns are then copied in runs of OW times as many values as images, the products are one
GEMM a block and group, and so are the sums of the way back. BLAS uses one thread, since the threads work side by
side on copies and products. The columns are kept for the way back while they are small, else written again.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from xdl.functional.conv import Geometry, output_size, taps
from xdl.threads import get_num_threads, parallel, serial

from .buffers_numpy import empty

BLOCK = 1 << 20  # bytes of columns in one block
KEEP = 1 << 25  # bytes of columns that are kept for the way back
PARALLEL = 1 << 23  # bytes of columns; below, the threads wait for the interpreter more often than they gain


class Plan:
    """The sizes of one convolution in the letters of `xdl/functional/conv.py`; K = C/G KH KW, P = OH OW."""

    def __init__(self, x_shape: tuple[int, ...], w_shape: tuple[int, ...], geometry: Geometry, dtype: Any) -> None:
        self.shape, self.geometry, self.dtype = x_shape, geometry, dtype
        self.n, self.c, self.h, self.w = x_shape
        self.o, _, self.kh, self.kw = w_shape
        self.g = geometry.groups
        self.oh, self.ow = output_size((self.h, self.w), (self.kh, self.kw), geometry)
        self.k, self.p = self.c // self.g * self.kh * self.kw, self.oh * self.ow
        image = self.g * self.k * self.p * dtype.itemsize
        columns, filters = self.n * image, self.o * self.k * dtype.itemsize
        self.keep, self.parallel = columns <= KEEP, columns >= PARALLEL
        self.few = filters > columns  # one block then, so that the filters are read or written once
        threads = max(1, min(get_num_threads(), self.n)) if self.parallel else 1
        self.images = max(1, self.n if self.few else min(BLOCK // max(image, 1), -(-self.n // threads)))
        cuts = [self.n * i // threads for i in range(threads + 1)]
        self.blocks = [
            [slice(i, min(i + self.images, high)) for i in range(low, high, self.images)]
            for low, high in pairwise(cuts)
        ]

    def padded(self, images: int) -> np.ndarray:
        """Zeros (C, H + 2 PH, W + 2 PW, images)."""
        ph, pw = self.geometry.padding
        zeros = empty((self.c, self.h + 2 * ph, self.w + 2 * pw, images), self.dtype)
        zeros.fill(0)
        return zeros

    def inside(self, padded: np.ndarray) -> np.ndarray:
        """The part of padded images that is not padding."""
        ph, pw = self.geometry.padding
        return padded[:, ph : ph + self.h, pw : pw + self.w]

    def columns(self, x: np.ndarray) -> np.ndarray:
        """The columns (G, K, P images) of a block x of images."""
        images = len(x)
        last = self.padded(images)
        np.copyto(self.inside(last), x.transpose(1, 2, 3, 0))
        (sh, sw), (dh, dw) = self.geometry.stride, self.geometry.dilation
        c, h, w, i = last.strides
        sizes = (self.c, self.kh, self.kw, self.oh, self.ow, images)
        cols = empty(sizes, self.dtype)
        np.copyto(cols, as_strided(last, sizes, (c, h * dh, w * dw, h * sh, w * sw, i)))
        return cols.reshape(self.g, self.k, self.p * images)

    def last(self, g: np.ndarray) -> np.ndarray:
        """A block of g with the images last: (G, O/G, P images)."""
        last = empty((self.o, self.oh, self.ow, len(g)), self.dtype)
        np.copyto(last, g.transpose(1, 2, 3, 0))
        return last.reshape(self.g, self.o // self.g, self.p * len(g))

    def run(self, part: Any) -> None:
        """Calls part(thread, number of the block, images of the block) for all blocks, one range of them a thread."""
        starts = [sum(map(len, self.blocks[:i])) for i in range(len(self.blocks))]

        def pieces(low: int, high: int, _: int) -> None:
            for thread in range(low, high):
                for i, block in enumerate(self.blocks[thread]):
                    part(thread, starts[thread] + i, block)

        if self.few:
            pieces(0, len(self.blocks), 0)  # a few products with large filters: BLAS's own threads share them
        else:
            (parallel if self.parallel else serial)(pieces, len(self.blocks))


class ImagesLast:
    """y = w columns + b; saved: x, w, and the columns of every block while they are small."""

    @staticmethod
    def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> tuple[np.ndarray, Any]:
        plan = Plan(x.shape, w.shape, geometry, x.dtype)
        y = empty((plan.n, plan.o, plan.oh, plan.ow), x.dtype)
        rows = w.reshape(plan.g, plan.o // plan.g, plan.k)
        kept: dict[int, np.ndarray] = {}

        def part(thread: int, number: int, block: slice) -> None:
            cols = plan.columns(x[block])
            out = np.matmul(rows, cols, out=empty((plan.g, plan.o // plan.g, cols.shape[2]), x.dtype))
            if b is not None:
                out += b.reshape(plan.g, -1, 1)
            np.copyto(y[block], out.reshape(plan.o, plan.oh, plan.ow, -1).transpose(3, 0, 1, 2))
            if plan.keep:
                kept[number] = cols

        plan.run(part)
        return y, (x, w, kept, plan)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
        x, w, kept, plan = saved
        return _gradients(g, x, w, kept, plan, needs)


def _gradients(
    g: np.ndarray, x: Any, w: Any, kept: dict[int, np.ndarray], plan: Plan, needs: Any
) -> tuple[np.ndarray | None, ...]:
    """dx: the columns w^T g of a block, added back tap by tap. dw: g times the columns. db: g times ones."""
    dx = empty(plan.shape, g.dtype) if needs[0] else None
    sums = np.zeros((len(plan.blocks), plan.g, plan.o // plan.g, plan.k), g.dtype) if needs[1] else None
    rows = np.zeros((len(plan.blocks), plan.g, plan.o // plan.g), g.dtype) if needs[2] else None
    columns = w.reshape(plan.g, -1, plan.k).swapaxes(1, 2) if needs[0] else None
    every = [tap[1:] for tap in taps((plan.kh, plan.kw), (plan.oh, plan.ow), plan.geometry)]

    def part(thread: int, number: int, block: slice) -> None:
        last = plan.last(g[block])
        if sums is not None:
            cols = kept[number] if number in kept else plan.columns(x[block])
            if block.start == plan.blocks[thread][0].start:
                np.matmul(last, cols.swapaxes(1, 2), out=sums[thread])
            else:
                sums[thread] += last @ cols.swapaxes(1, 2)
        if rows is not None:
            rows[thread] += last @ np.ones(last.shape[2], g.dtype)
        if dx is not None and columns is not None:
            images = block.stop - block.start
            back = np.matmul(columns, last, out=empty((plan.g, plan.k, last.shape[2]), g.dtype))
            back = back.reshape(plan.c, plan.kh * plan.kw, plan.oh, plan.ow, images)
            padded = plan.padded(images)
            for k, tap in enumerate(every):
                padded[tap] += back[:, k]
            np.copyto(dx[block], plan.inside(padded).transpose(3, 0, 1, 2))

    plan.run(part)
    total = None if sums is None else sums[0] if len(sums) == 1 else np.add.reduce(sums, axis=0)
    dw = None if total is None else total.reshape(plan.o, -1, plan.kh, plan.kw)
    db = None if rows is None else np.add.reduce(rows, axis=0).reshape(-1)
    return dx, dw, db


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> Any:
    """dx (N, C, H, W) = shape."""
    plan = Plan(shape, w.shape, geometry, g.dtype)
    return _gradients(g, None, w, {}, plan, (True, False, False))[0]


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> Any:
    """dw (O, C/G, KH, KW) = shape."""
    plan = Plan(x.shape, shape, geometry, g.dtype)
    return _gradients(g, x, None, {}, plan, (False, True, False))[1]
