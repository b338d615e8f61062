"""Whole LSTM and GRU sequences on a GPU, and their cells: the slots of `xdl/functional/lstm.py` and `gru.py`.

    way            takes                                        steps
    persistent     LSTM, float32, H of 128 to 512 that fits     one cooperative kernel, recurrent weights in registers
    cell kernels   everything                                   a product and a fused cell a step

The input's products are one GEMM over all steps, and so are the weights' gradients. T steps, N sequences, I inputs,
H hidden units.
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional.gru import gru_cell_pair, gru_pair
from xdl.functional.lstm import lstm_cell_pair, lstm_pair
from xdl.kernel import get_precision

from . import lstm_persistent_cuda as persistent
from .launch import Device, blocks_for
from .reduce_cuda import column_sum
from .rnn_cuda import gru_cell_backward, gru_cell_forward, lstm_cell_backward, lstm_cell_forward
from .slots_cuda import dense, device_of, register


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
class lstm_cuda:
    """[h_1 ... h_T c_T]; saved: the gates of all steps, and h and c from the first state on."""

    @staticmethod
    def forward(x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any) -> tuple[Array, Any]:
        device, dtype, x = device_of(x), str(x.dtype), dense(x)
        (steps, n, _), hidden = x.shape, h.shape[1]
        sums = _products(device, x, w_ih)
        hs = device.empty((steps + 2, n, hidden), dtype)  # h_0 ... h_T and c_T: the last T + 1 are y
        cs = device.empty((steps + 1, n, hidden), dtype)
        hs[0], cs[0] = h, c
        tf32 = get_precision() == "tf32"
        if dtype == "float32" and persistent.fits(device, n, hidden, tf32):
            xp = namespaces[type(x)]
            finished = xp.zeros((blocks_for(n, persistent.BATCH_ROWS),), dtype=xp.uint32)
            gates = persistent.lstm_persistent_forward(
                device, sums, dense(w_hh), b_ih, b_hh, hs[:-1], cs, finished, tf32
            )
        else:
            gates = sums
            for t in range(steps):
                device.gemm(hs[t], w_hh.T, gates[t], accumulate=True)
                lstm_cell_forward(device, gates[t], b_ih, b_hh, cs[t], cs[t + 1], hs[t + 1])
        hs[steps + 1] = cs[steps]
        return hs[1:], (x, w_ih, w_hh, gates, hs, cs)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, w_ih, w_hh, gates, hs, cs = saved
        device, dtype, steps, g = device_of(g), str(g.dtype), len(gates), dense(g)
        dz = device.empty(gates.shape, dtype)
        dh, dc = device.empty(hs.shape[1:], dtype), device.empty(hs.shape[1:], dtype)
        device.copy(g[steps], dc)
        for t in reversed(range(steps)):
            later = dh if t < steps - 1 else None
            lstm_cell_backward(device, gates[t], cs[t], cs[t + 1], g[t], later, dc, dz[t])
            device.gemm(dz[t], w_hh, dh)
        rows = dz.reshape(-1, dz.shape[2])
        dx = _products(device, dz, w_ih.T)
        db = column_sum(device, rows)
        dw_ih, dw_hh = _weight_gradient(device, rows, x), _weight_gradient(device, rows, hs[:steps])
        return dx, dh, dc, dw_ih, dw_hh, db, namespaces[type(g)].asarray(db, copy=True)


@register(gru_pair)
class gru_cuda:
    """[h_1 ... h_T]; saved: what the cells kept, and h from the first state on."""

    @staticmethod
    def forward(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any) -> tuple[Array, Any]:
        device, dtype, x = device_of(x), str(x.dtype), dense(x)
        (steps, n, _), hidden = x.shape, h.shape[1]
        a, b = _products(device, x, w_ih), device.empty((n, 3 * hidden), dtype)
        hs, kept = device.empty((steps + 1, n, hidden), dtype), device.empty((steps, n, 4 * hidden), dtype)
        hs[0] = h
        for t in range(steps):
            device.gemm(hs[t], w_hh.T, b)
            gru_cell_forward(device, a[t], b, b_ih, b_hh, hs[t], kept[t], hs[t + 1])
        return hs[1:], (x, w_ih, w_hh, kept, hs)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, w_ih, w_hh, kept, hs = saved
        device, dtype, (steps, n, hidden), g = device_of(g), str(g.dtype), g.shape, dense(g)
        da, db = (device.empty((steps, n, 3 * hidden), dtype) for _ in range(2))
        later = None
        for t in reversed(range(steps)):
            dh = device.empty((n, hidden), dtype)
            gru_cell_backward(device, kept[t], hs[t], g[t], later, da[t], db[t], dh)
            device.gemm(db[t], w_hh, dh, accumulate=True)
            later = dh
        rows_a, rows_b = da.reshape(-1, 3 * hidden), db.reshape(-1, 3 * hidden)
        dw_ih, dw_hh = _weight_gradient(device, rows_a, x), _weight_gradient(device, rows_b, hs[:steps])
        dx = _products(device, da, w_ih.T)
        return dx, later, dw_ih, dw_hh, column_sum(device, rows_a), column_sum(device, rows_b)


def _products(device: Device, x: Array, w: Array) -> Array:
    """x w^T (T, N, O) for all steps of x (T, N, I) in one GEMM."""
    y = device.empty((*x.shape[:2], w.shape[0]), str(x.dtype))
    device.gemm(x.reshape(-1, x.shape[2]), w.T, y.reshape(-1, w.shape[0]))
    return y


def _weight_gradient(device: Device, rows: Array, x: Array) -> Array:
    """rows^T x over all steps in one GEMM."""
    dw = device.empty((rows.shape[1], x.shape[2]), str(x.dtype))
    device.gemm(rows.T, x.reshape(-1, x.shape[2]), dw)
    return dw
