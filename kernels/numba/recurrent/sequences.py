"""When compiled recurrences fit, how sequences are given to threads, and the gradients of what all steps share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from xdl.threads import get_num_threads, parallel

from ...common.buffers import empty
from ...common.walk import Walk, flat
from .. import sharing
from ..products import StepsProduct, padded, product, product_of_columns, product_of_steps, wide
from ..sharing import REALS, plain

Gradient = np.ndarray | None
ROWS = 4  # sequences that are computed together, so threads get multiples of them
CHUNK = 1 << 18  # bytes of the gates of a few steps, which stay in a core's cache
MULTIPLY, UNIT = 0.03, 3.0  # nanoseconds of a product with a recurrent weight, and of the functions of a unit
WHY = "float32 or float64, without projection, nothing empty"


def takes(*cells: str, steps: int = 1) -> Callable[..., bool]:
    """Whether the arguments of the slot are for one of these cells, without projection, in float32 or float64.

    steps: at least; to pack the weights of a small cell for one step takes as long as the step.
    """

    def when(x: np.ndarray, h: np.ndarray, *arguments: Any) -> bool:
        *_, w_hr, _, cell, _, _ = arguments
        fits = cell in cells and w_hr is None and x.dtype in REALS
        return fits and x.shape[0] >= steps and x.size > 0 < h.size

    return when


def share(
    loop: Callable[..., None],
    walk: Walk,
    w_hh: np.ndarray,
    *arguments: Any,
    flags: Sequence[bool] = (),
    before: StepsProduct | None = None,
    after: StepsProduct | None = None,
) -> None:
    """loop(*arguments, order, *flags, low, high) for all sequences, on several threads where there is work for them.

    before, after: what each thread computes for some steps before, or goes back and computes after them, while they are
    in its cache. Each sequence has the same bits whichever others are computed with it.
    """
    n, groups, order = walk.sequences, -(-walk.sequences // ROWS), walk.order()

    def part(low: int, high: int) -> None:
        count = max(1, CHUNK // ((high - low) * w_hh.nbytes // w_hh.shape[1]))
        chunks = [order[k : k + count] for k in range(0, walk.steps, count)] if before or after else [order]
        for chunk in chunks if after is None else reversed(chunks):
            if before:
                before(chunk, low, high)
            loop(*arguments, chunk, *flags, low, high)
            if after:
                after(chunk, low, high)

    if walk.steps * n * (w_hh.size * MULTIPLY + w_hh.shape[1] * UNIT) < sharing.WORTH or get_num_threads() == 1:
        part(0, n)
    else:
        parallel(lambda low, high, _: part(low * ROWS, min(n, high * ROWS)), groups)


def inputs_product(x: np.ndarray, w_ih: np.ndarray, gates: int) -> tuple[np.ndarray, StepsProduct | None]:
    """Room for x w_ih^T of all steps (T, N, gates, H), and what computes it; None if it is computed already."""
    if not wide(w_ih.T):
        return product(flat(plain(x)), w_ih.T).reshape(*x.shape[:2], gates, -1), None
    a = empty((*x.shape[:2], len(w_ih)), x.dtype)
    return a.reshape(*x.shape[:2], gates, -1), product_of_steps(plain(x), w_ih.T, a)


def share_back(
    loop: Callable[..., None],
    walk: Walk,
    w_hh: np.ndarray,
    *arguments: Any,
    d: np.ndarray,
    begin: int,
    x: np.ndarray,
    w_ih: np.ndarray,
    needs: Sequence[bool],
    flags: Sequence[bool] = (),
) -> Gradient:
    """The same backwards: fills d, and returns the gradient of x, if it is needed, from that of a: d[..., begin:]."""
    if not (needs[0] and wide(w_ih)):
        share(loop, walk, w_hh, *arguments, flags=flags)
        return product(flat(d), w_ih, begin).reshape(x.shape) if needs[0] else None
    dx = empty(x.shape, x.dtype)
    share(loop, walk, w_hh, *arguments, flags=flags, after=product_of_steps(d, w_ih, dx, begin))
    return dx


def bias_sum(b_ih: Gradient, b_hh: Gradient, w_hh: np.ndarray, gates: int) -> np.ndarray:
    """b_ih + b_hh, or zeros, (gates, H)."""
    both = np.zeros(len(w_hh), w_hh.dtype) if b_ih is None or b_hh is None else b_ih + b_hh
    return both.reshape(gates, -1)


def states(walk: Walk, first: np.ndarray) -> np.ndarray:
    """Room for the states between the steps (T + 1, N, H), with the first one in its place."""
    hs = empty((walk.steps + 1, *first.shape), first.dtype)
    hs[walk.first] = first
    return hs


def start(d: Gradient, begun: np.ndarray) -> np.ndarray:
    """begun (N, H or more) with the gradient of a last state in its first H columns, or zeros, to be changed."""
    if d is None:
        begun.fill(0)
    else:
        begun[:, : d.shape[1]] = d
        begun[:, d.shape[1] :] = 0
    return begun


def outputs_gradient(dy: Gradient, hs: np.ndarray) -> np.ndarray:
    """dy (T, N, H) in C order, or zeros."""
    return np.zeros_like(hs[1:]) if dy is None else plain(dy)


def gradients_room(like: np.ndarray, numbers: int) -> np.ndarray:
    """Room for the gradients before the activations (T, N, at least `numbers`) of all steps of like (T, N, ...)."""
    return empty((*like.shape[:2], padded(numbers, like.dtype)), like.dtype)


def weights_gradient(d: np.ndarray, low: int, high: int, x: np.ndarray) -> np.ndarray:
    """The gradient of w from that of x w^T over all steps, which is d[..., low:high]."""
    return product_of_columns(flat(d), low, high, flat(plain(x)))
