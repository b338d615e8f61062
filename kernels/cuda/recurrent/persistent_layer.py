"""A whole recurrent layer on a device by the persistent kernels: GEMMs, a launch for all steps, and GEMMs for the
weights' gradients.

Notation: T steps, N sequences, I inputs, H hidden units, G gates, D directions: 1, in whichever, or 2, forwards and in
reverse; x [T, N, I], w_ih [G H, I], w_hh [G H, H], biases [G H]; h and c [T + 2, N, D, H] hold the states between the
steps: t + 1 those after step t, 0 the first, in reverse T + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xdl.backend import Array
from xdl.functional.recurrent.cells import CELLS

from ..launch import Device
from ..reduce.column_sum import column_sum
from .any_cell import BLENDS, KEPT
from .persistent import Each, persistent_backward, persistent_forward


class Way(NamedTuple):
    """What a direction has: the first states h and c [N, H], weights and biases. Of the gradients: theirs."""

    h: Array
    c: Array | None
    w_ih: Array
    w_hh: Array
    b_ih: Array | None
    b_hh: Array | None


@dataclass(frozen=True, slots=True)
class PersistentLayer:
    """What the forward pass got and keeps. reverse: the one direction's; finished: the counters, 0 between launches."""

    cell: str
    reverse: bool
    tf32: bool
    x: Array
    ways: Sequence[Way]
    h: Array
    c: Array | None
    kept: Array
    finished: Array

    def outputs(self) -> Array:
        """h after each step [T, N, D H], the directions side by side."""
        steps, sequences, directions, hidden = self.h.shape
        return self.h[1:-1].reshape(steps - 2, sequences, directions * hidden)

    def befores(self, way: int) -> Array:
        """h before each step in a direction, as rows [T N, H]."""
        steps, sequences, directions, hidden = self.h.shape
        h = self.h[2:] if self.reverse or way else self.h[:-2]
        return h.reshape((steps - 2) * sequences, directions, hidden)[:, way]


def persistent_layer_forward(
    device: Device, cell: str, x: Array, ways: Sequence[Way], finished: Array, reverse: bool, tf32: bool
) -> tuple[PersistentLayer, Array, Array | None]:
    """What is kept, and the states h and c [D, N, H] after all steps; all arrays are dense. finished: uint32 zeros."""
    (steps, sequences, inputs), (columns, hidden), d = x.shape, ways[0].w_hh.shape, len(ways)

    def floats(*shape: int) -> Array:
        return device.empty(shape, "float32")

    a, rows = floats(steps, sequences, d, columns), steps * sequences
    sums = a.reshape(rows, d, columns)
    for way, given in enumerate(ways):
        device.gemm(x.reshape(rows, inputs), given.w_ih.swapaxes(0, 1), sums[:, way])
    kept_columns = KEPT.get(cell, CELLS[cell].gates) * hidden
    kept = a if kept_columns == columns else floats(steps, sequences, d, kept_columns)
    hs, h_last = floats(steps + 2, sequences, d, hidden), floats(d, sequences, hidden)
    cs, c_last = (None, None) if ways[0].c is None else (floats(*hs.shape), floats(*h_last.shape))
    h, c, _, w_hh, b_ih, b_hh = zip(*ways, strict=True)
    written = (hs, cs, kept, h_last, c_last)
    persistent_forward(device, cell, a, w_hh, b_ih, b_hh, h, c, *written, finished, reverse, tf32)
    return PersistentLayer(cell, reverse, tf32, x, ways, hs, cs, kept, finished), h_last, c_last


def persistent_layer_backward(
    device: Device, layer: PersistentLayer, dy: Array | None, dh_last: Each, dc_last: Each, needs_dx: bool
) -> tuple[Array | None, list[Way]]:
    """The gradients of x and of what each direction has; dy [T, N, D H], dh_last, dc_last [N, H]: of the results."""
    x, ways, hidden = layer.x, layer.ways, layer.h.shape[-1]
    (steps, sequences, inputs), columns, d = x.shape, ways[0].w_hh.shape[0], len(ways)
    rows = steps * sequences

    def floats(*shape: int) -> Array:
        return device.empty(shape, "float32")

    da = floats(steps, sequences, d, columns)
    db = floats(*da.shape) if layer.cell in BLENDS else None
    dh, dc = floats(d, sequences, hidden), None if layer.c is None else floats(d, sequences, hidden)
    given, written = (dy, dh_last, dc_last), (da, db, dh, dc)
    states = (layer.kept, [way.w_hh for way in ways], layer.h, layer.c)
    persistent_backward(device, layer.cell, *states, *given, *written, layer.finished, layer.reverse, layer.tf32)
    flat_x, of_a = x.reshape(rows, inputs), da.reshape(rows, d, columns)
    of_b = of_a if db is None else db.reshape(rows, d, columns)
    dx = floats(*x.shape) if needs_dx else None
    if dx is not None:
        for i, way in enumerate(ways):
            device.gemm(of_a[:, i], way.w_ih, dx.reshape(rows, inputs), accumulate=i > 0)
    dw_ih, dw_hh = floats(d, columns, inputs), floats(d, columns, hidden)
    device.gemm(of_a.transpose(1, 2, 0), flat_x, dw_ih)
    for i in range(d):
        device.gemm(of_b[:, i].swapaxes(0, 1), layer.befores(i), dw_hh[i])
    db_ih = column_sum(device, of_a.reshape(rows, d * columns)).reshape(d, columns)
    if db is None:
        db_hh = floats(d, columns)
        device.copy(db_ih, db_hh)
    else:
        db_hh = column_sum(device, of_b.reshape(rows, d * columns)).reshape(d, columns)
    return dx, [Way(dh[i], None if dc is None else dc[i], dw_ih[i], dw_hh[i], db_ih[i], db_hh[i]) for i in range(d)]
