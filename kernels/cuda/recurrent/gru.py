"""A whole GRU layer on a device: products by GEMM, the rest by gru_cell.cu.

Notation: T steps, N sequences, I inputs, H hidden units; x [T, N, I], w_ih [3H, I], w_hh [3H, H], biases [3H];
h [T + 1, N, H] holds the given state first, gates in the order r, z, n.
"""

from __future__ import annotations

from xdl.backend import Array, dtype_name

from ..launch import Device
from ..reduce.column_sum import column_sum
from .rnn import gru_cell_backward, gru_cell_forward, outer_and_next


def gru_forward(
    device: Device, x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None
) -> tuple[Array, Array]:
    """h [T + 1, N, H], of which h[1:] are the outputs, and what the cells keep [T, N, 4H] for the backward pass."""
    (steps, sequences, inputs), hidden, dtype = x.shape, w_hh.shape[1], dtype_name(x)
    h = device.empty((steps + 1, sequences, hidden), dtype)
    device.copy(h0, h[0])
    sums_x = device.empty((steps, sequences, 3 * hidden), dtype)
    sums_h = device.empty((sequences, 3 * hidden), dtype)
    kept = device.empty((steps, sequences, 4 * hidden), dtype)
    rows = steps * sequences
    device.gemm(x.reshape(rows, inputs), w_ih.swapaxes(0, 1), sums_x.reshape(rows, 3 * hidden))
    for t in range(steps):
        device.gemm(h[t], w_hh.swapaxes(0, 1), sums_h)
        gru_cell_forward(device, sums_x[t], sums_h, b_ih, b_hh, h[t], kept[t], h[t + 1])
    return h, kept


def gru_backward(
    device: Device, dy: Array | None, dh: Array | None, h: Array, kept: Array, x: Array, w_ih: Array, w_hh: Array
) -> tuple[Array | None, ...]:
    """(dx, dh0, dw_ih, dw_hh, db_ih, db_hh) from the gradients dy [T, N, H] of the outputs and dh [N, H] of the last h.

    One of dy and dh may be None.
    """
    (steps, sequences, inputs), hidden, dtype = x.shape, w_hh.shape[1], dtype_name(x)
    dsums_x, dsums_h = (device.empty((steps, sequences, 3 * hidden), dtype) for _ in range(2))
    for t in reversed(range(steps)):
        before = device.empty((sequences, hidden), dtype)
        gru_cell_backward(device, kept[t], h[t], *outer_and_next(dy, dh, t), dsums_x[t], dsums_h[t], before)
        device.gemm(dsums_h[t], w_hh, before, accumulate=True)
        dh = before
    rows = steps * sequences
    flat_x, flat_h = (sums.reshape(rows, 3 * hidden) for sums in (dsums_x, dsums_h))
    dx, dw_ih, dw_hh = (device.empty(shape, dtype) for shape in (x.shape, w_ih.shape, w_hh.shape))
    device.gemm(flat_x, w_ih, dx.reshape(rows, inputs))
    device.gemm(flat_x.swapaxes(0, 1), x.reshape(rows, inputs), dw_ih)
    device.gemm(flat_h.swapaxes(0, 1), h[:steps].reshape(rows, hidden), dw_hh)
    return dx, dh, dw_ih, dw_hh, column_sum(device, flat_x), column_sum(device, flat_h)
