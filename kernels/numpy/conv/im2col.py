"""Convolution for NumPy by im2col in CHWN memory, in blocks that stay in cache, on all threads.

    columns (G, K, rows OW images)   filters (G, O/G, K)   y = filters columns, in place as (O, OH, OW, images)

A thread owns a range of images and takes them in blocks, and a block in some output rows at a time. Columns are copied
in runs of OW times as many values as images, and products are cut so that OpenBLAS does not pack their operands. BLAS
uses one thread, since the threads work side by side. Nothing is kept for the backward pass but x: copying the columns
again takes no longer than reading them from memory.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from xdl.functional.conv.conv import Geometry, output_size
from xdl.threads import get_num_threads, parallel, serial

from ...common.buffers import empty
from ...common.convolutions import is_chwn
from ..thin import pieces
from .chwn import from_chwn, to_chwn

ROWS = 1 << 20  # bytes of the columns of the rows that are taken at a time
LONG = 1 << 22  # the same for dx, and for threads, which wait for the interpreter between short calls
BLOCK = 1 << 21  # bytes of the columns of one row in a block of images
FEWEST_IMAGES, MOST_FILTERS = 16, 32  # for a y in CHWN memory: longer runs than in other layouts
PARALLEL = 5e7  # floating point operations; below, the threads wait for the interpreter more often than they gain


class Plan:
    """The sizes of one convolution in the letters of `xdl/functional/conv/conv.py`; K = C/G KH KW, M = O/G."""

    def __init__(self, x_shape: tuple[int, ...], w_shape: tuple[int, ...], geometry: Geometry, dtype: Any) -> None:
        self.shape, self.geometry, self.dtype = x_shape, geometry, dtype
        self.n, self.c, self.h, self.w = x_shape
        self.o, _, self.kh, self.kw = w_shape
        self.g = geometry.groups
        self.oh, self.ow = output_size((self.h, self.w), (self.kh, self.kw), geometry)
        self.k, self.m = self.c // self.g * self.kh * self.kw, self.o // self.g
        self.row = self.g * self.k * self.ow * dtype.itemsize  # bytes of the columns of a row of one image
        columns, filters = self.n * self.oh * self.row, self.o * self.k * dtype.itemsize
        self.parallel = 2.0 * self.n * self.o * self.k * self.oh * self.ow >= PARALLEL
        self.few = filters > columns  # one block then, so that the filters are read or written once
        threads = max(1, min(get_num_threads(), self.n)) if self.parallel and not self.few else 1
        self.images = max(1, self.n if self.few else min(BLOCK // max(self.row, 1), -(-self.n // threads)))
        cuts = [self.n * i // threads for i in range(threads + 1)]
        self.blocks = [
            [slice(i, min(i + self.images, high)) for i in range(low, high, self.images)]
            for low, high in pairwise(cuts)
        ]

    def rows(self, budget: int = ROWS) -> list[slice]:
        """The output rows in ranges whose columns take about so many bytes."""
        budget = LONG if self.parallel else budget
        step = max(1, self.oh if self.few else budget // max(self.row * self.images, 1))
        step = max(1, -(-self.oh // -(-self.oh // step))) if self.oh else 1
        return [slice(i, min(i + step, self.oh)) for i in range(0, self.oh, step)]

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

    def taps(self, x: np.ndarray) -> np.ndarray:
        """(C, KH, KW, OH, OW, images): the pixels of x (images, C, H, W), padded, that every tap meets, as a view."""
        if self.geometry.padding == (0, 0):
            last = to_chwn(x)
        else:
            last = self.padded(len(x))
            np.copyto(self.inside(last), x.transpose(1, 2, 3, 0))
        (sh, sw), (dh, dw) = self.geometry.stride, self.geometry.dilation
        c, h, w, i = last.strides
        sizes = (self.c, self.kh, self.kw, self.oh, self.ow, len(x))
        return as_strided(last, sizes, (c, h * dh, w * dw, h * sh, w * sw, i))

    def columns(self, taps: np.ndarray, rows: slice, memory: np.ndarray) -> np.ndarray:
        """The columns (G, K, pixels) of some output rows, written into the beginning of memory."""
        source = taps[:, :, :, rows]
        cols = memory[: source.size].reshape(source.shape)
        np.copyto(cols, source)
        return cols.reshape(self.g, self.k, -1)

    def memory(self, rows: list[slice], images: int) -> np.ndarray:
        """Memory for the columns of the largest range of rows."""
        return empty((self.g * self.k * (rows[0].stop if rows else 0) * self.ow * images,), self.dtype)

    def stack(self, a: np.ndarray) -> np.ndarray:
        """a (G, any, pixels) as matrices (G, S, any, pixels / S) that are multiplied faster than all at once."""
        count = pieces(a.shape[2], self.m * self.k)
        return a.reshape(*a.shape[:2], count, -1).swapaxes(1, 2)

    def pixels(self, a: np.ndarray, rows: slice) -> np.ndarray:
        """Some output rows of a (O, OH, OW, images) as (G, M, pixels)."""
        return a[:, rows].reshape(self.g, self.m, -1)

    def run(self, part: Any) -> None:
        """Calls part(thread, images of a block) for all blocks, one range of them a thread."""

        def ranges(low: int, high: int, _: int) -> None:
            for thread in range(low, high):
                for block in self.blocks[thread]:
                    part(thread, block)

        if self.few:
            ranges(0, len(self.blocks), 0)  # a few products with large filters: BLAS's own threads share them
        else:
            (parallel if self.parallel else serial)(ranges, len(self.blocks))


def _like(shape: tuple[int, ...], dtype: Any, last: bool) -> np.ndarray:
    """Memory for a tensor (N, C, H, W), in CHWN or in C order."""
    n, *rest = shape
    return from_chwn(empty((*rest, n), dtype)) if last else empty(shape, dtype)


class Chwn:
    """y = filters columns + b, in CHWN memory where that makes the longest runs; saved: x, w and the plan."""

    @staticmethod
    def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> tuple[np.ndarray, Any]:
        plan = Plan(x.shape, w.shape, geometry, x.dtype)
        last = plan.images >= FEWEST_IMAGES and plan.o <= MOST_FILTERS
        y = _like((plan.n, plan.o, plan.oh, plan.ow), x.dtype, last)
        filters, ranges = w.reshape(plan.g, 1, plan.m, plan.k), plan.rows()

        def part(thread: int, block: slice) -> None:
            taps, whole = plan.taps(x[block]), y[block].transpose(1, 2, 3, 0)
            out = whole if whole.flags.c_contiguous else empty(whole.shape, x.dtype)
            memory = plan.memory(ranges, whole.shape[3])
            for rows in ranges:
                cols, products = plan.columns(taps, rows, memory), plan.pixels(out, rows)
                np.matmul(filters, plan.stack(cols), out=plan.stack(products))
                if b is not None:
                    products += b.reshape(plan.g, plan.m, 1)
            if out is not whole:
                np.copyto(whole, out)

        plan.run(part)
        return y, (x, w, plan)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
        x, w, plan = saved
        dx = _like(plan.shape, g.dtype, is_chwn(x)) if needs[0] else None
        return _gradients(g, x, w, plan, dx, needs)


def _gradients(
    g: np.ndarray, x: Any, w: Any, plan: Plan, dx: np.ndarray | None, needs: Any
) -> tuple[np.ndarray | None, ...]:
    """dx: the columns w^T g of a block, added back tap by tap. dw: the columns times g. db: g times ones."""
    sums = np.zeros((len(plan.blocks), plan.g, plan.k, plan.m), g.dtype) if needs[1] else None
    rows = np.zeros((len(plan.blocks), plan.o), g.dtype) if needs[2] else None

    def part(thread: int, block: slice) -> None:
        last = to_chwn(g[block])
        if sums is not None:
            sums[thread] += _filters(plan, plan.taps(x[block]), last)
        if rows is not None:
            flat = last.reshape(plan.o, -1)
            rows[thread] += flat @ np.ones(flat.shape[1], g.dtype)
        if dx is not None:
            np.copyto(dx[block].transpose(1, 2, 3, 0), plan.inside(_images(plan, last, w)))

    plan.run(part)
    dw = None if sums is None else np.add.reduce(sums, axis=0).swapaxes(1, 2).reshape(plan.o, -1, plan.kh, plan.kw)
    db = None if rows is None else np.add.reduce(rows, axis=0)
    return dx, dw, db


def _filters(plan: Plan, taps: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The columns of a block times its g (O, OH, OW, images): (G, K, M)."""
    ranges = plan.rows()
    memory, total = plan.memory(ranges, last.shape[3]), np.zeros((plan.g, plan.k, plan.m), last.dtype)
    for rows in ranges:
        cols = plan.stack(plan.columns(taps, rows, memory))
        products = np.matmul(cols, plan.stack(plan.pixels(last, rows)).swapaxes(2, 3))
        total += products[:, 0] if products.shape[1] == 1 else np.add.reduce(products, axis=1)
    return total


