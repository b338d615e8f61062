"""Channels-last memory for NumPy's convolutions, and blocks of images for its threads.

A tensor is (N, C, H, W) to everybody. In dense channels-last memory, (N, H, W, C) behind those strides, the values
of a pixel lie side by side: columns and tiles are copied in runs of C values and products give their results in
place. NumPy's elementwise functions keep the layout, so that it lasts from layer to layer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from xdl.threads import get_num_threads, parallel, serial

from ..common.convolutions import channels_last as channels_last

PARALLEL = 1e8  # operations, about half a millisecond; below, waking a thread costs more than it gains


class Job(NamedTuple):
    """What a thread does at a time: rows low to high of the images first to last, without the ends."""

    first: int
    last: int
    low: int
    high: int

    @property
    def images(self) -> slice:
        """The images."""
        return slice(self.first, self.last)

    @property
    def shape(self) -> tuple[int, int]:
        """How many images, and rows of each."""
        return self.last - self.first, self.high - self.low

    @property
    def rows(self) -> int:
        """How many rows in all."""
        return (self.last - self.first) * (self.high - self.low)


def channels_first(y: np.ndarray) -> np.ndarray:
    """(N, C, H, W) over the memory of y (N, H, W, C)."""
    return y.transpose(0, 3, 1, 2)


def is_channels_last(x: np.ndarray) -> bool:
    """Whether x (N, C, H, W) lies in dense channels-last memory."""
    return x.transpose(0, 2, 3, 1).flags.c_contiguous


def framed(padded: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    """The rows and columns of images (N, H, W, C), with zeros written around them."""
    padded[:, : rows.start] = 0
    padded[:, rows.stop :] = 0
    padded[:, rows, : columns.start] = 0
    padded[:, rows, columns.stop :] = 0
    return padded[:, rows, columns]


def pixels(x: np.ndarray) -> np.ndarray:
    """x (..., C) with the C values of a pixel as one item, which NumPy copies in one go."""
    items: np.ndarray = x.view(_item(x.shape[-1] * x.itemsize))[..., 0]
    return items


def runs(x: np.ndarray, length: int, sizes: tuple[int, ...], steps: tuple[int, ...]) -> np.ndarray:
    """Items of `length` neighbouring values of contiguous x, at any steps (bytes); they may overlap. To read only."""
    return np.ndarray(sizes, _item(length * x.itemsize), x, 0, steps)


@cache
def _item(size: int) -> np.dtype:
    """Items of `size` bytes."""
    return np.dtype((np.void, size))


def jobs(images: int, rows: int, cost: int, budget: int) -> list[Job]:
    """Cuts all rows of all images so that a job costs about `budget`, where a row costs `cost`."""
    image = max(1, rows * cost)
    if image <= budget or rows < 2:
        threads = get_num_threads()
        count = -(-images // max(1, budget // image))  # jobs, the same number for every thread
        step = max(1, -(-images // (-(-count // threads) * threads)) if count else 1)
        even = (size for size in range(step, step * 2 // 3, -1) if images % (size * threads) == 0)
        step = next(even, step)  # jobs of one shape, if that cuts no more than a third off
        return [Job(i, min(i + step, images), 0, rows) for i in range(0, images, step)]
    step = max(1, budget // max(1, cost))
    return [Job(i, i + 1, low, min(low + step, rows)) for i in range(images) for low in range(0, rows, step)]


def run(part: Callable[[Any, int], None], work: list[Any], operations: float) -> None:
    """Calls part(item, thread) for all items of work, in parallel where they are worth it."""

    def items(low: int, high: int, thread: int) -> None:
        for item in work[low:high]:
            part(item, thread)

    (serial if operations < PARALLEL else parallel)(items, len(work))
