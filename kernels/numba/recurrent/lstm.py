"""LSTM, compiled, also with peepholes, with coupled gates, and without an output gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from xdl.functional.recurrent.recurrence import Sizes, recurrence_pair

from ...common.walk import Walk, flat, results
from ..compiled import Compiled
from ..products import LOOPS, panels, product_of_columns, room, sum_of_rows
from ..sharing import plain
from ..slots import register
from .sequences import (
    WHY,
    Gradient,
    bias_sum,
    gradients_room,
    inputs_product,
    of_inputs,
    outputs_gradient,
    share,
    start,
    states,
    takes,
)

ALL_GATES, OF_STATES, PANELS, END = "T[:, :, :, ::1]", "T[:, :, ::1]", "T[:, :, ::1]", "int64[:, ::1], int64, int64"
FORWARD = f"{ALL_GATES}, T[:, ::1], {PANELS}, T[:, ::1], {OF_STATES}, {OF_STATES}"
BACK = f"{OF_STATES}, {ALL_GATES}, {OF_STATES}, {PANELS}, {OF_STATES}, T[:, ::1], T[:, ::1]"


class Cell(NamedTuple):
    """The loops of all steps, forwards and back, and the number of gates."""

    forward: Compiled
    back: Compiled
    gates: int


def _cell(place: str, gates: int, more: str = "") -> Cell:
    names = f"recurrent.{place}", f"recurrent.{place}_back"
    forward, back = (
        Compiled(name, f"{arrays}, {more}{END}") for name, arrays in zip(names, (FORWARD, BACK), strict=True)
    )
    return Cell(forward, back, gates)


CELLS = {
    "lstm": _cell("lstm.lstm", 4),
    "lstm_peephole": _cell("lstm_variants.peephole", 4, "T[:, ::1], "),
    "lstm_coupled": _cell("lstm_variants.coupled", 3),
    "lstm_no_output": _cell("lstm_variants.no_output", 3),
}


@register(
    recurrence_pair,
    *(loop for cell in CELLS.values() for loop in (cell.forward, cell.back)),
    *LOOPS,
    when=takes(*CELLS),
    why=f"an LSTM of any kind, {WHY}",
)
class lstm_compiled:
    """(y, h, c); saved: the gates and the states of all steps."""

    @staticmethod
    def forward(
        x: np.ndarray, h: np.ndarray, c: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b_ih: Gradient, b_hh: Gradient,
        w_hr: None, p: Gradient, cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[np.ndarray, ...], Any]:  # fmt: skip
        kind, walk = CELLS[cell], Walk(x.shape[0], x.shape[1], sizes, reverse)
        gates, bias = inputs_product(x, w_ih, kind.gates), bias_sum(b_ih, b_hh, w_hh, kind.gates)
        hs, cs, peepholes = states(walk, h), states(walk, c), [] if p is None else [plain(p)]
        packed = panels(w_hh.T)
        given = gates, bias, packed, room(packed, len(h)), hs, cs, *peepholes
        share(kind.forward[x.dtype], walk, w_hh, *given, walk.order())
        return (*results(walk, hs), cs[walk.last].copy()), (kind, walk, gates, hs, cs, x, w_ih, w_hh, peepholes)

    @staticmethod
    def backward(g: Sequence[Gradient], saved: Any, needs: Sequence[bool]) -> tuple[Gradient, ...]:
        kind, walk, gates, hs, cs, x, w_ih, w_hh, peepholes = saved
        dy, dh, dc = g
        packed, hidden, all_gates = panels(w_hh), hs.shape[2], len(w_hh)
        d = gradients_room(gates, all_gates)
        dh, dc = start(dh, room(packed, len(hs[0]))), start(dc, np.empty_like(hs[0]))
        given = outputs_gradient(dy, hs), gates, cs, packed, d, dh, dc, *peepholes
        share(kind.back[x.dtype], walk, w_hh, *given, walk.order())
        (dx, dw_ih), db = of_inputs(d, 0, x, w_ih, needs), sum_of_rows(flat(d))[: len(w_hh)]
        dw_hh, dp = product_of_columns(flat(d), 0, all_gates, flat(hs[walk.befores])), None
        if peepholes:
            of_i, of_f, _, of_o = np.moveaxis(d[:, :, :all_gates].reshape(gates.shape), 2, 0)
            seen = cs[walk.befores], cs[walk.befores], cs[walk.outputs]
            dp = np.stack([flat(of_gate * c).sum(0) for of_gate, c in zip((of_i, of_f, of_o), seen, strict=True)])
        return dx, dh[:, :hidden], dc, dw_ih, dw_hh, db.copy(), db.copy(), None, dp
