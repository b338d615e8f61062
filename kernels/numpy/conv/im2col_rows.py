"""Convolution of few channels by im2col, for NumPy: from images in C order to channels-last memory.

    columns (K, images OH OW)   filters (K, O)   y = columns^T filters, in place as (N, OH, OW, O)

K = C KH KW, and with a bias one more: a row of ones in the columns and b in the filters, so that db comes out of the
product for dw. The pixels of a tap lie side by side: columns are copied in runs of OW values, where
`im2col_last.py` has only KW C. Blocks of columns stay in cache. For dx, the columns filters g^T are added back
tap by tap. The filters step by one column; rows may be any steps apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xdl.functional.conv.conv import Geometry, conv2d_input_grad, output_size, taps
from xdl.threads import get_num_threads

from ...common.buffers import empty
from ..layout import Job, channels_first, channels_last, jobs, pixels, run
from ..thin import pieces

BLOCK = 1 << 18  # values of the columns of one job


class Columns:
    """The columns of x (N, C, H, W) for filters (O, C, KH, KW), with `ones` rows of ones below."""

    def __init__(self, x: tuple[int, ...], w: tuple[int, ...], geometry: Geometry, dtype: Any, ones: bool) -> None:
        self.n, self.c, self.h, self.w = x
        self.o, _, self.kh, self.kw = w
        self.geometry, self.dtype, self.ones = geometry, dtype, ones
        self.oh, self.ow = output_size((self.h, self.w), (self.kh, self.kw), geometry)
        self.taps = self.c * self.kh * self.kw
        self.k = self.taps + ones
        self.operations = 2.0 * self.n * self.oh * self.ow * self.k * self.o

    def padded(self, images: int) -> np.ndarray:
        """Zeros (images, C, H + 2 PH, W + 2 PW)."""
        ph, pw = self.geometry.padding
        zeros = empty((images, self.c, self.h + 2 * ph, self.w + 2 * pw), self.dtype)
        zeros.fill(0)
        return zeros

    def inside(self, padded: np.ndarray) -> np.ndarray:
        """The part of padded images that is not padding."""
        ph, pw = self.geometry.padding
        return padded[:, :, ph : ph + self.h, pw : pw + self.w]

    def each(self, x: np.ndarray, part: Callable[[Job, int, np.ndarray], None]) -> None:
        """Calls part(job, thread, columns of the job in a stack (S, K, pixels)) for all output rows of all images."""
        work = jobs(self.n, self.oh, self.ow * self.k, BLOCK)
        largest = max((job.rows for job in work), default=0) * self.ow * self.k
        memory = [empty((largest,), self.dtype) for _ in range(get_num_threads())]
        padded = self.padded(self.n)
        np.copyto(self.inside(padded), x)
        (sh, _), (dh, dw), (n, c, h, w) = self.geometry.stride, self.geometry.dilation, padded.strides
        sizes, steps = (self.c, self.kh, self.kw, self.n, self.oh), (c, h * dh, w * dw, n, h * sh)
        source = np.ndarray(sizes, np.dtype((np.void, self.ow * w)), padded, 0, steps)

        def columns(job: Job, thread: int) -> None:
            cols = memory[thread][: self.k * job.rows * self.ow].reshape(self.k, -1)
            by_tap = cols[: self.taps].reshape(self.c, self.kh, self.kw, *job.shape, self.ow)
            np.copyto(pixels(by_tap), source[:, :, :, job.images, job.low : job.high])
            cols[self.taps :] = 1
            part(job, thread, self.stack(cols))

        run(columns, work, self.operations)

    def stack(self, cols: np.ndarray) -> np.ndarray:
        """Columns (K, pixels) as matrices (K, pixels) that are multiplied faster than all at once."""
        return cols.reshape(self.k, pieces(cols.shape[1], self.k * self.o), -1).swapaxes(0, 1)

    def beside(self, stack: np.ndarray, a: np.ndarray, job: Job) -> np.ndarray:
        """The pixels of a job in a (N, OH, OW, O), cut as its columns are."""
        return a[job.images, job.low : job.high].reshape(len(stack), -1, self.o)


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in channels-last memory."""
    columns = Columns(x.shape, w.shape, geometry, x.dtype, b is not None)
    y = empty((columns.n, columns.oh, columns.ow, columns.o), x.dtype)
    filters = np.empty((columns.k, columns.o), x.dtype)
    filters[: columns.taps] = w.reshape(columns.o, -1).T
    if b is not None:
        filters[-1] = b

    def part(job: Job, thread: int, stack: np.ndarray) -> None:
        np.matmul(stack.swapaxes(1, 2), filters, out=columns.beside(stack, y, job))

    columns.each(x, part)
    return channels_first(y)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in C order."""
    columns = Columns(shape, w.shape, geometry, g.dtype, False)
    last, dx = channels_last(g), empty(shape, g.dtype)
    filters = w.reshape(columns.o, -1).T
    every = taps((columns.kh, columns.kw), (columns.oh, columns.ow), geometry)

    def part(job: Job, thread: int) -> None:
        cols = empty((columns.k, job.rows * columns.ow), g.dtype)
        stack = columns.stack(cols)
        np.matmul(filters, columns.beside(stack, last, job).swapaxes(1, 2), out=stack)
        back = cols.reshape(columns.c, len(every), *job.shape, columns.ow)
        padded = columns.padded(job.shape[0])
        for k, tap in enumerate(every):
            place = padded[tap]
            np.add(place, back[:, k].swapaxes(0, 1), out=place)
        np.copyto(dx[job.images], columns.inside(padded))

    step = max(1, BLOCK // max(1, columns.k * columns.oh * columns.ow))
    work = [Job(i, min(i + step, columns.n), 0, columns.oh) for i in range(0, columns.n, step)]
    run(part, work, columns.operations)
    return dx


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, KH, KW) = shape."""
    dw, _ = _gradients(g, x, shape, geometry, False)
    return dw


def _gradients(
    g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry, bias: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """dw and, with a bias, db: every thread sums over its own blocks."""
    columns = Columns(x.shape, shape, geometry, g.dtype, bias)
    last = channels_last(g)
    sums = np.zeros((get_num_threads(), columns.k, columns.o), g.dtype)

    def part(job: Job, thread: int, stack: np.ndarray) -> None:
        products = np.matmul(stack, columns.beside(stack, last, job))
        sums[thread] += products[0] if len(products) == 1 else np.add.reduce(products, axis=0)

    columns.each(x, part)
    total = np.add.reduce(sums, axis=0)
    dw = np.ascontiguousarray(total[: columns.taps].T).reshape(shape)
    return dw, total[-1] if bias else None


class Rows:
    """y by `forward`; dw and db by one product; dx by what its own slot chooses. saved: x, w and the geometry."""

    @staticmethod
    def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> tuple[np.ndarray, Any]:
        return forward(x, w, b, geometry), (x, w, geometry)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
        x, w, geometry = saved
        g = channels_first(channels_last(g))  # once for all gradients
        dx = conv2d_input_grad(g, w, x.shape, geometry)[1] if needs[0] else None
        dw, db = _gradients(g, x, w.shape, geometry, needs[2]) if needs[1] or needs[2] else (None, None)
        return dx, dw, db
