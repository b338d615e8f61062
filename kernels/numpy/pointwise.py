"""Functions of elements on NumPy arrays: in blocks whose temporaries stay in cache, in the order of the memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xdl.functional.elementwise.unary import pointwise
from xdl.threads import parallel

from ..common.buffers import empty
from ..common.memory_order import memory_order
from .slots import register

SMALLEST = 1 << 15  # elements; below, the temporaries of the whole array stay in cache
BLOCK = 1 << 17  # elements: calls long enough that the threads seldom meet at the interpreter
PARALLEL = 1 << 20  # elements; below, the threads wait for the interpreter more often than they gain


def in_blocks(part: Callable[..., None], x: np.ndarray, *more: np.ndarray, results: int = 1) -> list[np.ndarray]:
    """New arrays like x (dense), filled by part(out_1, ..., x, *more) called on blocks of all of them."""
    order = memory_order(x) or []
    back = np.argsort(order)
    flat = [np.ascontiguousarray(a.transpose(order)).reshape(-1) for a in (x, *more)]
    made = [empty(x.transpose(order).shape, x.dtype) for _ in range(results)]
    outs = [y.reshape(-1) for y in made]

    def piece(low: int, high: int, thread: int) -> None:
        for i in range(low, high, BLOCK):
            j = min(i + BLOCK, high)
            part(*[a[i:j] for a in (*outs, *flat)])

    if x.size < PARALLEL:
        piece(0, x.size, 0)
    else:
        parallel(piece, x.size)
    return [y.transpose(back) for y in made]


def _large(x: np.ndarray, f: Callable[..., np.ndarray], *more: np.ndarray) -> bool:
    return x.size > SMALLEST and memory_order(x) is not None and all(a.shape == x.shape for a in more)


@register(pointwise, when=_large, why=f"dense arrays of one shape with more than {SMALLEST} elements")
class pointwise_blocks:
    """y = f(x, *more)."""

    @staticmethod
    def forward(x: np.ndarray, f: Callable[..., np.ndarray], *more: np.ndarray) -> tuple[np.ndarray, None]:
        def part(out: np.ndarray, *blocks: np.ndarray) -> None:
            out[...] = f(*blocks)

        return in_blocks(part, x, *more)[0], None
