"""How a sequence is walked: which step comes when, on which rows, and where the states lie.

hs (T + 1, N, H) holds the states between the steps: forwards hs[0] is the first and hs[t + 1] that after step t;
in reverse hs[T] is the first and hs[t] that after step t. So the outputs of all steps are one view of hs, and so are
the states before all steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from xdl.functional.recurrent.recurrence import Sizes, order
from xdl.threads import get_num_threads, parallel, serial

PARALLEL = 1 << 16  # gates of a step; below, the threads wait for the interpreter more often than they gain


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

    def share(self, part: Callable[[int, int], None], gates: int) -> None:
        """Calls part(low, high) for rows of all sequences, on several threads where a step has enough gates.

        Else BLAS has one thread too: cutting the small product of a step takes longer than the product.
        """
        few = self.sequences * gates < PARALLEL or self.sequences < 2 * get_num_threads()
        (serial if few else parallel)(partial(_without_thread, part), self.sequences)


def _without_thread(part: Callable[[int, int], None], low: int, high: int, thread: int) -> None:
    part(low, high)


def sigmoid_of_negative(z: np.ndarray) -> None:
    """z = 1 / (1 + e**z) in place: sigmoid of -z. Beyond e**88 it is 0, and NumPy's warning is left to the caller."""
    np.exp(z, out=z)
    z += 1
    np.reciprocal(z, out=z)


def flat(x: np.ndarray) -> np.ndarray:
    """x (T, N, K) as rows (T N, K)."""
    return x.reshape(-1, x.shape[-1])


def product(x: np.ndarray, w: np.ndarray, biases: Sequence[np.ndarray | None]) -> np.ndarray:
    """x (T, N, I) w^T and the sum of the biases, as one GEMM."""
    y: np.ndarray = flat(x) @ w.T
    for b in biases:
        if b is not None:
            y += b
    return y.reshape(*x.shape[:2], len(w))
