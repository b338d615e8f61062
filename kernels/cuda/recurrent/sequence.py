"""Whole LSTM and GRU sequences on a GPU, and their cells: the slots of `xdl/functional/recurrent/lstm.py` and `gru.py`.

    way            takes                                        steps
    persistent     LSTM, float32, H of 128 to 512 that fits     one cooperative kernel, recurrent weights in registers
    cell kernels   everything                                   a product and a fused cell a step

The input's products are one GEMM over all steps, and so are the weights' gradients. T steps, N sequences, I inputs,
H hidden units.
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.functional.recurrent.gru import gru_cell_pair, gru_pair
from xdl.functional.recurrent.lstm import lstm_cell_pair, lstm_pair
from xdl.kernel import get_precision

from ..launch import blocks_for
from ..slots import dense, dense_or_none, device_of, register
from .gru import gru_backward, gru_forward
from .lstm import lstm_backward, lstm_forward, takes_persistent
from .lstm_persistent import BATCH_ROWS
from .rnn import gru_cell_backward, gru_cell_forward, lstm_cell_backward, lstm_cell_forward


@register(lstm_cell_pair)
class lstm_cell_cuda:
    """(h', c') from z and c; saved: the gates, c and c'."""

    @staticmethod
    def forward(z: Array, c: Array) -> tuple[tuple[Array, Array], Any]:
        device, c, dtype = device_of(z), dense(c), str(z.dtype)
        new_h, new_c, gates = (device.empty(shape, dtype) for shape in (c.shape, c.shape, z.shape))
        device.copy(z, gates)
        lstm_cell_forward(device, gates, None, None, c, new_c, new_h)
        return (new_h, new_c), (gates, c, new_c)

    @staticmethod
    def backward(d: Any, saved: Any, needs: Any) -> tuple[Array, Array]:
        gates, c, new_c = saved
        device = device_of(c)
        dz = device.empty(gates.shape, str(gates.dtype))
        dh, dc = dense(either.given(d[0], c)), own(d[1], c)
        lstm_cell_backward(device, gates, c, new_c, dh, None, dc, dz)
        return dz, dc


@register(gru_cell_pair)
class gru_cell_cuda:
    """h' from a, b and h; saved: what the kernel kept, and h."""

    @staticmethod
    def forward(a: Array, b: Array, h: Array) -> tuple[Array, Any]:
        device, h = device_of(a), dense(h)
        kept, new = device.empty((h.shape[0], 4 * h.shape[1]), str(a.dtype)), device.empty(h.shape, str(a.dtype))
        gru_cell_forward(device, dense(a), dense(b), None, None, h, kept, new)
        return new, (kept, h)

    @staticmethod
    def backward(dh: Array, saved: Any, needs: Any) -> tuple[Array, Array, Array]:
        kept, h = saved
        device, dtype = device_of(dh), str(dh.dtype)
        da, db = (device.empty((h.shape[0], 3 * h.shape[1]), dtype) for _ in range(2))
        before = device.empty(h.shape, dtype)
        gru_cell_backward(device, kept, h, dense(dh), None, da, db, before)
        return da, db, before


@register(lstm_pair)
class lstm_sequence_cuda:
    """([h_1 ... h_T], h_T, c_T); saved: the states and gates of all steps, of which the outputs are a part."""

    @staticmethod
    def forward(
        x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any
    ) -> tuple[tuple[Array, Array, Array], Any]:
        device, tf32, x, w_hh = device_of(x), get_precision() == "tf32", dense(x), dense(w_hh)
        steps, n, counters = x.shape[0], x.shape[1], None
        if takes_persistent(device, x, w_hh, tf32):
            xp = namespaces[type(x)]
            counters = xp.zeros((blocks_for(n, BATCH_ROWS),), dtype=xp.uint32)
        biases = dense_or_none(b_ih), dense_or_none(b_hh)
        states = lstm_forward(device, x, h, c, w_ih, w_hh, *biases, counters, tf32)
        return (states.h[1:], own(states.h[steps], h), own(states.c[steps], c)), (states, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array, ...]:
        states, x = saved[:2]
        dy, dh, dc = g
        *gradients, db = lstm_backward(device_of(x), *outside(dy, dh, states.h[0]), own(dc, states.c[0]), *saved)
        return *gradients, db, own(db, db)


@register(gru_pair)
class gru_sequence_cuda:
    """([h_1 ... h_T], h_T); saved: h from the first state on, of which the outputs are a part, and what cells kept."""

    @staticmethod
    def forward(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any) -> tuple[tuple[Array, Array], Any]:
        x = dense(x)
        hs, kept = gru_forward(device_of(x), x, h, w_ih, w_hh, dense_or_none(b_ih), dense_or_none(b_hh))
        return (hs[1:], own(hs[-1], h)), (hs, kept, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        (dy, dh), hs = g, saved[0]
        return gru_backward(device_of(hs), *outside(dy, dh, hs[0]), *saved)


def own(d: Array | None, like: Array) -> Array:
    """A copy of d in C order, or zeros like this array for None."""
    if d is None:
        return namespaces[type(like)].zeros_like(like)
    device = device_of(like)
    copy = device.empty(d.shape, str(d.dtype))
    device.copy(d, copy)
    return copy


def outside(dy: Array | None, dh: Array | None, like: Array) -> tuple[Array | None, Array | None]:
    """The gradients of all outputs and of the last h, dense; zeros like this array for dh if both are None."""
    if dy is None:
        return None, dense(either.given(dh, like))
    return dense(dy), dense_or_none(dh)
