"""How attention is cut: into blocks of scores that stay in the cache, whose sizes depend on the shapes alone.

q (N, H, L, E), scores of a block (n, h, l, S): all queries of some heads, or some queries of one head.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..sharing import plain

BLOCK = 1 << 18  # scores of a block
UNITS, LEAST = 8, 1 << 15  # into which the heads are cut, so that threads can share them, and scores of one at least
QUERIES = 64  # of a block at least
FEW = 1 << 20  # scores of all heads, up to which their weights are kept for the backward pass
Unit = tuple[slice, slice]  # of the sequences, and of their heads


@dataclass(frozen=True)
class Plan:
    """units: the heads that are worked on together; queries: of a block. masks, see `Masks`; or None."""

    heads: tuple[int, int]
    queries: int
    keys: int
    is_causal: bool
    masks: Masks | None

    @property
    def keeps(self) -> bool:
        """Whether the weights are so few that it is worth to keep them."""
        return self.heads[0] * self.heads[1] * self.queries * self.keys <= FEW

    @cached_property
    def together(self) -> tuple[int, int]:
        """How many sequences, and heads of each, make a unit."""
        n, h = self.heads
        scores = self.queries * self.keys
        most = max(1, min(BLOCK // scores, max(n * h // UNITS, LEAST // scores)))
        return (most // h, h) if most >= h else (1, most)

    @cached_property
    def units(self) -> list[Unit]:
        """All of them."""
        (n, h), (some, of_each) = self.heads, self.together
        return [
            (slice(i, min(i + some, n)), slice(j, min(j + of_each, h)))
            for i in range(0, n, some)
            for j in range(0, h, of_each)
        ]

    def causal(self, first: int) -> int:
        """How many keys that query may see, each further one sees one more; 0: all see all."""
        return first + 1 if self.is_causal else 0

    def blocks(self) -> Iterator[tuple[int, int, int]]:
        """(first, last, keys): queries first to last of a unit, and how many keys these may see."""
        some_hidden = self.is_causal or (self.masks is not None and self.masks.ends is not None)
        size = max(QUERIES, min(BLOCK // self.keys, self.queries // 4 if some_hidden else self.queries))
        for first in range(0, self.queries, size):
            last = min(first + size, self.queries)
            seen = min(last, self.keys) if self.is_causal else self.keys
            yield first, last, seen if self.masks is None else min(seen, self.masks.until(first, last))


@dataclass(frozen=True)
class Masks:
    """Rows of numbers or bools (M, S); of each head the first (N, H), and the step from query to query, 1 or 0."""

    rows: np.ndarray
    first: np.ndarray
    step: int

    @cached_property
    def ends(self) -> np.ndarray | None:
        """How many keys each query may see at most, where all heads share the rows; else None."""
        if not self.step or self.first.any():
            return None
        seen = self.rows if self.rows.dtype == bool else self.rows > -np.inf
        ends: np.ndarray = self.rows.shape[1] - np.argmax(seen[:, ::-1], axis=1)
        return ends

    def until(self, first: int, last: int) -> int:
        """How many keys queries first to last may see at most, as far as that is known."""
        return self.rows.shape[1] if self.ends is None else int(self.ends[first:last].max())


def masks_of(mask: np.ndarray, heads: tuple[int, int], keys: int, dtype: Any) -> Masks:
    """Those of a mask that broadcasts to (N, H, L, S)."""
    mask = mask.reshape((1,) * (4 - mask.ndim) + mask.shape)
    a, b, c, _ = mask.shape
    rows = plain(np.broadcast_to(mask, (a, b, c, keys)).astype(mask.dtype if mask.dtype == bool else dtype, copy=False))
    sequence, head = (np.arange(n) * (size > 1) for n, size in zip(heads, (a, b), strict=True))
    return Masks(rows.reshape(-1, keys), (sequence[:, None] * b + head) * c, int(c > 1))
