"""When compiled recurrences fit, how sequences are given to threads, and the gradients of what all steps share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from xdl.threads import get_num_threads, parallel

from ...common.buffers import empty
from ...common.walk import Walk, flat
from .. import sharing
from ..products import padded, product, product_of_columns
from ..sharing import REALS, plain

Gradient = np.ndarray | None
ROWS = 4  # sequences that are computed together, so threads get multiples of them
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


def share(loop: Callable[..., None], walk: Walk, w_hh: np.ndarray, *arguments: Any) -> None:
    """loop(*arguments, low, high) for all sequences, on several threads where there is work for them.

    Each sequence has the same bits whichever others are computed with it.
    """
    n, groups = walk.sequences, -(-walk.sequences // ROWS)
    if walk.steps * n * (w_hh.size * MULTIPLY + w_hh.shape[1] * UNIT) < sharing.WORTH or get_num_threads() == 1:
        loop(*arguments, 0, n)
    else:
        parallel(lambda low, high, _: loop(*arguments, low * ROWS, min(n, high * ROWS)), groups)


def inputs_product(x: np.ndarray, w_ih: np.ndarray, gates: int) -> np.ndarray:
    """x w_ih^T of all steps, (T, N, gates, H)."""
    return product(flat(plain(x)), w_ih.T).reshape(*x.shape[:2], gates, -1)


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


def of_inputs(
    d: np.ndarray, low: int, x: np.ndarray, w_ih: np.ndarray, needs: Sequence[bool]
) -> tuple[Gradient, np.ndarray]:
    """The gradients of x, where it needs one, and of w_ih, from that of a = x w_ih^T: d[..., low:]."""
    rows = flat(d)
    dw = product_of_columns(rows, low, low + len(w_ih), flat(plain(x)))
    return product(rows, w_ih, low).reshape(x.shape) if needs[0] else None, dw
