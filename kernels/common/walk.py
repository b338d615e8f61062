"""How a sequence is walked: which step comes when, on which rows, and where the states lie.

hs (T + 1, N, H) holds the states between the steps: forwards hs[0] is the first and hs[t + 1] that after step t;
in reverse hs[T] is the first and hs[t] that after step t. So the outputs of all steps are one view of hs, and so are
the states before all steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xdl.functional.recurrent.recurrence import Sizes, order


@dataclass(frozen=True)
class Walk:
    """T steps of N sequences, in one direction. sizes: how many sequences are there at each step, or None."""

    steps: int
    sequences: int
    sizes: Sizes
    reverse: bool

    def visits(self, low: int, high: int) -> list[tuple[int, int, int, slice, slice]]:
        """(t, place in hs before, and after; rows of low to high that are there, and that are not) of each step."""
        found = []
        for t, n in order(self.steps, self.sequences, self.sizes, self.reverse):
            end = min(high, max(low, n))
            found.append((t, t + self.reverse, t + (not self.reverse), slice(low, end), slice(end, high)))
        return found

    def order(self) -> np.ndarray:
        """(T, 4): of each step t, the place in hs before and after, and how many sequences are there."""
        t = np.arange(self.steps)[:: -1 if self.reverse else 1]
        counts = self.sequences if self.sizes is None else np.asarray(self.sizes)[t]
        found = np.empty((self.steps, 4), np.int64)
        found[:, 0], found[:, 1], found[:, 2], found[:, 3] = t, t + self.reverse, t + (not self.reverse), counts
        return found

    @property
    def outputs(self) -> slice:
        """Where in hs the states after the steps lie."""
        return slice(0, -1) if self.reverse else slice(1, None)

    @property
    def befores(self) -> slice:
        """Where in hs the states before the steps lie."""
        return slice(1, None) if self.reverse else slice(0, -1)

    @property
    def first(self) -> int:
        """Where in hs the first state lies."""
        return self.steps if self.reverse else 0

    @property
    def last(self) -> int:
        """Where in hs the last state lies."""
        return 0 if self.reverse else self.steps

    def without_padding(self, y: np.ndarray) -> np.ndarray:
        """y (T, N, H) with zeros where sequences have no step: a copy there, else y itself."""
        if self.sizes is None:
            return y
        y = y.copy()
        for t, n in enumerate(self.sizes):
            y[t, n:] = 0
        return y


def flat(x: np.ndarray) -> np.ndarray:
    """x (T, N, K) as rows (T N, K)."""
    return x.reshape(-1, x.shape[-1])


def results(walk: Walk, hs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The outputs of all steps, and a copy of the last state."""
    return walk.without_padding(hs[walk.outputs]), hs[walk.last].copy()
