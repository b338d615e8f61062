"""Fused optimizer steps for NumPy: blocks of the flat buffers that stay in cache, every pass in place."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import sqrt

import numpy as np

from xdl.optim.adam import adam_update
from xdl.optim.sgd import sgd_update
from xdl.threads import parallel

BLOCK = 1 << 15  # elements: five blocks of float32 stay in the L2 cache
PARALLEL = 1 << 20  # elements; below, the threads wait for the interpreter more often than they gain


def _blocks(part: Callable[[slice, np.ndarray, np.ndarray], None], p: np.ndarray) -> None:
    """Calls part(block, w, u) for each block of p, with two scratch arrays of the block's length."""

    def piece(low: int, high: int, thread: int) -> None:
        scratch = _scratch(p.dtype, thread)
        for i in range(low, high, BLOCK):
            j = min(i + BLOCK, high)
            part(slice(i, j), scratch[0, : j - i], scratch[1, : j - i])

    if p.size < PARALLEL:
        piece(0, p.size, 0)
    else:
        parallel(piece, p.size)


@cache
def _scratch(dtype: np.dtype, thread: int) -> np.ndarray:
    return np.empty((2, BLOCK), dtype)


@sgd_update.register("numpy")
class sgd_blocks:
    """One step of SGD on flat p, in place."""

    @staticmethod
    def forward(
        p: np.ndarray,
        g: np.ndarray,
        b: np.ndarray | None,
        first: bool,
        lr: float,
        momentum: float,
        dampening: float,
        weight_decay: float,
        nesterov: bool,
    ) -> tuple[None, None]:
        def part(block: slice, w: np.ndarray, u: np.ndarray) -> None:
            d = g[block]
            if weight_decay:
                np.multiply(p[block], weight_decay, out=w)
                d = np.add(w, d, out=w)
            if b is not None:
                past = b[block]
                if first:
                    past[...] = d
                else:
                    np.multiply(past, momentum, out=past)
                    np.add(past, np.multiply(d, 1 - dampening, out=u), out=past)
                d = np.add(np.multiply(past, momentum, out=u), d, out=u) if nesterov else past
            np.subtract(p[block], np.multiply(d, lr, out=u), out=p[block])

        _blocks(part, p)
        return None, None


@adam_update.register("numpy")
class adam_blocks:
    """One step of Adam or AdamW on flat p, m and v, in place.

    With r = sqrt(1 - beta2**t) the step lr / (1 - beta1**t) m / (sqrt(v) / r + eps) is
    (lr r / (1 - beta1**t)) m / (sqrt(v) + eps r): one division a value.
    """

    @staticmethod
    def forward(
        p: np.ndarray,
        g: np.ndarray,
        m: np.ndarray,
        v: np.ndarray,
        t: int,
        lr: float,
        beta1: float,
        beta2: float,
        eps: float,
        weight_decay: float,
        decoupled: bool,
    ) -> tuple[None, None]:
        r = sqrt(1 - beta2**t)
        rate = lr * r / (1 - beta1**t)

        def part(block: slice, w: np.ndarray, u: np.ndarray) -> None:
            q, d, first, second = p[block], g[block], m[block], v[block]
            if weight_decay and decoupled:
                np.multiply(q, 1 - lr * weight_decay, out=q)
            elif weight_decay:
                d = np.add(np.multiply(q, weight_decay, out=u), d, out=u)
            np.multiply(first, beta1, out=first)
            np.add(first, np.multiply(d, 1 - beta1, out=w), out=first)
            np.multiply(w, d, out=w)
            np.multiply(w, (1 - beta2) / (1 - beta1), out=w)
            np.multiply(second, beta2, out=second)
            np.add(second, w, out=second)
            np.sqrt(second, out=w)
            np.add(w, eps * r, out=w)
            np.divide(first, w, out=w)
            np.multiply(w, rate, out=w)
            np.subtract(q, w, out=q)

        _blocks(part, p)
        return None, None
