"""Elman's network for NumPy: h' = tanh or relu of x w_ih^T + b_ih + h w_hh^T + b_hh, in the buffer of all states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.walk import Walk
from .steps import product, share


@dataclass(frozen=True)
class Kept:
    """What the backward pass reads: hs (T + 1, N, H), see `walk.py`; relu: the function."""

    walk: Walk
    hs: np.ndarray
    relu: bool


def rnn_forward(
    walk: Walk,
    x: np.ndarray,
    h: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b_ih: np.ndarray | None,
    b_hh: np.ndarray | None,
    relu: bool,
) -> Kept:
    """All steps."""
    hidden = w_hh.shape[1]
    z = product(x, w_ih, (b_ih, b_hh))
    recurrent = np.ascontiguousarray(w_hh.T)
    hs = np.empty((walk.steps + 1, walk.sequences, hidden), x.dtype)
    hs[walk.first] = h

    def part(low: int, high: int) -> None:
        for t, before, after, here, away in walk.visits(low, high):
            new = hs[after, here]
            np.matmul(hs[before, here], recurrent, out=new)
            new += z[t, here]
            if relu:
                np.maximum(new, 0, out=new)
            else:
                np.tanh(new, out=new)
            hs[after, away] = hs[before, away]

    share(walk, part, hidden)
    return Kept(walk, hs, relu)


def rnn_backward(kept: Kept, dy: np.ndarray | None, dh: np.ndarray, w_hh: np.ndarray) -> np.ndarray:
    """dz (T, N, H) = dh (1 - h'**2), or dh where h' is not 0; dh, of the last h, becomes that of the first: dz w_hh."""
    walk, hidden = kept.walk, w_hh.shape[1]
    shape = (walk.steps, *kept.hs.shape[1:])
    dz = (np.empty if walk.sizes is None else np.zeros)(shape, kept.hs.dtype)

    def part(low: int, high: int) -> None:
        for t, _, after, here, _ in reversed(walk.visits(low, high)):
            d, new, dh_t = dz[t, here], kept.hs[after, here], dh[here]
            if dy is not None:
                dh_t += dy[t, here]
            if kept.relu:
                d.fill(0)
                np.copyto(d, dh_t, where=new != 0)
            else:
                np.multiply(new, new, out=d)
                np.subtract(1, d, out=d)
                d *= dh_t
            np.matmul(d, w_hh, out=dh_t)

    share(walk, part, hidden)
    return dz
