"""A layer of any recurrent cell on a device, of any lengths and with a projection: products by GEMM, the rest by
recurrent_cell.cu.

Notation: T steps, N sequences, I inputs, H hidden units, G gates, K = H or the size of the projection; x [T, N, I],
w_ih [G H, I], w_hh [G H, K], biases [G H], w_hr [K, H], p [3, H]. h [T + 1, N, K] and c [T + 1, N, H] hold the states
between the steps: forwards the first is given and t + 1 comes after step t; in reverse the last is given and t comes
after. Of step t the first n_t rows are computed, and the states of the others are copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.recurrent.cells import CELLS, Cell
from xdl.functional.recurrent.recurrence import Sizes, order

from ..launch import Device
from ..reduce.column_sum import column_sum
from .cell import cell_backward, cell_forward

PARTS = {"gru_before": ("gru_before_gates", "gru_before_state")}  # structs of cells that are not one by their own name
STRUCTS = [struct for name in CELLS for struct in PARTS.get(name, (name,))]
BLENDS = ("gru", "gru_before")  # h' has h in it beside the product, and the gradients of the two products differ
KEPT = {"gru": 4}  # values a unit keeps for the backward pass, where it is not one a gate


@dataclass(frozen=True, slots=True)
class Layer:
    """What the forward pass got and keeps. passed: what goes into the second product; new: h before w_hr."""

    cell: Cell
    sizes: Sizes
    reverse: bool
    x: Array
    w_ih: Array
    w_hh: Array
    w_hr: Array | None
    p: Array | None
    h: Array
    c: Array | None
    kept: Array
    passed: Array | None
    new: Array | None

    @property
    def hidden(self) -> int:
        """H."""
        return int(self.w_hh.shape[0]) // self.cell.gates

    def steps(self) -> list[tuple[int, int, int, int]]:
        """(t, n_t, places of the states before and after) of each step, in the order in which they are computed."""
        every = order(self.x.shape[0], self.x.shape[1], self.sizes, self.reverse)
        return [(t, n, t + self.reverse, t + (not self.reverse)) for t, n in every]

    def parts(self) -> list[tuple[str, slice]]:
        """(struct, rows of w_hh) of each part of the cell."""
        names = PARTS.get(self.cell.name, (self.cell.name,))
        return list(zip(names, self.cell.products(self.hidden), strict=True))

    def last(self, states: Array) -> Array:
        """The state after all steps."""
        return states[0 if self.reverse else -1]

    def befores(self) -> Array:
        """h before each step [T, N, K]."""
        return self.h[1:] if self.reverse else self.h[:-1]

    def outputs(self, device: Device) -> Array:
        """h after each step [T, N, K], zeros where a sequence has no step."""
        afters = self.h[:-1] if self.reverse else self.h[1:]
        if self.sizes is None:
            return afters
        y = buffer(device, self.x, self.sizes, *afters.shape)
        for t, n in enumerate(self.sizes):
            device.copy(afters[t, :n], y[t, :n])
        return y


def layer_forward(
    device: Device, name: str, x: Array, h: Array, c: Array | None, w_ih: Array, w_hh: Array, b_ih: Array | None,
    b_hh: Array | None, w_hr: Array | None, p: Array | None, sizes: Sizes, reverse: bool,
) -> Layer:  # fmt: skip
    """All steps of the cell of that name."""
    cell, (total, sequences, inputs) = CELLS[name], x.shape
    columns, hidden = w_hh.shape[0], w_hh.shape[0] // cell.gates
    dtype, kept_columns = dtype_name(x), KEPT.get(name, cell.gates) * hidden

    def of_all_steps(wanted: bool, width: int) -> Array | None:
        return buffer(device, x, sizes, total, sequences, width) if wanted else None

    a = device.empty((total, sequences, columns), dtype)
    device.gemm(x.reshape(total * sequences, inputs), w_ih.swapaxes(0, 1), a.reshape(total * sequences, columns))
    kept = a if kept_columns == columns else device.empty((total, sequences, kept_columns), dtype)
    hs = device.empty((total + 1, sequences, w_hh.shape[1]), dtype)
    cs = None if c is None else device.empty((total + 1, sequences, hidden), dtype)
    passed, new = of_all_steps(name in PARTS, hidden), of_all_steps(w_hr is not None, hidden)
    layer = Layer(cell, sizes, reverse, x, w_ih, w_hh, w_hr, p, hs, cs, kept, passed, new)
    states = [(hs, h)] if cs is None else [(hs, h), (cs, c)]
    for every, first in states:
        device.copy(first, every[-1 if reverse else 0])
    targets = [passed, hs] if passed is not None else [hs if new is None else new]
    products = [device.empty((sequences, rows.stop - rows.start), dtype) for _, rows in layer.parts()]
    for t, n, before, after in layer.steps():
        value = hs[before, :n]
        h_before, c_before, c_after = value if w_hr is None else None, _rows(cs, before, n), _rows(cs, after, n)
        for (part, rows), b, target in zip(layer.parts(), products, targets, strict=True):
            device.gemm(value, w_hh[rows].swapaxes(0, 1), b[:n])
            value = target[after if target is hs else t, :n]
            sums, keep = (a[t, :n], b[:n], b_ih, b_hh, p), kept[t, :n]
            cell_forward(device, part, *sums, h_before, c_before, keep, value, c_after)
        if w_hr is not None:
            device.gemm(value, w_hr.swapaxes(0, 1), hs[after, :n])
        if n < sequences:
            for every, _ in states:
                device.copy(every[before, n:], every[after, n:])
    return layer


def layer_backward(
    device: Device, layer: Layer, dy: Array | None, dh: Array, dc: Array | None, needs_dx: bool
) -> tuple[Array | None, ...]:
    """The gradients of x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p; dy [T, N, K], dh, dc: of the outputs and last states.

    dh and dc are overwritten.
    """
    x, w_hh, w_hr, p, hidden, parts = layer.x, layer.w_hh, layer.w_hr, layer.p, layer.hidden, layer.parts()
    (total, sequences, inputs), dtype, blends = x.shape, dtype_name(x), layer.cell.name in BLENDS

    def of_all_steps(width: int) -> Array:
        return buffer(device, x, layer.sizes, total, sequences, width)

    da = of_all_steps(w_hh.shape[0])
    dbs = [of_all_steps(rows.stop - rows.start) if blends else da for _, rows in parts]
    dprojected = None if w_hr is None else of_all_steps(w_hr.shape[0])
    scratch = device.empty((sequences, hidden), dtype)  # of h before w_hr, or of what the first product let pass
    dp = None if p is None else device.empty((sequences, 3 * hidden), dtype)
    if dp is not None:
        dp[...] = 0
    for t, n, before, after in reversed(layer.steps()):
        d, outer, dpassed = dh[:n], _rows(dy, t, n), None
        if dprojected is not None:
            device.copy(d if outer is None else d + outer, dprojected[t, :n])
            d, outer = scratch[:n], None
            device.gemm(dprojected[t, :n], w_hr, d)
        h_before = layer.h[before, :n] if w_hr is None else None
        states = layer.kept[t, :n], p, h_before, _rows(layer.c, before, n), _rows(layer.c, after, n)
        for (part, rows), db in zip(reversed(parts), reversed(dbs), strict=True):
            written = d, _first(dc, n), da[t, :n], db[t, :n] if blends else None, _first(dp, n)
            cell_backward(device, part, *states, outer, dpassed, *written)
            if rows.start:
                outer, dpassed = None, scratch[:n]
                device.gemm(db[t, :n], w_hh[rows], dpassed)
            else:
                device.gemm(db[t, :n], w_hh[rows], dh[:n], accumulate=blends)
    flat, flat_x = _flat(da), _flat(x)
    dx = device.empty(x.shape, dtype) if needs_dx else None
    if dx is not None:
        device.gemm(flat, layer.w_ih, dx.reshape(total * sequences, inputs))
    dw_ih, dw_hh, db_hh = (device.empty(shape, dtype) for shape in (layer.w_ih.shape, w_hh.shape, w_hh.shape[:1]))
    device.gemm(flat.swapaxes(0, 1), flat_x, dw_ih)
    for (_, rows), db, multiplied in zip(parts, dbs, (layer.befores(), layer.passed), strict=False):
        device.gemm(_flat(db).swapaxes(0, 1), _flat(multiplied), dw_hh[rows])
        device.copy(column_sum(device, _flat(db)), db_hh[rows])
    dw_hr = None if w_hr is None else device.empty(w_hr.shape, dtype)
    if dw_hr is not None:
        device.gemm(_flat(dprojected).swapaxes(0, 1), _flat(layer.new), dw_hr)
    dp = None if dp is None else column_sum(device, dp).reshape(3, hidden)
    return dx, dh, dc, dw_ih, dw_hh, column_sum(device, flat), db_hh, dw_hr, dp


def buffer(device: Device, like: Array, sizes: Sizes, *shape: int) -> Array:
    """An array of like's dtype: zeros where not all sequences have all steps, so that those without one add nothing."""
    y = device.empty(shape, dtype_name(like))
    if sizes is not None:
        y[...] = 0
    return y


def _rows(x: Array | None, t: int, n: int) -> Array | None:
    return None if x is None else x[t, :n]


def _first(x: Array | None, n: int) -> Array | None:
    return None if x is None else x[:n]


def _flat(x: Any) -> Any:
    return x.reshape(x.shape[0] * x.shape[1], x.shape[2])
