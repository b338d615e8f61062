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
from xdl.functional.recurrent.gru import gru_cell_pair, gru_pair
from xdl.functional.recurrent.lstm import lstm_cell_pair, lstm_pair
from xdl.kernel import get_precision

from ..launch import blocks_for
from ..slots import dense, device_of, register
from .gru import gru_backward, gru_forward
from .lstm import lstm_backward, lstm_forward, takes_persistent
from .lstm_persistent import BATCH_ROWS
from .rnn import gru_cell_backward, gru_cell_forward, lstm_cell_backward, lstm_cell_forward


@register(lstm_cell_pair)
class lstm_cell_cuda:
    """[h' c'] from z and c; saved: the gates, c and c'."""

    @staticmethod
    def forward(z: Array, c: Array) -> tuple[Array, Any]:
        device, c = device_of(z), dense(c)
        both, gates = device.empty((2, *c.shape), str(z.dtype)), device.empty(z.shape, str(z.dtype))
        device.copy(z, gates)
        lstm_cell_forward(device, gates, None, None, c, both[1], both[0])
        return both, (gates, c, both[1])

    @staticmethod
    def backward(d: Array, saved: Any, needs: Any) -> tuple[Array, Array]:
        gates, c, new = saved
        device = device_of(d)
        dz, dc = device.empty(gates.shape, str(d.dtype)), device.empty(c.shape, str(d.dtype))
        device.copy(d[1], dc)
        lstm_cell_backward(device, gates, c, new, dense(d[0]), None, dc, dz)
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
    """[h_1 ... h_T c_T]; saved: the states and gates of all steps, and the inputs."""

    @staticmethod
    def forward(x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any) -> tuple[Array, Any]:
        device, tf32, x, w_hh = device_of(x), get_precision() == "tf32", dense(x), dense(w_hh)
        steps, n, counters = x.shape[0], x.shape[1], None
        if takes_persistent(device, x, w_hh, tf32):
            xp = namespaces[type(x)]
            counters = xp.zeros((blocks_for(n, BATCH_ROWS),), dtype=xp.uint32)
        states = lstm_forward(device, x, h, c, w_ih, w_hh, b_ih, b_hh, counters, tf32)
        y = device.empty(states.h.shape, str(x.dtype))
        device.copy(states.h[1:], y[:steps])
        device.copy(states.c[steps], y[steps])
        return y, (states, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array, ...]:
        device, g, xp = device_of(g), dense(g), namespaces[type(g)]
        dc = xp.asarray(g[-1], copy=True)
        *gradients, db = lstm_backward(device, g[:-1], dc, *saved)
        return *gradients, db, xp.asarray(db, copy=True)


@register(gru_pair)
class gru_sequence_cuda:
    """[h_1 ... h_T]; saved: h from the first state on, what the cells kept, and the inputs."""

    @staticmethod
    def forward(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any) -> tuple[Array, Any]:
        x = dense(x)
        hs, kept = gru_forward(device_of(x), x, h, w_ih, w_hh, b_ih, b_hh)
        return hs[1:], (hs, kept, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array, ...]:
        return gru_backward(device_of(g), dense(g), *saved)
