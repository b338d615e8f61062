"""Launches of lstm_cell.cu and gru_cell.cu.

Notation: B batch, H hidden units, h and c [B, H]; weights and biases as PyTorch has them, gates in the order i, f, g, o
(LSTM) and r, z, n (GRU).
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..sizes import check_size

THREADS = 128


def lstm_cell_forward(
    device: Device, sums: Array, bias_ih: Array | None, bias_hh: Array | None, c_prev: Array, c: Array, h: Array
) -> None:
    """Writes c and h, and the activated gates over sums [B, 4H] = x W_ih^T + h_prev W_hh^T."""
    _launch(device, "lstm_cell.cu", "lstm_cell_forward", h, (sums, bias_ih, bias_hh, c_prev, c, h))


def lstm_cell_backward(
    device: Device,
    gates: Array,
    c_prev: Array,
    c: Array,
    dh: Array | None,
    dh_next: Array | None,
    dc: Array,
    dsums: Array,
) -> None:
    """Writes the gradient of the sums [B, 4H], and the gradient of c_prev over dc, that of c from the next step.

    The gradient of h is dh + dh_next, the second from the next step.
    """
    _launch(device, "lstm_cell.cu", "lstm_cell_backward", c, (gates, c_prev, c, dh, dh_next, dc, dsums))


def gru_cell_forward(
    device: Device,
    sums_x: Array,
    sums_h: Array,
    bias_ih: Array | None,
    bias_hh: Array | None,
    h_prev: Array,
    kept: Array,
    h: Array,
) -> None:
    """Writes h, and kept [B, 4H] for the backward pass, from sums_x [B, 3H] = x W_ih^T and sums_h = h_prev W_hh^T."""
    _launch(device, "gru_cell.cu", "gru_cell_forward", h, (sums_x, sums_h, bias_ih, bias_hh, h_prev, kept, h))


def gru_cell_backward(
    device: Device,
    kept: Array,
    h_prev: Array,
    dh: Array | None,
    dh_next: Array | None,
    dsums_x: Array,
    dsums_h: Array,
    dh_prev: Array,
) -> None:
    """Writes the gradients of both sums [B, 3H], and to dh_prev (dh + dh_next) z, to which dsums_h W_hh is still to
    be added. The gradient of h is dh + dh_next, the second from the next step.
    """
    _launch(device, "gru_cell.cu", "gru_cell_backward", h_prev, (kept, h_prev, dh, dh_next, dsums_x, dsums_h, dh_prev))


def outer_and_next(dy: Array | None, dh: Array | None, t: int) -> tuple[Array | None, Array | None]:
    """The two gradients of h at step t, as the backward kernels take them: dy[t] of the output and dh, or dh alone."""
    return (dh, None) if dy is None else (dy[t], dh)


def _launch(device: Device, source: str, name: str, h: Array, arrays: tuple[Any, ...]) -> None:
    batch, hidden = h.shape
    check_size(name, "sequences", batch)
    if batch * hidden:
        threads = min(THREADS, 32 * blocks_for(hidden, 32))
        grid = (blocks_for(hidden, threads), grid_size(batch))
        load_kernels(device, source, dtype_name(h)).launch(name, grid, (threads,), *arrays, batch, hidden)
