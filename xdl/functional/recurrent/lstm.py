"""Long short-term memory (Hochreiter and Schmidhuber 1997; with the forget gate of Gers et al. 2000).

T steps, N sequences, I inputs, H hidden units; gates in PyTorch's order i, f, g, o
x (T, N, I)   h, c (N, H)   w_ih (4 H, I)   w_hh (4 H, H)   b_ih, b_hh (4 H,)

z = x_t w_ih^T + b_ih + h w_hh^T + b_hh          (N, 4 H) = [z_i z_f z_g z_o]
i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)      g = tanh(z_g)
c' = f c + i g          h' = o tanh(c')

backward pass, from dh' and dc':
dc = dc' + dh' o (1 - tanh(c')**2)
dz = [dc g i (1 - i),  dc c f (1 - f),  dc i (1 - g**2),  dh' tanh(c') o (1 - o)]
to the step before: dh = dz w_hh and dc f          dw_ih = sum dz^T x          dw_hh = sum dz^T h
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import GraphError, ShapeError
from xdl.functional import either
from xdl.functional.operands import floating
from xdl.functional.products.linear import linear
from xdl.functional.shape.shape import cat
from xdl.kernel import Kernel
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


def split(z: Array, parts: int) -> list[Array]:
    """The equal parts of z along its last dimension."""
    h = z.shape[-1] // parts
    return [z[..., k * h : (k + 1) * h] for k in range(parts)]


def flat(x: Array) -> Array:
    """x (T, N, K) as rows (T N, K)."""
    return namespaces[type(x)].reshape(x, (x.shape[0] * x.shape[1], x.shape[2]))


class LstmCellPair:
    """(h', c') (N, H) from z (N, 4 H) and c (N, H): a step without its matrix products."""

    @staticmethod
    def forward(z: Array, c: Array) -> tuple[tuple[Array, Array], Any]:
        xp = namespaces[type(z)]
        zi, zf, zg, zo = split(z, 4)
        i, f, g, o = either.sigmoid(zi), either.sigmoid(zf), xp.tanh(zg), either.sigmoid(zo)
        new = f * c + i * g
        t = xp.tanh(new)
        return (o * t, new), (i, f, g, o, t, c)

    @staticmethod
    def backward(d: Any, saved: Any, needs: Any) -> tuple[Array, Array]:
        i, f, g, o, t, c = saved
        dh, dc = either.given(d[0], c), either.given(d[1], c)
        dc = dc + dh * o * (1 - t * t)
        dz = [dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g), dh * t * o * (1 - o)]
        return namespaces[type(c)].concat(dz, axis=1), dc * f


lstm_cell_pair = Kernel("lstm_cell", LstmCellPair)


class LstmPair:
    """([h_1 ... h_T] (T, N, H), h_T, c_T) from x (T, N, I), h (N, H) and c (N, H): the cell, step by step."""

    @staticmethod
    def forward(
        x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any
    ) -> tuple[tuple[Array, Array, Array], Any]:
        hs, steps = [h], []
        for t in range(x.shape[0]):
            z = x[t, ...] @ w_ih.T + hs[t] @ w_hh.T
            z = z if b_ih is None else z + b_ih + b_hh
            version, (new, c), saved = lstm_cell_pair(z, c)
            steps.append((version, saved))
            hs.append(new)
        y = namespaces[type(x)].stack(hs[1:])
        return (y, hs[-1], c), (x, h, y, w_ih, w_hh, steps)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, h, y, w_ih, w_hh, steps = saved
        dy, dh, dc = g
        xp = namespaces[type(x)]
        dh, dzs = either.given(dh, h), []
        for t in reversed(range(len(steps))):
            dh = dh if dy is None else dh + dy[t, ...]
            version, cell = steps[t]
            dz, dc = version.backward((dh, dc), cell, (True, True))
            dh = dz @ w_hh
            dzs.append(dz)
        dz, h_before = xp.stack(dzs[::-1]), xp.concat([h[None, ...], y[:-1, ...]])
        rows, db = flat(dz), xp.sum(dz, axis=(0, 1))
        dw_ih, dw_hh = rows.T @ flat(x), rows.T @ flat(h_before)
        return dz @ w_ih, dh, dc, dw_ih, dw_hh, db, xp.asarray(db, copy=True)


lstm_pair = Kernel("lstm", LstmPair)


@composite
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
    version, both, saved = lstm_cell_pair(z.array, c.array)
    new_h, new_c = record(both, (z, c), _lstm_cell_rule, saved, version, keep_y=(False, True))  # saved too
    return new_h, new_c


def _lstm_cell_rule(needs: Any, d: Any, y: Any, saved: Any, z: Any, c: Any) -> tuple[Any, Any]:
    zi, zf, zg, zo = split(z, 4)
    i, f, g, o = zi.sigmoid(), zf.sigmoid(), zg.tanh(), zo.sigmoid()
    t = (f * c + i * g).tanh()
    dh, dc = either.given(d[0], c), either.given(d[1], c)
    dc = dc + dh * o * (1 - t * t)
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
    version, results, saved = lstm_pair(*[None if t is None else t.array for t in inputs])
    rule = partial(sequence_rule, "lstm", "LSTMCell")
    outputs, new_h, new_c = record(results, inputs, rule, saved, version, keep_y=(True, False, False))
    return outputs, (new_h, new_c)


def sequence_rule(operation: str, cell: str, *_: Any) -> Any:
    """The rule of a fused sequence: it has no second derivative. Its outputs are kept, since versions read them."""
    raise GraphError(operation, "create_graph=False", "create_graph=True", f"Run nn.{cell} step by step")


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