def _images(plan: Plan, last: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The gradient of the padded images of a block from its g (O, OH, OW, images)."""
    ranges, images = plan.rows(LONG), last.shape[3]
    filters = w.reshape(plan.g, 1, plan.m, plan.k).swapaxes(2, 3)
    padded, memory = plan.padded(images), plan.memory(ranges, images)
    (sh, sw), (dh, dw) = plan.geometry.stride, plan.geometry.dilation
    for rows in ranges:
        count = rows.stop - rows.start
        back = memory[: plan.g * plan.k * count * plan.ow * images].reshape(plan.g, plan.k, -1)
        np.matmul(filters, plan.stack(plan.pixels(last, rows)), out=plan.stack(back))
        by_tap = back.reshape(plan.c, plan.kh, plan.kw, count, plan.ow, images)
        for i in range(plan.kh):
            for j in range(plan.kw):
                place = padded[:, i * dh + rows.start * sh :: sh, j * dw :: sw][:, :count, : plan.ow]
                np.add(place, by_tap[:, i, j], out=place)
    return padded


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> Any:
    """dx (N, C, H, W) = shape, in C order."""
    plan = Plan(shape, w.shape, geometry, g.dtype)
    return _gradients(g, None, w, plan, empty(shape, g.dtype), (True, False, False))[0]


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> Any:
    """dw (O, C/G, KH, KW) = shape."""
    plan = Plan(x.shape, shape, geometry, g.dtype)
    return _gradients(g, x, None, plan, None, (False, True, False))[1]
