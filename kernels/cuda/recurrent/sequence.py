"""Whole sequences of recurrent cells on a GPU: versions of the slot of `xdl/functional/recurrent/recurrence.py`.

    way            takes                                        steps
    persistent     cells of one product, float32, H that fits   one cooperative kernel: see persistent_sequence.py
    cell kernels   LSTM and GRU                                 a product and a fused cell a step
    any cell       all cells, projections, several lengths      a product and a fused cell a step; two for gru_before
    the reference  other dtypes                                 the reference, operation by operation

The input's products are one GEMM over all steps, and so are the weights' gradients. T steps, N sequences, I inputs,
H hidden units.
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional import either
from xdl.functional.recurrent.recurrence import RecurrencePair, Sizes, recurrence_pair

from ..signature import REALS
from ..slots import dense, dense_or_none, device_of, register
from .any_cell import BLENDS, layer_backward, layer_forward
from .gru import gru_backward, gru_forward
from .lstm import lstm_backward, lstm_forward


def takes(cell: str) -> Any:
    """Whether the arguments of the slot are those of this cell, without projection, and all sequences of one length."""

    def when(*arguments: Any) -> bool:
        *_, w_hr, _, name, sizes, _ = arguments
        return bool(name == cell and w_hr is None and sizes is None)

    return when


def takes_any(x: Array, *arguments: Any) -> bool:
    """Whether recurrent_cell.cu has the cell: a projected h cannot be blended into h'."""
    *_, w_hr, _, name, _, _ = arguments
    return dtype_name(x) in REALS and (w_hr is None or name not in BLENDS)


register(recurrence_pair)(RecurrencePair)  # the first to be registered is tried last


@register(recurrence_pair, when=takes_any, why="float32 or float64")
class recurrence_cuda:
    """(y, h) or (y, h, c); saved: the states of all steps, of which the outputs are a part, and what cells kept."""

    @staticmethod
    def forward(
        x: Array, h: Array, c: Any, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any, w_hr: Any, p: Any,
        cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[Array, ...], Any]:  # fmt: skip
        device, x, w_ih, w_hh = device_of(x), dense(x), dense(w_ih), dense(w_hh)
        b_ih, b_hh, w_hr, p = (dense_or_none(w) for w in (b_ih, b_hh, w_hr, p))
        layer = layer_forward(device, cell, x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p, sizes, reverse)
        last = [own(layer.last(states), h) for states in (layer.h, layer.c) if states is not None]
        return (layer.outputs(device), *last), layer

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        (dy, dh, *rest), h, c = g, saved.h[0], saved.c
        dc = None if c is None else own(rest[0], c[0])
        return layer_backward(device_of(h), saved, dense_or_none(dy), own(dh, h), dc, needs[0])


@register(recurrence_pair, when=takes("lstm"), why="an LSTM without projection, sequences of one length")
class lstm_sequence_cuda:
    """([h_1 ... h_T], h_T, c_T); saved: the states and gates of all steps, of which the outputs are a part."""

    @staticmethod
    def forward(
        x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any, w_hr: None, p: None,
        cell: str, sizes: None, reverse: bool,
    ) -> tuple[tuple[Array, Array, Array], Any]:  # fmt: skip
        x = dense(turned(x, reverse))
        states = lstm_forward(device_of(x), x, h, c, w_ih, w_hh, dense_or_none(b_ih), dense_or_none(b_hh))
        y = turned(states.h[1:], reverse)
        return (y, own(states.h[-1], h), own(states.c[-1], c)), (states, x, w_ih, w_hh, reverse)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        *kept, reverse = saved
        states, x = kept[:2]
        dy, dh, dc = g
        given = outside(turned(dy, reverse), dh, states.h[0])
        dx, *gradients, db = lstm_backward(device_of(x), *given, own(dc, states.c[0]), *kept)
        return turned(dx, reverse), *gradients, db, own(db, db), None, None


@register(recurrence_pair, when=takes("gru"), why="a GRU, sequences of one length")
class gru_sequence_cuda:
    """([h_1 ... h_T], h_T); saved: h from the first state on, of which the outputs are a part, and what cells kept."""

    @staticmethod
    def forward(
        x: Array, h: Array, c: None, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any, w_hr: None, p: None,
        cell: str, sizes: None, reverse: bool,
    ) -> tuple[tuple[Array, Array], Any]:  # fmt: skip
        x = dense(turned(x, reverse))
        hs, kept = gru_forward(device_of(x), x, h, w_ih, w_hh, dense_or_none(b_ih), dense_or_none(b_hh))
        return (turned(hs[1:], reverse), own(hs[-1], h)), (hs, kept, x, w_ih, w_hh, reverse)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        *kept, reverse = saved
        (dy, dh), hs = g, kept[0]
        dx, dh, *gradients = gru_backward(device_of(hs), *outside(turned(dy, reverse), dh, hs[0]), *kept)
        return turned(dx, reverse), dh, None, *gradients, None, None


def turned(x: Array | None, reverse: bool) -> Array | None:
    """x (T, ...) from its last step to its first, where it is asked for."""
    return x if x is None or not reverse else namespaces[type(x)].flip(x, axis=0)


def own(d: Array | None, like: Array) -> Array:
    """A copy of d in C order, or zeros like this array for None."""
    if d is None:
        return namespaces[type(like)].zeros_like(like)
    device = device_of(like)
    copy = device.empty(d.shape, dtype_name(d))
    device.copy(d, copy)
    return copy


def outside(dy: Array | None, dh: Array | None, like: Array) -> tuple[Array | None, Array | None]:
    """The gradients of all outputs and of the last h, dense; zeros like this array for dh if both are None."""
    if dy is None:
        return None, dense(either.given(dh, like))
    return dense(dy), dense_or_none(dh)
