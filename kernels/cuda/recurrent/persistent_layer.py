"""A whole recurrent layer on a device by the persistent kernels: a GEMM, a launch for all steps, and GEMMs for the
weights' gradients.

Notation: T steps, N sequences, I inputs, H hidden units, G gates; x [T, N, I], w_ih [G H, I], w_hh [G H, H], biases
[G H]; h and c [T + 1, N, H] hold the states between the steps, in reverse the given one last.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdl.backend import Array
from xdl.functional.recurrent.cells import CELLS

from ..launch import Device
from ..reduce.column_sum import column_sum
from .any_cell import BLENDS, KEPT
from .persistent import persistent_backward, persistent_forward


@dataclass(frozen=True, slots=True)
class PersistentLayer:
    """What the forward pass got and keeps. finished: the counters, 0 between launches."""

    cell: str
    reverse: bool
    tf32: bool
    x: Array
    w_ih: Array
    w_hh: Array
    h: Array
    c: Array | None
    kept: Array
    finished: Array

    def outputs(self) -> Array:
        """h after each step [T, N, H]."""
        return self.h[:-1] if self.reverse else self.h[1:]

    def befores(self) -> Array:
        """h before each step [T, N, H]."""
        return self.h[1:] if self.reverse else self.h[:-1]


def persistent_layer_forward(
    device: Device, cell: str, x: Array, h: Array, c: Array | None, w_ih: Array, w_hh: Array, b_ih: Array | None,
    b_hh: Array | None, finished: Array, reverse: bool, tf32: bool,
) -> tuple[PersistentLayer, Array, Array | None]:  # fmt: skip
    """What is kept, and the states h and c after all steps; all arrays are dense. finished: uint32 zeros."""
    (steps, sequences, inputs), (columns, hidden) = x.shape, w_hh.shape

    def floats(*shape: int) -> Array:
        return device.empty(shape, "float32")

    a = floats(steps, sequences, columns)
    rows = steps * sequences
    device.gemm(x.reshape(rows, inputs), w_ih.swapaxes(0, 1), a.reshape(rows, columns))
    kept = a if KEPT.get(cell, CELLS[cell].gates) * hidden == columns else floats(steps, sequences, KEPT[cell] * hidden)
    hs, h_last = floats(steps + 1, sequences, hidden), floats(sequences, hidden)
    cs, c_last = (None, None) if c is None else (floats(*hs.shape), floats(*h_last.shape))
    states = (h, c, hs, cs, kept, h_last, c_last)
    persistent_forward(device, cell, a, w_hh, b_ih, b_hh, *states, finished, reverse, tf32)
    return PersistentLayer(cell, reverse, tf32, x, w_ih, w_hh, hs, cs, kept, finished), h_last, c_last


def persistent_layer_backward(
    device: Device, layer: PersistentLayer, dy: Array | None, dh_last: Array | None, dc_last: Array | None,
    needs_dx: bool,
) -> tuple[Array | None, ...]:  # fmt: skip
    """The gradients of x, h, c, w_ih, w_hh, b_ih, b_hh; dy [T, N, H], dh_last, dc_last [N, H]: those of the results."""
    x, w_hh, c = layer.x, layer.w_hh, layer.c
    (steps, sequences, inputs), (columns, hidden) = x.shape, w_hh.shape

    def floats(*shape: int) -> Array:
        return device.empty(shape, "float32")

    da = floats(steps, sequences, columns)
    db = floats(*da.shape) if layer.cell in BLENDS else None
    dh, dc = floats(sequences, hidden), None if c is None else floats(sequences, hidden)
    given, written = (layer.kept, w_hh, layer.h, c, dy, dh_last, dc_last), (da, db, dh, dc)
    persistent_backward(device, layer.cell, *given, *written, layer.finished, layer.reverse, layer.tf32)
    rows = steps * sequences
    flat_x, flat_h = x.reshape(rows, inputs), layer.befores().reshape(rows, hidden)
    flat_a = da.reshape(rows, columns)
    flat_b = flat_a if db is None else db.reshape(rows, columns)
    dx = floats(*x.shape) if needs_dx else None
    if dx is not None:
        device.gemm(flat_a, layer.w_ih, dx.reshape(rows, inputs))
    dw_ih, dw_hh = floats(*layer.w_ih.shape), floats(*w_hh.shape)
    device.gemm(flat_a.swapaxes(0, 1), flat_x, dw_ih)
    device.gemm(flat_b.swapaxes(0, 1), flat_h, dw_hh)
    db_ih, db_hh = column_sum(device, flat_a), floats(columns)
    if db is None:
        device.copy(db_ih, db_hh)
    else:
        db_hh = column_sum(device, flat_b)
    return dx, dh, dc, dw_ih, dw_hh, db_ih, db_hh
