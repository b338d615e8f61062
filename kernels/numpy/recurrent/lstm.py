"""LSTM for NumPy: the gates of all steps in one buffer, from z to i, f, o, g in place.

sigmoid(z) = 1 / (1 + e**-z): the rows of i, f and o in the weights and biases change their sign before. NumPy's exp is
twice as fast as its tanh. PyTorch's order of gates is i, f, g, o; here g comes last, so that one call works on all
sigmoids. A step is one product of h with w_hh and ten operations without new arrays.

T steps, N sequences, I inputs, H units; z, dz (T, N, 4 H)   hs, cs (T + 1, N, H), see `walk.py`   t = tanh(c')
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.walk import Walk
from .steps import product, share, sigmoid_of_negative


@dataclass(frozen=True)
class Kept:
    """What the backward pass reads: gates (T, N, 4 H) after their functions, the states, and tanh of each c'."""

    walk: Walk
    gates: np.ndarray
    hs: np.ndarray
    cs: np.ndarray
    tanh_c: np.ndarray


def g_last(w: np.ndarray) -> np.ndarray:
    """The rows of the gates i, f, g, o of a weight or bias as i, f, o, g; of rows in this order those in PyTorch's."""
    i_f, third, fourth = np.split(w, (len(w) // 2, len(w) // 4 * 3))
    return np.concatenate([i_f, fourth, third])


def negative(w: np.ndarray) -> np.ndarray:
    """A weight or bias with g last, and -w in the rows of the sigmoids."""
    w = g_last(w)
    sigmoids = w[: len(w) // 4 * 3]
    np.negative(sigmoids, out=sigmoids)
    return w


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
    z = product(x, negative(w_ih), [None if b is None else negative(b) for b in (b_ih, b_hh)])
    recurrent = np.ascontiguousarray(negative(w_hh).T)
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
            i, f, o, g = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))
            sigmoid_of_negative(gates[:, : 3 * hidden])
            np.tanh(g, out=g)
            np.multiply(f, cs[before, here], out=new_c)
            np.multiply(i, g, out=u)
            new_c += u
            np.tanh(new_c, out=tanh_c[t, here])
            np.multiply(o, tanh_c[t, here], out=hs[after, here])
            if away.start < away.stop:
                hs[after, away], cs[after, away] = hs[before, away], cs[before, away]

    share(walk, part, 4 * hidden)
    return Kept(walk, z, hs, cs, tanh_c)


def lstm_backward(kept: Kept, dy: np.ndarray | None, dh: np.ndarray, dc: np.ndarray, w_hh: np.ndarray) -> np.ndarray:
    """dz (T, N, 4 H), g last, from the gradients of the outputs; dh and dc become those of the first states.

    dc = dc' + dh o (1 - t**2)
    dz = [dc g i (1 - i),  dc c f (1 - f),  dh t o (1 - o),  dc i (1 - g**2)]          dh = dz w_hh, dc = dc f before
    """
    walk, hidden = kept.walk, w_hh.shape[1]
    recurrent = g_last(w_hh)
    dz = (np.empty if walk.sizes is None else np.zeros)(kept.gates.shape, kept.gates.dtype)

    def part(low: int, high: int) -> None:
        slopes, scratch = (np.empty((high - low, width * hidden), dz.dtype) for width in (3, 1))
        for t, before, _, here, _ in reversed(walk.visits(low, high)):
            n = here.stop - low
            gates, d, slope, u = kept.gates[t, here], dz[t, here], slopes[:n], scratch[:n]
            i, f, o, g = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))
            di, df, do, dg = (d[:, k * hidden : (k + 1) * hidden] for k in range(4))
            sigmoids, dh_t, dc_t, tanh_c = gates[:, : 3 * hidden], dh[here], dc[here], kept.tanh_c[t, here]
            if dy is not None:
                dh_t += dy[t, here]
            np.multiply(dh_t, tanh_c, out=do)
            np.multiply(tanh_c, tanh_c, out=u)
            np.subtract(1, u, out=u)
            u *= o
            u *= dh_t
            dc_t += u
            np.multiply(dc_t, g, out=di)
            np.multiply(dc_t, kept.cs[before, here], out=df)
            np.multiply(dc_t, i, out=dg)
            np.multiply(sigmoids, sigmoids, out=slope)
            np.subtract(sigmoids, slope, out=slope)
            d[:, : 3 * hidden] *= slope
            np.multiply(g, g, out=u)
            np.subtract(1, u, out=u)
            dg *= u
            dc_t *= f
            np.matmul(d, recurrent, out=dh_t)

    share(walk, part, 4 * hidden)
    return dz
