"""Long short-term memory (Hochreiter and Schmidhuber 1997; with the forget gate of Gers et al. 2000).

T steps, N sequences, I inputs, H hidden units; gates in PyTorch's order i, f, g, o
x (T, N, I)   h, c (N, H)   w_ih (4 H, I)   w_hh (4 H, H)   b_ih, b_hh (4 H,)

z = x_t w_ih^T + b_ih + h w_hh^T + b_hh          (N, 4 H) = [z_i z_f z_g z_o]
i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)      g = tanh(z_g)
c' = f c + i g          h' = o tanh(c')

way back, from dh' and dc':
dc = dc' + dh' o (1 - tanh(c')**2)
dz = [dc g i (1 - i),  dc c f (1 - f),  dc i (1 - g**2),  dh' tanh(c') o (1 - o)]
to the step before: dh = dz w_hh and dc f          dw_ih = sum dz^T x          dw_hh = sum dz^T h
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import GraphError, ShapeError
from xdl.functional.operands import floating
from xdl.functional.products.linear import linear
from xdl.functional.shape.shape import cat
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


def sigmoid(z: Array) -> Array:
    """1 / (1 + e**-z) of a raw array, without overflow."""
    return (namespaces[type(z)].tanh(z * 0.5) + 1) * 0.5


def split(z: Array, parts: int) -> list[Array]:
    """The equal parts of z along its last dimension."""
    h = z.shape[-1] // parts
    return [z[..., k * h : (k + 1) * h] for k in range(parts)]


class LstmCellPair:
    """[h' c'] (2, N, H) from z (N, 4 H) and c (N, H): a step without its matrix products."""

    @staticmethod
    def forward(z: Array, c: Array) -> tuple[Array, Any]:
        xp = namespaces[type(z)]
        zi, zf, zg, zo = split(z, 4)
        i, f, g, o = sigmoid(zi), sigmoid(zf), xp.tanh(zg), sigmoid(zo)
        new = f * c + i * g
        t = xp.tanh(new)
        return xp.stack([o * t, new]), (i, f, g, o, t, c)

    @staticmethod
    def backward(d: Array, saved: Any, needs: Any) -> tuple[Array, Array]:
        i, f, g, o, t, c = saved
        dh, dc = d[0, ...], d[1, ...]
        dc = dc + dh * o * (1 - t * t)
        dz = [dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g), dh * t * o * (1 - o)]
        return namespaces[type(d)].concat(dz, axis=1), dc * f


lstm_cell_pair = Kernel("lstm_cell", LstmCellPair)


class LstmPair:
    """[h_1 ... h_T c_T] (T + 1, N, H) from x (T, N, I), h (N, H) and c (N, H): the cell, step by step."""

    @staticmethod
    def forward(x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any) -> tuple[Array, Any]:
        xp = namespaces[type(x)]
        outputs, steps = [], []
        for t in range(x.shape[0]):
            z = x[t, ...] @ w_ih.T + h @ w_hh.T
            z = z if b_ih is None else z + b_ih + b_hh
            version, both, saved = lstm_cell_pair(z, c)
            steps.append((h, saved, version))
            h, c = both[0, ...], both[1, ...]
            outputs.append(h)
        return xp.stack([*outputs, c]), (x, w_ih, w_hh, steps)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, w_ih, w_hh, steps = saved
        xp = namespaces[type(g)]
        dc, dh = g[-1, ...], xp.zeros_like(g[-1, ...])
        dw_hh, dz = xp.zeros_like(w_hh), []
        for t in reversed(range(len(steps))):
            h, cell, version = steps[t]
            d, dc = version.backward(xp.stack([g[t, ...] + dh, dc]), cell, (True, True))
            dh, dw_hh = d @ w_hh, dw_hh + d.T @ h
            dz.append(d)
        every = xp.stack(dz[::-1])
        rows, inputs = xp.reshape(every, (-1, w_hh.shape[0])), xp.reshape(x, (-1, x.shape[2]))
        db = xp.sum(rows, axis=0)
        return every @ w_ih, dh, dc, rows.T @ inputs, dw_hh, db, xp.asarray(db, copy=True)


lstm_pair = Kernel("lstm", LstmPair)


def lstm_cell(
    input: Tensor,
    state: tuple[Tensor, Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """(h', c') after one step from input (N, I) and state (h, c). Raises ShapeError, DtypeError."""
    h, c = state
    check("lstm_cell", 4, input.reshape(1, *input.shape), {"h": h, "c": c}, w_ih, w_hh, b_ih, b_hh)
    z = linear(input, w_ih, b_ih) + linear(h, w_hh, b_hh)
    version, both, saved = lstm_cell_pair(z.data, c.data)
    new = record(both, (z, c), _cell_rule, saved, version)
    return new[0], new[1]


def _cell_rule(needs: Any, d: Any, y: Any, saved: Any, z: Any, c: Any) -> tuple[Any, Any]:
    zi, zf, zg, zo = split(z, 4)
    i, f, g, o = zi.sigmoid(), zf.sigmoid(), zg.tanh(), zo.sigmoid()
    t = (f * c + i * g).tanh()
    dh = d[0]
    dc = d[1] + dh * o * (1 - t * t)
    return cat([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g), dh * t * o * (1 - o)], 1), dc * f


def lstm(
    input: Tensor,
    state: tuple[Tensor, Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """All steps of a sequence as one node: (outputs (T, N, H), (h_T, c_T)) from input (T, N, I), T >= 1.

    Not differentiable twice: `create_graph=True` raises GraphError, and `lstm_cell` step by step is the way.
    Raises ShapeError, DtypeError.
    """
    h, c = state
    check("lstm", 4, input, {"h": h, "c": c}, w_ih, w_hh, b_ih, b_hh)
    inputs = (input, h, c, w_ih, w_hh, b_ih, b_hh)
    version, y, saved = lstm_pair(*[None if t is None else t.data for t in inputs])
    out = record(y, inputs, refuse_second_order("lstm", "LSTMCell"), saved, version)
    steps = input.shape[0]
    return out[:steps], (out[steps - 1], out[steps])


def refuse_second_order(operation: str, cell: str) -> Any:
    """The rule of a fused sequence: it has no second derivative."""

    def rule(*_: Any) -> Any:
        raise GraphError(operation, "create_graph=False", "create_graph=True", f"Run nn.{cell} step by step")

    return rule


def check(
    operation: str,
    gates: int,
    input: Tensor,
    state: dict[str, Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
) -> None:
    """Raises ShapeError, naming the argument, unless sizes of a recurrent layer fit, DtypeError for mixed dtypes."""
    floating(operation, input=input, **state, weight_ih=w_ih, weight_hh=w_hh, bias_ih=b_ih, bias_hh=b_hh)
    if input.ndim != 3 or input.shape[0] < 1:
        raise ShapeError(operation, "input (T, N, I) with T >= 1", input.shape)
    if w_hh.ndim != 2 or w_hh.shape[0] != gates * w_hh.shape[1]:
        raise ShapeError(operation, f"weight_hh ({gates} H, H)", w_hh.shape)
    n, inputs, hidden = input.shape[1], input.shape[2], w_hh.shape[1]
    wanted: dict[str, tuple[Tensor, tuple[int, ...]]] = {"weight_ih": (w_ih, (gates * hidden, inputs))}
    wanted.update({name: (t, (n, hidden)) for name, t in state.items()})
    wanted.update(
        {name: (b, (gates * hidden,)) for name, b in {"bias_ih": b_ih, "bias_hh": b_hh}.items() if b is not None}
    )
    for name, (t, shape) in wanted.items():
        if t.shape != shape:
            raise ShapeError(operation, f"{name} {shape} for input {input.shape} and weight_hh {w_hh.shape}", t.shape)
    if (b_ih is None) != (b_hh is None):
        raise ShapeError(operation, "both biases or none", "one")
