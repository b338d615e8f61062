"""A whole LSTM layer on a device, step by step: products by GEMM, the rest by lstm_cell.cu.

Notation: T steps, N sequences, I inputs, H hidden units; x [T, N, I], w_ih [4H, I], w_hh [4H, H], biases [4H];
states h and c [T + 1, N, H] hold the given state first, gates [T, N, 4H] in the order i, f, g, o.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdl.backend import Array, dtype_name

from ..launch import Device
from ..reduce.column_sum import column_sum
from .rnn import lstm_cell_backward, lstm_cell_forward, outer_and_next


@dataclass(frozen=True, slots=True)
class LstmStates:
    """What the forward pass keeps: h[1:] are the outputs, c[T] is the last cell state."""

    h: Array
    c: Array
    gates: Array


def lstm_forward(
    device: Device,
    x: Array,
    h0: Array,
    c0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
) -> LstmStates:
    """All steps."""
    (steps, sequences, inputs), hidden, dtype = x.shape, w_hh.shape[1], dtype_name(x)
    h, c = (device.empty((steps + 1, sequences, hidden), dtype) for _ in range(2))
    device.copy(h0, h[0])
    device.copy(c0, c[0])
    gates = device.empty((steps, sequences, 4 * hidden), dtype)
    rows = steps * sequences
    device.gemm(x.reshape(rows, inputs), w_ih.swapaxes(0, 1), gates.reshape(rows, 4 * hidden))
    for t in range(steps):
        device.gemm(h[t], w_hh.swapaxes(0, 1), gates[t], accumulate=True)
        lstm_cell_forward(device, gates[t], b_ih, b_hh, c[t], c[t + 1], h[t + 1])
    return LstmStates(h, c, gates)


def lstm_backward(
    device: Device,
    dy: Array | None,
    dh: Array | None,
    dc: Array,
    states: LstmStates,
    x: Array,
    w_ih: Array,
    w_hh: Array,
) -> tuple[Array, ...]:
    """(dx, dh0, dc0, dw_ih, dw_hh, db) from the gradients dy [T, N, H] of the outputs, dh, dc [N, H] of the last h, c.

    One of dy and dh may be None. db is the gradient of either bias. dc is overwritten.
    """
    (steps, sequences, inputs), hidden, dtype = x.shape, w_hh.shape[1], dtype_name(x)
    dsums = device.empty((steps, sequences, 4 * hidden), dtype)
    dh0 = device.empty((sequences, hidden), dtype)
    for t in reversed(range(steps)):
        lstm_cell_backward(
            device, states.gates[t], states.c[t], states.c[t + 1], *outer_and_next(dy, dh, t), dc, dsums[t]
        )
        device.gemm(dsums[t], w_hh, dh0)
        dh = dh0
    rows = steps * sequences
    flat = dsums.reshape(rows, 4 * hidden)
    dx, dw_ih, dw_hh = (device.empty(shape, dtype) for shape in (x.shape, w_ih.shape, w_hh.shape))
    device.gemm(flat, w_ih, dx.reshape(rows, inputs))
    device.gemm(flat.swapaxes(0, 1), x.reshape(rows, inputs), dw_ih)
    device.gemm(flat.swapaxes(0, 1), states.h[:steps].reshape(rows, hidden), dw_hh)
    return dx, dh0, dc, dw_ih, dw_hh, column_sum(device, flat)
