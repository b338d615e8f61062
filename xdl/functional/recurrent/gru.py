"""Gated recurrent unit (Cho et al. 2014, in the form of cuDNN and PyTorch: r acts after the product with w_hh).

T steps, N sequences, I inputs, H hidden units; gates in PyTorch's order r, z, n
x (T, N, I)   h (N, H)   w_ih (3 H, I)   w_hh (3 H, H)   b_ih, b_hh (3 H,)

a = x_t w_ih^T + b_ih = [a_r a_z a_n]          b = h w_hh^T + b_hh = [b_r b_z b_n]
r = sigmoid(a_r + b_r)      z = sigmoid(a_z + b_z)      n = tanh(a_n + r b_n)
h' = (1 - z) n + z h

backward pass, from dh':
dn = dh' (1 - z) (1 - n**2)      dz = dh' (h - n) z (1 - z)      dr = dn b_n r (1 - r)
da = [dr dz dn]      db = [dr dz dn r]      to the step before: dh = dh' z + db w_hh
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.functional.products.linear import linear
from xdl.functional.recurrent.lstm import check, flat, sequence_rule, split
from xdl.functional.shape.shape import cat
from xdl.kernel import Kernel
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


class GruCellPair:
    """h' (N, H) from a, b (N, 3 H) and h (N, H): a step without its matrix products."""

    @staticmethod
    def forward(a: Array, b: Array, h: Array) -> tuple[Array, Any]:
        xp = namespaces[type(a)]
        (ar, az, an), (br, bz, bn) = split(a, 3), split(b, 3)
        r, z = either.sigmoid(ar + br), either.sigmoid(az + bz)
        n = xp.tanh(an + r * bn)
        return (1 - z) * n + z * h, (r, z, n, bn, h)

    @staticmethod
    def backward(dh: Array, saved: Any, needs: Any) -> tuple[Array, Array, Array]:
        r, z, n, bn, h = saved
        xp = namespaces[type(dh)]
        dn, dz = dh * (1 - z) * (1 - n * n), dh * (h - n) * z * (1 - z)
        dr = dn * bn * r * (1 - r)
        return xp.concat([dr, dz, dn], axis=1), xp.concat([dr, dz, dn * r], axis=1), dh * z


gru_cell_pair = Kernel("gru_cell", GruCellPair)


class GruPair:
    """([h_1 ... h_T] (T, N, H), h_T) from x (T, N, I) and h (N, H): the cell, step by step."""

    @staticmethod
    def forward(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any) -> tuple[tuple[Array, Array], Any]:
        hs, steps = [h], []
        for t in range(x.shape[0]):
            a, b = x[t, ...] @ w_ih.T, hs[t] @ w_hh.T
            if b_ih is not None:
                a, b = a + b_ih, b + b_hh
            version, new, saved = gru_cell_pair(a, b, hs[t])
            steps.append((version, saved))
            hs.append(new)
        y = namespaces[type(x)].stack(hs[1:])
        return (y, hs[-1]), (x, h, y, w_ih, w_hh, steps)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, h, y, w_ih, w_hh, steps = saved
        dy, dh = g
        xp = namespaces[type(x)]
        dh, das, dbs = either.given(dh, h), [], []
        for t in reversed(range(len(steps))):
            dh = dh if dy is None else dh + dy[t, ...]
            version, cell = steps[t]
            da, db, dh = version.backward(dh, cell, (True, True, True))
            dh = dh + db @ w_hh
            das.append(da)
            dbs.append(db)
        da, db = xp.stack(das[::-1]), xp.stack(dbs[::-1])
        h_before = xp.concat([h[None, ...], y[:-1, ...]])
        dw_ih, dw_hh = flat(da).T @ flat(x), flat(db).T @ flat(h_before)
        return da @ w_ih, dh, dw_ih, dw_hh, xp.sum(da, axis=(0, 1)), xp.sum(db, axis=(0, 1))


gru_pair = Kernel("gru", GruPair)


@composite
def gru_cell(
    input: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """h' (N, H) after one step from input (N, I) and h. Differentiable twice. Raises ShapeError, DtypeError."""
    check("gru_cell", 3, input.reshape(1, *input.shape), {"h": h}, w_ih, w_hh, b_ih, b_hh)
    a, b = linear(input, w_ih, b_ih), linear(h, w_hh, b_hh)
    version, y, saved = gru_cell_pair(a.array, b.array, h.array)
    return record(y, (a, b, h), _gru_cell_rule, saved, version)


def _gru_cell_rule(needs: Any, dh: Any, y: Any, saved: Any, a: Any, b: Any, h: Any) -> tuple[Any, Any, Any]:
    (ar, az, an), (br, bz, bn) = split(a, 3), split(b, 3)
    r, z = (ar + br).sigmoid(), (az + bz).sigmoid()
    n = (an + r * bn).tanh()
    dn, dz = dh * (1 - z) * (1 - n * n), dh * (h - n) * z * (1 - z)
    dr = dn * bn * r * (1 - r)
    return cat([dr, dz, dn], 1), cat([dr, dz, dn * r], 1), dh * z


def gru(
    input: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """All steps of a sequence as one node: (outputs (T, N, H), h_T) from input (T, N, I), T >= 1.

    Not differentiable twice: `create_graph=True` raises GraphError, and `gru_cell` step by step is the way.
    Raises ShapeError, DtypeError.
    """
    check("gru", 3, input, {"h": h}, w_ih, w_hh, b_ih, b_hh)
    inputs = (input, h, w_ih, w_hh, b_ih, b_hh)
    version, results, saved = gru_pair(*[None if t is None else t.array for t in inputs])
    rule = partial(sequence_rule, "gru", "GRUCell")
    outputs, new_h = record(results, inputs, rule, saved, version, keep_y=(True, False))
    return outputs, new_h
