"""GRU for NumPy: the gates of all steps in one buffer, from their sums to r, z, n in place.

sigmoid(s) = 1 / (1 + e**-s): the rows of r and z in the weights and biases change their sign before.

T steps, N sequences, H units; gates, da, db (T, N, 3 H)   hs (T + 1, N, H), see `walk.py`   b_n = (h w_hh^T + b_hh)_n
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.walk import Walk
from .steps import product, share, sigmoid_of_negative


@dataclass(frozen=True)
class Kept:
    """What the backward pass reads: gates (T, N, 3 H) after their functions, b_n (T, N, H), and the states."""

    walk: Walk
    gates: np.ndarray
    b_n: np.ndarray
    hs: np.ndarray


def gru_forward(
    walk: Walk,
    x: np.ndarray,
    h: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b_ih: np.ndarray | None,
    b_hh: np.ndarray | None,
) -> Kept:
    """All steps: r, z = sigmoid(a + b), n = tanh(a_n + r b_n), h' = n + z (h - n)."""
    hidden, dtype = w_hh.shape[1], x.dtype
    signs = np.full(3 * hidden, -1, dtype)
    signs[2 * hidden :] = 1
    both = None if b_hh is None else np.concatenate([b_hh[: 2 * hidden], np.zeros(hidden, dtype)])
    a = product(x, w_ih * signs[:, None], [None if b is None else b * signs for b in (b_ih, both)])
    recurrent = np.ascontiguousarray((w_hh * signs[:, None]).T)
    bias_n = np.zeros(hidden, dtype) if b_hh is None else b_hh[2 * hidden :]
    hs = np.empty((walk.steps + 1, walk.sequences, hidden), dtype)
    b_n = np.empty((walk.steps, walk.sequences, hidden), dtype)
    hs[walk.first] = h

    @np.errstate(over="ignore")
    def part(low: int, high: int) -> None:
        products, scratch = (np.empty((high - low, width * hidden), dtype) for width in (3, 1))
        for t, before, after, here, away in walk.visits(low, high):
            count = here.stop - low
            gates, b, u, old = a[t, here], products[:count], scratch[:count], hs[before, here]
            np.matmul(old, recurrent, out=b)
            np.add(b[:, 2 * hidden :], bias_n, out=b_n[t, here])
            sigmoids, n = gates[:, : 2 * hidden], gates[:, 2 * hidden :]
            sigmoids += b[:, : 2 * hidden]
            sigmoid_of_negative(sigmoids)
            np.multiply(gates[:, :hidden], b_n[t, here], out=u)
            n += u
            np.tanh(n, out=n)
            np.subtract(old, n, out=u)
            u *= gates[:, hidden : 2 * hidden]
            np.add(n, u, out=hs[after, here])
            hs[after, away] = hs[before, away]

    share(walk, part, 3 * hidden)
    return Kept(walk, a, b_n, hs)


def gru_backward(kept: Kept, dy: np.ndarray | None, dh: np.ndarray, w_hh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """da, db (T, N, 3 H) from the gradients of the outputs; that of the last h in dh becomes that of the first.

    dn = dh (1 - z) (1 - n**2)      dz = dh (h - n) z (1 - z)      dr = dn b_n r (1 - r)
    da = [dr dz dn]      db = [dr dz dn r]      before: dh = dh z + db w_hh
    """
    walk, hidden = kept.walk, w_hh.shape[1]
    da, db = ((np.empty if walk.sizes is None else np.zeros)(kept.gates.shape, kept.gates.dtype) for _ in range(2))

    def part(low: int, high: int) -> None:
        slopes, scratch, through = (np.empty((high - low, width * hidden), da.dtype) for width in (2, 1, 1))
        for t, before, _, here, _ in reversed(walk.visits(low, high)):
            count = here.stop - low
            gates, d, u, v = kept.gates[t, here], da[t, here], scratch[:count], through[:count]
            r, z, n = (gates[:, k * hidden : (k + 1) * hidden] for k in range(3))
            dr, dz, dn = (d[:, k * hidden : (k + 1) * hidden] for k in range(3))
            dh_t = dh[here]
            if dy is not None:
                dh_t += dy[t, here]
            np.subtract(kept.hs[before, here], n, out=u)
            np.multiply(dh_t, u, out=dz)
            np.multiply(dh_t, z, out=v)
            np.multiply(n, n, out=u)
            np.subtract(1, u, out=u)
            dh_t -= v
            np.multiply(dh_t, u, out=dn)
            np.multiply(dn, kept.b_n[t, here], out=dr)
            sigmoids, slope = gates[:, : 2 * hidden], slopes[:count]
            np.multiply(sigmoids, sigmoids, out=slope)
            np.subtract(sigmoids, slope, out=slope)
            d[:, : 2 * hidden] *= slope
            recurrent = db[t, here]
            recurrent[:, : 2 * hidden] = d[:, : 2 * hidden]
            np.multiply(dn, r, out=recurrent[:, 2 * hidden :])
            np.matmul(recurrent, w_hh, out=dh_t)
            dh_t += v

    share(walk, part, 3 * hidden)
    return da, db
