"""How the fused optimizer steps walk over flat buffers: blocks that stay in cache, shared out to the threads."""

from __future__ import annotations

from collections.abc import Callable
from threading import local

import numpy as np

from xdl.threads import parallel

BLOCK = 1 << 18  # elements: calls long enough that the threads seldom meet at the interpreter
PARALLEL = 1 << 20  # elements; below, the threads wait for the interpreter more often than they gain


Part = Callable[[slice, np.ndarray, np.ndarray, np.ndarray], None]


def blocks(part: Part, p: np.ndarray, grads: list[np.ndarray]) -> None:
    """Calls part(block, g, w, u) for each block of p and its part g of the gradients, end to end; w, u: scratch."""

    def piece(low: int, high: int, thread: int) -> None:
        scratch = _scratch.rows[p.dtype]
        start = 0
        for g in grads:
            end = start + len(g)
            for i in range(max(low, start), min(high, end), BLOCK):
                j = min(i + BLOCK, high, end)
                part(slice(i, j), g[i - start : j - start], scratch[0, : j - i], scratch[1, : j - i])
            start = end

    if p.size < PARALLEL:
        piece(0, p.size, 0)
    else:
        parallel(piece, p.size)


class _Rows(dict[np.dtype, np.ndarray]):
    """For each dtype two rows of BLOCK values, made when they are first asked for."""

    def __missing__(self, dtype: np.dtype) -> np.ndarray:
        self[dtype] = rows = np.empty((2, BLOCK), dtype)
        return rows


class _Scratch(local):
    """Of every thread, the pool's and the user's, the rows that it works on."""

    def __init__(self) -> None:
        self.rows = _Rows()


_scratch = _Scratch()


def descent(p: np.ndarray, g: np.ndarray, weight_decay: float, maximize: bool, out: np.ndarray) -> np.ndarray:
    """g, or -g where a maximum is sought, plus weight_decay p: in out, or g itself where nothing changes."""
    if weight_decay:
        np.multiply(p, weight_decay, out=out)
        combine = np.subtract if maximize else np.add
        combine(out, g, out=out)
        return out
    if maximize:
        np.negative(g, out=out)
        return out
    return g


def average(a: np.ndarray, x: np.ndarray, beta: float, scratch: np.ndarray) -> None:
    """a = beta a + (1 - beta) x, in place; scratch may be x."""
    np.multiply(x, 1 - beta, out=scratch)
    np.multiply(a, beta, out=a)
    np.add(a, scratch, out=a)
