"""LSTM for NumPy: the gates of all steps in one buffer, from z to i, f, g, o in place.

sigmoid(z) = 1 / (1 + e**-z): the rows of i, f and o in the weights and biases change their sign before. NumPy's exp is
twice as fast as its tanh. A step is one product of h with w_hh and a dozen operations without new arrays.

T steps, N sequences, I inputs, H units; z, dz (T, N, 4 H)   hs, cs (T + 1, N, H), see `steps.py`   t = tanh(c')
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .steps import Walk, product, sigmoid_of_negative


@dataclass(frozen=True)
class Kept:
    """What the backward pass reads: gates (T, N, 4 H) after their functions, the states, and tanh of each c'."""

    walk: Walk
    gates: np.ndarray
    hs: np.ndarray
    cs: np.ndarray
    tanh_c: np.ndarray


def lstm_forward(
    walk: Walk,
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b_ih: np.ndarray | None,
    b_hh: np.ndarray | None,
) -> Kept:
    """All steps: z = x w_ih^T + b_ih + h w_hh^T + b_hh, then the gates and states."""
    hidden, dtype = w_hh.shape[1], x.dtype
    signs = np.full(4 * hidden, -1, dtype)
    signs[2 * hidden : 3 * hidden] = 1
    z = product(x, w_ih * signs[:, None], [None if b is None else b * signs for b in (b_ih, b_hh)])
    recurrent = np.ascontiguousarray((w_hh * signs[:, None]).T)
    hs, cs = (np.empty((walk.steps + 1, walk.sequences, hidden), dtype) for _ in range(2))
    tanh_c = np.empty((walk.steps, walk.sequences, hidden), dtype)
    hs[walk.first], cs[walk.first] = h, c

    @np.errstate(over="ignore")
    def part(low: int, high: int) -> None:
        products, new = np.empty((high - low, 4 * hidden), dtype), np.empty((high - low, hidden), dtype)
        for t, before, after, here, away in walk.visits(low, high):
            n = here.stop - low
            gates, new_c, u = z[t, here], cs[after, here], new[:n]
            np.matmul(hs[before, here], recurrent, out=products[:n])
            gates += products[:n]
            i, f, g, o = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))
            sigmoid_of_negative(gates[:, : 2 * hidden])
            np.tanh(g, out=g)
            sigmoid_of_negative(o)
            np.multiply(f, cs[before, here], out=new_c)
            np.multiply(i, g, out=u)
            new_c += u
            np.tanh(new_c, out=tanh_c[t, here])
            np.multiply(o, tanh_c[t, here], out=hs[after, here])
            hs[after, away], cs[after, away] = hs[before, away], cs[before, away]

    walk.share(part, 4 * hidden)
    return Kept(walk, z, hs, cs, tanh_c)


def lstm_backward(kept: Kept, dy: np.ndarray | None, dh: np.ndarray, dc: np.ndarray, w_hh: np.ndarray) -> np.ndarray:
    """dz (T, N, 4 H) from the gradients of the outputs; dh and dc, those of the last states, become those of the first.

    dc = dc' + dh o (1 - t**2)
    dz = [dc g i (1 - i),  dc c f (1 - f),  dc i (1 - g**2),  dh t o (1 - o)]          dh = dz w_hh, dc = dc f before
    """
    walk, hidden = kept.walk, w_hh.shape[1]
    dz = (np.empty if walk.sizes is None else np.zeros)(kept.gates.shape, kept.gates.dtype)

    def part(low: int, high: int) -> None:
        slopes, scratch = (np.empty((high - low, width * hidden), dz.dtype) for width in (4, 1))
        for t, before, _, here, _ in reversed(walk.visits(low, high)):
            n = here.stop - low
            gates, d, slope, u = kept.gates[t, here], dz[t, here], slopes[:n], scratch[:n]
            i, f, g, o = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))
            di, df, dg, do = (d[:, k * hidden : (k + 1) * hidden] for k in range(4))
            dh_t, dc_t, tanh_c = dh[here], dc[here], kept.tanh_c[t, here]
            if dy is not None:
                dh_t += dy[t, here]
            np.multiply(tanh_c, tanh_c, out=u)
            np.subtract(1, u, out=u)
            u *= o
            u *= dh_t
            dc_t += u
            np.multiply(dc_t, g, out=di)
            np.multiply(dc_t, kept.cs[before, here], out=df)
            np.multiply(dc_t, i, out=dg)
            np.multiply(dh_t, tanh_c, out=do)
            np.multiply(gates, gates, out=slope)
            np.subtract(gates, slope, out=slope)  # a - a**2 for sigmoids; for g it is 1 - g**2 = (g - g**2) + (1 - g)
            np.subtract(1, g, out=u)
            slope[:, 2 * hidden : 3 * hidden] += u
            d *= slope
            dc_t *= f
            np.matmul(d, w_hh, out=dh_t)

    walk.share(part, 4 * hidden)
    return dz
