"""Recurrent cells written out for one sequence: a step forward, and the same step backward.

I inputs, H units, G gates; x (I,), h (H,) the state before, h' after; U (G H, I), V (G H, H), b, d (G H,); * is by
elements, and dq is the gradient of the loss with respect to q

    a = U x + b     s = V h + d     dU = da x^T, db = da     dV = ds h^T, dd = ds     dx = U^T da, dh = V^T ds + ...

rnn    h' = tanh(a + s)                             da = ds = dh' (1 - h'^2)
relu   h' = max(a + s, 0)                           da = ds = dh' where h' > 0, else 0
lstm   i, f, o = sigmoid, g = tanh of a + s         dc += dh' o (1 - tanh(c')^2)
       c' = f c + i g,   h' = o tanh(c')            dc before = dc f
gru    r, z = sigmoid(a + s), n = tanh(a + r s)     dh = dh' z + V^T ds, where ds of n is dn r
       h' = (1 - z) n + z h                         (reset after the product: cuDNN, PyTorch)
gru before                                          dh = dh' z + V^T ds + r V_n^T dn: n's rows of V see r h
       the same with n = tanh(a + V_n (r h) + d_n)  (reset before the product: Cho et al. 2014)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from xdl.functional import cat, where
from xdl.tensor import Tensor

Values = dict[str, Tensor]  # what a step computed, by letter; "h" and "c" are the states before it


class Weights(NamedTuple):
    """Those of one layer and direction, in PyTorch's order of gates; or their gradients."""

    u: Tensor
    v: Tensor
    b: Tensor
    d: Tensor


class Before(NamedTuple):
    """What a step gives back: the gradients of a, of s, and of the states before it, without the part through s.

    rows: of V that saw `seen` in place of h, the last ones; 0: all saw h
    """

    da: Tensor
    ds: Tensor
    dh: Tensor | float = 0.0
    dc: Tensor | None = None
    rows: int = 0
    seen: Tensor | None = None


class HandCell(NamedTuple):
    """forward(a, s, h, c, w) gives the values with "new h" and maybe "new c"; backward(dh, dc, values) what is before.

    shown: the letters that a table of the steps shows
    """

    gates: int
    forward: Callable[[Tensor, Tensor, Values, Weights], Values]
    backward: Callable[[Tensor, Any, Values], Before]
    shown: tuple[str, ...] = ()
    remembers: bool = False


def _rnn(a: Tensor, s: Tensor, before: Values, w: Weights) -> Values:
    z = a + s
    return {"z": z, "new h": z.tanh()}


def _rnn_back(dh: Tensor, dc: None, v: Values) -> Before:
    dz = dh * (1 - v["new h"] * v["new h"])
    return Before(dz, dz)


def _relu(a: Tensor, s: Tensor, before: Values, w: Weights) -> Values:
    z = a + s
    return {"z": z, "new h": z.relu()}


def _relu_back(dh: Tensor, dc: None, v: Values) -> Before:
    dz = where(v["new h"] > 0, dh, 0.0)
    return Before(dz, dz)


def _lstm(a: Tensor, s: Tensor, before: Values, w: Weights) -> Values:
    zi, zf, zg, zo = (a + s).chunk(4)
    i, f, g, o = zi.sigmoid(), zf.sigmoid(), zg.tanh(), zo.sigmoid()
    c = f * before["c"] + i * g
    return {"i": i, "f": f, "g": g, "o": o, "new c": c, "new h": o * c.tanh()}


def _lstm_back(dh: Tensor, dc: Tensor, v: Values) -> Before:
    i, f, g, o, t = v["i"], v["f"], v["g"], v["o"], v["new c"].tanh()
    dc = dc + dh * o * (1 - t * t)
    di, df, dg, do = dc * g, dc * v["c"], dc * i, dh * t
    dz = cat([di * i * (1 - i), df * f * (1 - f), dg * (1 - g * g), do * o * (1 - o)])
    return Before(dz, dz, dc=dc * f)


def _gru(a: Tensor, s: Tensor, before: Values, w: Weights) -> Values:
    (ar, az, an), (sr, sz, sn) = a.chunk(3), s.chunk(3)
    r, z = (ar + sr).sigmoid(), (az + sz).sigmoid()
    n = (an + r * sn).tanh()
    return {"r": r, "z": z, "n": n, "sn": sn, "new h": (1 - z) * n + z * before["h"]}


def _gru_back(dh: Tensor, dc: None, v: Values) -> Before:
    r, z, n = v["r"], v["z"], v["n"]
    dn = dh * (1 - z) * (1 - n * n)
    dz = dh * (v["h"] - n) * z * (1 - z)
    dr = dn * v["sn"] * r * (1 - r)
    return Before(cat([dr, dz, dn]), cat([dr, dz, dn * r]), dh * z)


def _gru_before(a: Tensor, s: Tensor, before: Values, w: Weights) -> Values:
    (ar, az, an), (sr, sz, _), h = a.chunk(3), s.chunk(3), before["h"]
    r, z = (ar + sr).sigmoid(), (az + sz).sigmoid()
    vn, dn = w.v[-len(h) :], w.d[-len(h) :]
    n = (an + vn @ (r * h) + dn).tanh()
    return {"r": r, "z": z, "n": n, "vn": vn, "new h": (1 - z) * n + z * h}


def _gru_before_back(dh: Tensor, dc: None, v: Values) -> Before:
    r, z, n, h = v["r"], v["z"], v["n"], v["h"]
    dn = dh * (1 - z) * (1 - n * n)
    dz = dh * (h - n) * z * (1 - z)
    through = v["vn"].T @ dn  # the gradient of r h
    dr = through * h * r * (1 - r)
    return Before(cat([dr, dz, dn]), cat([dr, dz, dn]), dh * z + through * r, rows=len(h), seen=r * h)


HAND_CELLS = {
    "RNN": HandCell(1, _rnn, _rnn_back, ("z",)),
    "RNN, relu": HandCell(1, _relu, _relu_back, ("z",)),
    "LSTM": HandCell(4, _lstm, _lstm_back, ("i", "f", "g", "o", "new c"), remembers=True),
    "GRU": HandCell(3, _gru, _gru_back, ("r", "z", "n")),
    "GRU, reset before": HandCell(3, _gru_before, _gru_before_back, ("r", "z", "n")),
}
