"""What the cells share: how their sequences are given to threads, the sigmoid, and the product of all inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from xdl.threads import get_num_threads, parallel, serial

from ...common.walk import Walk, flat

PARALLEL = 1 << 16  # gates of a step; below, the threads wait for the interpreter more often than they gain


def share(walk: Walk, part: Callable[[int, int], None], gates: int) -> None:
    """Calls part(low, high) for rows of all sequences, on several threads where a step has enough gates.

    Else BLAS has one thread too: cutting the small product of a step takes longer than the product.
    """
    few = walk.sequences * gates < PARALLEL or walk.sequences < 2 * get_num_threads()
    (serial if few else parallel)(partial(_without_thread, part), walk.sequences)


def _without_thread(part: Callable[[int, int], None], low: int, high: int, thread: int) -> None:
    part(low, high)


def sigmoid_of_negative(z: np.ndarray) -> None:
    """z = 1 / (1 + e**z) in place: sigmoid of -z. Beyond e**88 it is 0, and NumPy's warning is left to the caller."""
    np.exp(z, out=z)
    z += 1
    np.reciprocal(z, out=z)


def product(x: np.ndarray, w: np.ndarray, biases: Sequence[np.ndarray | None]) -> np.ndarray:
    """x (T, N, I) w^T and the sum of the biases, as one GEMM."""
    y: np.ndarray = flat(x) @ w.T
    for b in biases:
        if b is not None:
            y += b
    return y.reshape(*x.shape[:2], len(w))
