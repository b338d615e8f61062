"""Dropout in blocks that stay in cache: words, mask, factors and product of one block before the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.elementwise.dropout import dropout_pair, scale
from xdl.threads import parallel

from ..common.buffers import empty
from .philox import generator
from .slots import register

BLOCK = 1 << 16  # elements: 0.9 MB in flight for float32
LONG = 1 << 17  # elements; below, 150 microseconds of work on one thread


@register(dropout_pair)
class dropout_pair_numpy:
    @staticmethod
    def forward(x: Any, drop: int, key: tuple[int, int], step: int) -> tuple[np.ndarray, tuple[np.ndarray, int]]:
        keep = empty(x.shape, np.bool_)
        return _masked(x, keep, drop, (key, step)), (keep, drop)

    @staticmethod
    def backward(g: Any, saved: tuple[np.ndarray, int], needs: Any) -> tuple[np.ndarray]:
        keep, drop = saved
        return (_masked(g, keep, drop, None),)


def _masked(x: Any, keep: np.ndarray, drop: int, draw: tuple[tuple[int, int], int] | None) -> np.ndarray:
    """x keep scale; with `draw` = (key, step), keep is drawn first."""
    y = empty(x.shape, x.dtype)
    flat_x, flat_y, flat_keep = np.asarray(x, order="C").reshape(-1), y.reshape(-1), keep.reshape(-1)
    n = flat_x.size

    def part(low: int, high: int, thread: int) -> None:
        buffer = np.empty(min(n, BLOCK), x.dtype)
        bits = None if draw is None else generator(*draw, low * BLOCK // 16)
        for start in range(low * BLOCK, min(high * BLOCK, n), BLOCK):
            block = slice(start, start + BLOCK)
            kept, factors = flat_keep[block], buffer[: n - start]
            if bits is not None:
                words = bits.random_raw(-(-kept.size // 4)).astype("<u8", copy=False)
                np.greater_equal(words.view("<u2")[: kept.size], drop, out=kept)
            np.copyto(factors, kept)
            np.multiply(factors, scale(drop), out=factors)
            np.multiply(flat_x[block], factors, out=flat_y[block])

    blocks = -(-n // BLOCK)
    if n < LONG:
        part(0, blocks, 0)
    else:
        parallel(part, blocks)
    return y
