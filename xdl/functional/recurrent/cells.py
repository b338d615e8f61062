"""Recurrent cells: what a step does to its state. The recurrence over time (`recurrence.py`) runs any of them.

N sequences, H hidden units, G gates of H units each, R of them recurrent (R = G in all cells here)
a (N, G H) = x_t w_ih^T + b_ih          h, c (N, H) the state before          p (P, H) peepholes
product(k, v) (N, rows) = v w^T + b for the k-th block of rows of w_hh and b_hh: with h, or with what a gate lets pass

A cell gives `forward(a, product, h, c, p) -> h', c', saved`, and by hand `backward(dh, dc, saved, back, h, c, p) ->
da, dh, dc, dp` with the gradients of h' and c' given: back(k, db) = db w, and notes db for the gradients of w and b.
Without a second state c, c' and dc are None. All takes arrays or Tensors, so a cell is differentiable twice.

    rnn_tanh, rnn_relu   h' = tanh(z), relu(z)                                   Elman 1990
    lstm                 i f g o, with forget gate                               Hochreiter, Schmidhuber 1997; Gers 2000
    lstm_peephole        i and f look at c, o at c'                              Gers, Schraudolph, Schmidhuber 2002
    lstm_coupled         f g o, with i = 1 - f                                   Greff et al. 2017
    lstm_no_output       i f g, with o = 1                                       Greff et al. 2017
    gru                  r z n, r after the product with w_hh                    cuDNN, PyTorch
    gru_before           r z n, r before the product with w_hh                   Cho et al. 2014
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl.functional import either
from xdl.functional.either import Either, clip, sigmoid, tanh
from xdl.functional.recurrent.parts import cat, split

Product = Callable[[int, Either], Either]
Stepped = tuple[Either, Either | None, Any]  # h', c', saved
Gradients = tuple[Either, Either, Either | None, Either | None]  # of a, h, c, p


@dataclass(frozen=True)
class Cell:
    """A row of the table. blocks: for each product with w_hh the gates that it gives, from the first on."""

    name: str
    gates: int
    forward: Callable[..., Stepped]
    backward: Callable[..., Gradients]
    remembers: bool = False  # whether it has the second state c
    peepholes: int = 0
    blocks: tuple[int, ...] = ()

    def products(self, hidden: int) -> list[slice]:
        """The rows of w_hh of each product."""
        ends, rows = 0, []
        for gates in self.blocks or (self.gates,):
            rows.append(slice(ends * hidden, (ends + gates) * hidden))
            ends += gates
        return rows


def _tanh_forward(a: Either, product: Product, h: Either, c: None, p: None) -> Stepped:
    new = tanh(a + product(0, h))
    return new, None, new


def _tanh_backward(dh: Either, dc: None, saved: Any, back: Product, h: Either, c: None, p: None) -> Gradients:
    dz = dh * (1 - saved * saved)
    return dz, back(0, dz), None, None


def _relu_forward(a: Either, product: Product, h: Either, c: None, p: None) -> Stepped:
    new = clip(a + product(0, h), 0.0, None)
    return new, None, new


def _relu_backward(dh: Either, dc: None, saved: Any, back: Product, h: Either, c: None, p: None) -> Gradients:
    dz = either.where(either.raw(saved) != 0, dh, 0.0)  # as relu's: nan is no 0
    return dz, back(0, dz), None, None


def _lstm_forward(a: Either, product: Product, h: Either, c: Either, p: Either | None) -> Stepped:
    zi, zf, zg, zo = split(a + product(0, h), 4)
    if p is not None:
        zi, zf = zi + p[0, :] * c, zf + p[1, :] * c
    i, f, g = sigmoid(zi), sigmoid(zf), tanh(zg)
    new = f * c + i * g
    o = sigmoid(zo if p is None else zo + p[2, :] * new)
    t = tanh(new)
    return o * t, new, (i, f, g, o, t, new)


def _lstm_backward(
    dh: Either, dc: Either, saved: Any, back: Product, h: Either, c: Either, p: Either | None
) -> Gradients:
    i, f, g, o, t, new = saved
    do = dh * t * o * (1 - o)
    dc = dc + dh * o * (1 - t * t)
    if p is not None:
        dc = dc + do * p[2, :]
    di, df, dg = dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g)
    dz = cat([di, df, dg, do], -1)
    before = dc * f
    if p is None:
        return dz, back(0, dz), before, None
    before = before + di * p[0, :] + df * p[1, :]
    dp = [either.sum(d * state, 0, keepdim=True) for d, state in ((di, c), (df, c), (do, new))]
    return dz, back(0, dz), before, cat(dp, 0)


def _coupled_forward(a: Either, product: Product, h: Either, c: Either, p: None) -> Stepped:
    zf, zg, zo = split(a + product(0, h), 3)
    f, g, o = sigmoid(zf), tanh(zg), sigmoid(zo)
    new = f * c + (1 - f) * g
    t = tanh(new)
    return o * t, new, (f, g, o, t)


def _coupled_backward(dh: Either, dc: Either, saved: Any, back: Product, h: Either, c: Either, p: None) -> Gradients:
    f, g, o, t = saved
    dc = dc + dh * o * (1 - t * t)
    dz = cat([dc * (c - g) * f * (1 - f), dc * (1 - f) * (1 - g * g), dh * t * o * (1 - o)], -1)
    return dz, back(0, dz), dc * f, None


def _no_output_forward(a: Either, product: Product, h: Either, c: Either, p: None) -> Stepped:
    zi, zf, zg = split(a + product(0, h), 3)
    i, f, g = sigmoid(zi), sigmoid(zf), tanh(zg)
    new = f * c + i * g
    t = tanh(new)
    return t, new, (i, f, g, t)


def _no_output_backward(dh: Either, dc: Either, saved: Any, back: Product, h: Either, c: Either, p: None) -> Gradients:
    i, f, g, t = saved
    dc = dc + dh * (1 - t * t)
    dz = cat([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g)], -1)
    return dz, back(0, dz), dc * f, None


def _gru_forward(a: Either, product: Product, h: Either, c: None, p: None) -> Stepped:
    (ar, az, an), (br, bz, bn) = split(a, 3), split(product(0, h), 3)
    r, z = sigmoid(ar + br), sigmoid(az + bz)
    n = tanh(an + r * bn)
    return (1 - z) * n + z * h, None, (r, z, n, bn)


def _gru_backward(dh: Either, dc: None, saved: Any, back: Product, h: Either, c: None, p: None) -> Gradients:
    r, z, n, bn = saved
    dn, dz = dh * (1 - z) * (1 - n * n), dh * (h - n) * z * (1 - z)
    dr = dn * bn * r * (1 - r)
    return cat([dr, dz, dn], -1), dh * z + back(0, cat([dr, dz, dn * r], -1)), None, None


def _gru_before_forward(a: Either, product: Product, h: Either, c: None, p: None) -> Stepped:
    (ar, az, an), (br, bz) = split(a, 3), split(product(0, h), 2)
    r, z = sigmoid(ar + br), sigmoid(az + bz)
    n = tanh(an + product(1, r * h))
    return (1 - z) * n + z * h, None, (r, z, n)


def _gru_before_backward(dh: Either, dc: None, saved: Any, back: Product, h: Either, c: None, p: None) -> Gradients:
    r, z, n = saved
    dn, dz = dh * (1 - z) * (1 - n * n), dh * (h - n) * z * (1 - z)
    through = back(1, dn)  # the gradient of r h
    dr = through * h * r * (1 - r)
    return cat([dr, dz, dn], -1), dh * z + through * r + back(0, cat([dr, dz], -1)), None, None


CELLS = {
    cell.name: cell
    for cell in (
        Cell("rnn_tanh", 1, _tanh_forward, _tanh_backward),
        Cell("rnn_relu", 1, _relu_forward, _relu_backward),
        Cell("lstm", 4, _lstm_forward, _lstm_backward, remembers=True),
        Cell("lstm_peephole", 4, _lstm_forward, _lstm_backward, remembers=True, peepholes=3),
        Cell("lstm_coupled", 3, _coupled_forward, _coupled_backward, remembers=True),
        Cell("lstm_no_output", 3, _no_output_forward, _no_output_backward, remembers=True),
        Cell("gru", 3, _gru_forward, _gru_backward),
        Cell("gru_before", 3, _gru_before_forward, _gru_before_backward, blocks=(2, 1)),
    )
}
