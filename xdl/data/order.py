"""The indices of a pass, made when they are asked for: a pass of 10**12 samples takes no more memory than one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import lru_cache
from typing import Any

import numpy as np

from xdl import backend
from xdl.data.collate import host
from xdl.errors import DataError, KindError, RangeError, expect
from xdl.random import Stream
from xdl.random.philox import philox_words
from xdl.tensor import Tensor

BLOCK = 1 << 16  # indices that are made at once


class Order:
    """`length` indices, int64, in blocks of `block`; make(i) gives block i, and the two made last are kept.

    What is drawn was fixed when the order was made, so any thread may ask for any piece at any time.
    """

    def __init__(self, length: int, block: int, make: Callable[[int], np.ndarray]) -> None:
        self.length, self.block = length, max(block, 1)
        self._make = lru_cache(maxsize=2)(make)

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[int]:
        for start in range(0, self.length, BLOCK):
            yield from self.piece(start, min(start + BLOCK, self.length)).tolist()

    def piece(self, start: int, stop: int) -> np.ndarray:
        """The indices from number `start` to before number `stop`."""
        parts = []
        for i in range(start // self.block, -(-stop // self.block)):
            before = i * self.block
            parts.append(self._make(i)[max(start - before, 0) : stop - before])
        return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.int64), *parts])

    def whole(self) -> np.ndarray:
        """All of them."""
        return self.piece(0, self.length)


class Batches(Sequence[np.ndarray]):
    """An order cut into batches of `size`; drop_last leaves a smaller last one out."""

    def __init__(self, order: Order, size: int, drop_last: bool) -> None:
        self.order, self.size = order, size
        self.end = len(order) - len(order) % size if drop_last else len(order)

    def __len__(self) -> int:
        return -(-self.end // self.size)

    def __getitem__(self, number: Any) -> Any:
        if not 0 <= number < len(self):
            raise IndexError(f"Batches: expected a number in [0, {len(self)}), found {number}")
        start = number * self.size
        return self.order.piece(start, min(start + self.size, self.end))


def given(indices: Any) -> Order:
    """The order of these indices: a range, or what `as_indices` takes."""
    if not isinstance(indices, range):
        array = as_indices("sampler", indices)
        return Order(len(array), len(array), lambda _: array)

    def block(i: int) -> np.ndarray:
        some = indices[i * BLOCK : (i + 1) * BLOCK]
        return np.arange(some.start, some.stop, some.step, dtype=np.int64)

    return Order(len(indices), BLOCK, block)


def permuted(stream: Stream, size: int, wanted: int) -> Order:
    """`wanted` indices below `size`: permutation after permutation, each a step of the stream; all steps are taken."""
    own = copy(stream)
    stream.step += max(1, -(-wanted // max(size, 1)))

    def round_of(i: int) -> np.ndarray:
        at = copy(own)
        at.step = own.step + i
        permutation: np.ndarray = at.permutation(size, host_array())
        return permutation

    return Order(wanted, size, round_of)


def drawn(stream: Stream, wanted: int, convert: Callable[[np.ndarray], np.ndarray]) -> Order:
    """`wanted` indices, each cut by `convert` from a word of the stream's next step, uint64 to int64."""
    key, step = stream.draw()

    def block(i: int) -> np.ndarray:
        count = min(BLOCK, wanted - i * BLOCK)
        return convert(philox_words(host_array(), key, step, i * BLOCK // 4, count)[1])

    return Order(wanted, BLOCK, block)


def as_indices(operation: str, indices: Any) -> np.ndarray:
    """A list, array or Tensor of integers as int64 (n,). Raises DataError for anything else."""
    return whole_numbers(operation, indices, "integer indices").reshape(-1)


def whole_numbers(operation: str, indices: Any, what: str = "whole numbers") -> np.ndarray:
    """A list, array or Tensor of integers as int64, of its own shape. Raises DataError, with `what`, for others."""
    try:
        if not isinstance(indices, Tensor | np.ndarray):
            indices = [one.item() if isinstance(one, Tensor) else one for one in indices]
        array = host(indices)
        fits = array.dtype.kind in "iu" or not array.size
        if fits and (array.dtype != np.uint64 or not array.size or int(array.max()) < 1 << 63):
            return array.astype(np.int64, copy=False)
        found = array.dtype
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(operation, what, f"{type(indices).__name__}: {error}") from error
    hint = "Of a mask take the indices: np.flatnonzero(mask)" if found.kind == "b" else ""
    raise DataError(operation, f"{what} of 64 bits", found, hint)


def checked_index(operation: str, index: Any, size: int) -> int:
    """An index of a sample, counted from 0. Raises KindError for no whole number, RangeError outside [-size, size)."""
    whole = isinstance(index, int | np.integer) and not isinstance(index, bool)
    expect(whole, KindError, operation, "an index: a whole number", repr(index))
    expect(-size <= index < size, RangeError, operation, f"an index in [{-size}, {size})", index)
    return int(index) % size


def host_array() -> Any:
    """An array that tells a stream to draw on the host."""
    return backend.load("numpy").asarray([], "uint64")
