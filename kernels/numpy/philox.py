"""Philox words from NumPy's own generator, on all threads for long requests, and their pieces without a copy."""

from __future__ import annotations

import sys

import numpy as np

from xdl.random.philox import philox_words, word_pieces
from xdl.threads import parallel

from ..common.buffers import empty
from .slots import register

CHUNK = 1 << 13  # words that a thread draws at a time: 64 KiB
LONG = 1 << 16  # words; below, 200 microseconds of work on one thread


def generator(key: tuple[int, int], step: int, first: int) -> np.random.Philox:
    """NumPy's generator at block `first` of a step."""
    return np.random.Philox(key=np.array(key, dtype=np.uint64), counter=np.array([first, step, 0, 0], dtype=np.uint64))


@register(philox_words)
class philox_words_numpy:
    @staticmethod
    def forward(like: np.ndarray, key: tuple[int, int], step: int, first: int, n: int) -> tuple[np.ndarray, None]:
        if n < LONG:
            return generator(key, step, first).random_raw(n), None
        words = empty((n,), np.uint64)

        def part(low: int, high: int, thread: int) -> None:
            bits = generator(key, step, first + low * CHUNK // 4)
            for start in range(low * CHUNK, min(high * CHUNK, n), CHUNK):
                stop = min(start + CHUNK, n)
                words[start:stop] = bits.random_raw(stop - start)

        parallel(part, -(-n // CHUNK))
        return words, None


def _lowest_first(words: np.ndarray, bits: int) -> bool:
    return sys.byteorder == "little" and words.flags.c_contiguous


@register(word_pieces, when=_lowest_first, why="words in C order on a machine that stores the lowest bits first")
class word_pieces_numpy:
    @staticmethod
    def forward(words: np.ndarray, bits: int) -> tuple[np.ndarray, None]:
        return words.view(f"uint{bits}"), None
