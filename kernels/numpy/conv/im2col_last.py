"""Convolution by im2col in channels-last memory, for NumPy: one product for each block of output rows.

    columns (N OH OW, KH KW C)   filters (KH KW C, O)   y = columns filters, in place as (N, OH, OW, O)

The values of KW neighbouring pixels lie side by side, so a column is copied in KH runs of KW C values (KH KW runs
of C where the taps are dilated). With stride 1, dx is the convolution of g with the filters turned by half a circle;
with larger strides, that with some of the taps for some of the pixels (`phases.py`). Where taps are dilated too, the
columns g filters^T are added back tap by tap. Blocks of columns stay in cache.
"""

from __future__ import annotations

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size
from xdl.threads import get_num_threads

from ...common.buffers import empty
from ..layout import Job, channels_first, channels_last, framed, jobs, pixels, run, runs
from . import phases

BLOCK = 1 << 18  # values of the columns of one job


class Columns:
    """The columns of x (N, H, W, C) for filters (KH, KW): what a convolution with this geometry multiplies."""

    def __init__(self, shape: tuple[int, ...], kernel: tuple[int, int], geometry: Geometry) -> None:
        self.n, self.h, self.w, self.c = shape
        self.kernel, self.geometry = kernel, geometry
        self.oh, self.ow = output_size((self.h, self.w), kernel, geometry)
        self.k = kernel[0] * kernel[1] * self.c

    def jobs(self) -> list[Job]:
        """All output rows of all images."""
        return jobs(self.n, self.oh, self.ow * self.k, BLOCK)

    def operations(self, o: int) -> float:
        """The multiplications and additions of the products with O filters."""
        return 2.0 * self.n * self.oh * self.ow * self.k * o

    def rows(self, job: Job) -> tuple[int, int, int]:
        """(first, low, high): the row of x where a job's padded input begins, and the rows of x that lie in it."""
        reach = self.geometry.dilation[0] * (self.kernel[0] - 1) + 1
        first = job.low * self.geometry.stride[0] - self.geometry.padding[0]
        end = (job.high - 1) * self.geometry.stride[0] - self.geometry.padding[0] + reach
        return first, max(first, 0), max(first, 0, min(end, self.h))

    def padded(self, job: Job, dtype: np.dtype) -> np.ndarray:
        """Memory for the padded input of a job."""
        (kh, _), (sh, _), (_, pw), (dh, _) = self.kernel, *self.geometry[:3]
        count = (job.high - job.low - 1) * sh + dh * (kh - 1) + 1
        return empty((job.shape[0], count, self.w + 2 * pw, self.c), dtype)

    def inside(self, job: Job) -> tuple[slice, slice]:
        """The rows and columns of a padded input that are not padding."""
        first, low, high = self.rows(job)
        pw = self.geometry.padding[1]
        return slice(low - first, high - first), slice(pw, pw + self.w)

    def of(self, x: np.ndarray, job: Job) -> np.ndarray:
        """The columns (rows OW, K) of a job."""
        (kh, kw), (sh, sw), _, (dh, dw) = self.kernel, *self.geometry[:3]
        padded = self.padded(job, x.dtype)
        _, low, high = self.rows(job)
        np.copyto(framed(padded, *self.inside(job)), x[job.images, low:high])
        taps = 1 if dw == 1 else kw  # runs in a row of the kernel
        image, row, column, _ = padded.strides
        sizes = (len(padded), job.high - job.low, self.ow, kh, taps)
        steps = (image, row * sh, column * sw, row * dh, column * dw)
        cols = empty((*sizes, kw // taps * self.c), x.dtype)
        np.copyto(pixels(cols), runs(padded, kw // taps * self.c, sizes, steps))
        return cols.reshape(-1, self.k)

    def back(self, cols: np.ndarray, job: Job) -> np.ndarray:
        """The adjoint of `of`: the padded input's gradient from that of the columns."""
        (kh, kw), (sh, sw), _, (dh, dw) = self.kernel, *self.geometry[:3]
        padded, count = self.padded(job, cols.dtype), job.high - job.low
        padded.fill(0)
        cols = cols.reshape(len(padded), count, self.ow, kh, kw, self.c)
        for i in range(kh):
            for j in range(kw):
                place = padded[:, i * dh :: sh, j * dw :: sw][:, :count, : self.ow]
                np.add(place, cols[:, :, :, i, j], out=place)
        return padded


def convolve(
    x: np.ndarray, filters: np.ndarray, b: np.ndarray | None, kernel: tuple[int, int], geometry: Geometry
) -> np.ndarray:
    """y (N, OH, OW, O) from x (N, H, W, C) and filters (KH KW C, O)."""
    columns = Columns(x.shape, kernel, geometry)
    o = filters.shape[1]
    y = empty((columns.n, columns.oh, columns.ow, o), x.dtype)

    def part(job: Job, thread: int) -> None:
        out = y[job.images, job.low : job.high].reshape(-1, o)
        np.matmul(columns.of(x, job), filters, out=out)
        if b is not None:
            np.add(out, b, out=out)

    run(part, columns.jobs(), columns.operations(o))
    return y


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in channels-last memory."""
    o, _, kh, kw = w.shape
    filters = np.ascontiguousarray(w.transpose(2, 3, 1, 0)).reshape(-1, o)
    return channels_first(convolve(channels_last(x), filters, b, (kh, kw), geometry))


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    n, c, *size = shape
    o, _, kh, kw = w.shape
    last = channels_last(g)
    turned = [d * (k - 1) - p for k, p, d in zip((kh, kw), geometry.padding, geometry.dilation, strict=True)]
    if geometry.stride == (1, 1) and min(turned) >= 0:
        filters = np.ascontiguousarray(w[:, :, ::-1, ::-1].transpose(2, 3, 0, 1)).reshape(-1, c)
        around = Geometry((1, 1), (turned[0], turned[1]), geometry.dilation, 1)
        return channels_first(convolve(last, filters, None, (kh, kw), around))
    if geometry.dilation == (1, 1):
        return channels_first(phases.input_grad(last, w, (n, *size, c), geometry, convolve))
    columns = Columns((n, size[0], size[1], c), (kh, kw), geometry)
    filters = np.ascontiguousarray(w.transpose(0, 2, 3, 1)).reshape(o, -1)
    dx = empty((n, *size, c), g.dtype)

    def part(job: Job, thread: int) -> None:
        rows = last[job.images].reshape(-1, o)
        cols = np.matmul(rows, filters, out=empty((len(rows), columns.k), g.dtype))
        inside = columns.back(cols, job)[:, *columns.inside(job)]
        np.copyto(dx[job.images, : inside.shape[1]], inside)
        dx[job.images, inside.shape[1] :] = 0

    images = jobs(n, 1, columns.oh * columns.ow * columns.k, BLOCK)
    run(part, [job._replace(high=columns.oh) for job in images], columns.operations(o))
    return channels_first(dx)


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, KH, KW) = shape: every thread sums over its own blocks."""
    o, c, kh, kw = shape
    last_x, last_g = channels_last(x), channels_last(g)
    columns = Columns(last_x.shape, (kh, kw), geometry)
    sums = np.zeros((get_num_threads(), o, columns.k), g.dtype)

    def part(job: Job, thread: int) -> None:
        rows = last_g[job.images, job.low : job.high].reshape(-1, o)
        sums[thread] += rows.T @ columns.of(last_x, job)

    run(part, columns.jobs(), columns.operations(o))
    dw = np.add.reduce(sums, axis=0).reshape(o, kh, kw, c)
    return np.ascontiguousarray(dw.transpose(0, 3, 1, 2))
