"""GRU, compiled, with its gate r after or before the product with w_hh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.functional.recurrent.recurrence import Sizes, recurrence_pair

from ...common.buffers import empty
from ...common.walk import Walk, flat, results
from ..compiled import Compiled
from ..products import LOOPS, panels, product_of_columns, room, sum_of_rows
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

GATES = 3
ALL_GATES, OF_STATES, PANELS, END = "T[:, :, :, ::1]", "T[:, :, ::1]", "T[:, :, ::1]", "int64[:, ::1], int64, int64"
gru = Compiled("recurrent.gru.gru", f"{ALL_GATES}, {OF_STATES}, T[:, ::1], {PANELS}, T[:, ::1], {OF_STATES}, {END}")
gru_back = Compiled(
    "recurrent.gru.gru_back",
    f"{OF_STATES}, {ALL_GATES}, {OF_STATES}, {OF_STATES}, {PANELS}, {OF_STATES}, T[:, ::1], {END}",
)
gru_before = Compiled(
    "recurrent.gru.gru_before", f"{ALL_GATES}, T[:, ::1], {PANELS}, {PANELS}, T[:, ::1], T[:, ::1], {OF_STATES}, {END}"
)
gru_before_back = Compiled(
    "recurrent.gru.gru_before_back",
    f"{OF_STATES}, {ALL_GATES}, {OF_STATES}, {PANELS}, {PANELS}, T[:, ::1], {OF_STATES}, T[:, ::1], {END}",
)


@register(recurrence_pair, gru, gru_back, *LOOPS, when=takes("gru"), why=f"a GRU, {WHY}")
class gru_compiled:
    """(y, h); saved: the gates r, z, n, the states and b_n of all steps."""

    @staticmethod
    def forward(
        x: np.ndarray, h: np.ndarray, c: None, w_ih: np.ndarray, w_hh: np.ndarray, b_ih: Gradient, b_hh: Gradient,
        w_hr: None, p: None, cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[np.ndarray, ...], Any]:  # fmt: skip
        walk, hidden = Walk(x.shape[0], x.shape[1], sizes, reverse), w_hh.shape[1]
        gates, hs, b_n = inputs_product(x, w_ih, GATES), states(walk, h), empty((*x.shape[:2], hidden), x.dtype)
        bias = np.zeros((GATES + 1, hidden), x.dtype)
        if b_ih is not None and b_hh is not None:
            bias[:2] = (b_ih + b_hh)[: 2 * hidden].reshape(2, hidden)
            bias[2], bias[3] = b_ih[2 * hidden :], b_hh[2 * hidden :]
        packed = panels(w_hh.T)
        share(gru[x.dtype], walk, w_hh, gates, b_n, bias, packed, room(packed, len(h)), hs, walk.order())
        return results(walk, hs), (walk, gates, b_n, hs, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Sequence[Gradient], saved: Any, needs: Sequence[bool]) -> tuple[Gradient, ...]:
        walk, gates, b_n, hs, x, w_ih, w_hh = saved
        (dy, dh), hidden = g, w_hh.shape[1]
        packed, d = panels(np.roll(w_hh, hidden, 0)), gradients_room(b_n, (GATES + 1) * hidden)
        dh = start(dh, room(packed, len(hs[0])))
        share(gru_back[x.dtype], walk, w_hh, outputs_gradient(dy, hs), gates, b_n, hs, packed, d, dh, walk.order())
        (dx, dw_ih), sums = of_inputs(d, hidden, x, w_ih, needs), sum_of_rows(flat(d))
        dw_hh = product_of_columns(flat(d), 0, GATES * hidden, flat(hs[walk.befores]))
        db_ih, db_hh = sums[hidden : (GATES + 1) * hidden].copy(), np.roll(sums[: GATES * hidden], -hidden)
        dw_hh = np.roll(dw_hh, -hidden, 0)
        return dx, dh[:, :hidden], None, dw_ih, dw_hh, db_ih, db_hh, None, None


@register(recurrence_pair, gru_before, gru_before_back, *LOOPS, when=takes("gru_before"), why=f"a GRU of 2014, {WHY}")
class gru_before_compiled:
    """(y, h); saved: the gates r, z, n and the states of all steps."""

    @staticmethod
    def forward(
        x: np.ndarray, h: np.ndarray, c: None, w_ih: np.ndarray, w_hh: np.ndarray, b_ih: Gradient, b_hh: Gradient,
        w_hr: None, p: None, cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[np.ndarray, ...], Any]:  # fmt: skip
        walk, two = Walk(x.shape[0], x.shape[1], sizes, reverse), 2 * w_hh.shape[1]
        gates, hs, bias = inputs_product(x, w_ih, GATES), states(walk, h), bias_sum(b_ih, b_hh, w_hh, GATES)
        of_two, of_n = panels(w_hh[:two].T), panels(w_hh[two:].T)
        between = room(of_two, len(h)), np.empty(h.shape, h.dtype)
        share(gru_before[x.dtype], walk, w_hh, gates, bias, of_two, of_n, *between, hs, walk.order())
        return results(walk, hs), (walk, gates, hs, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Sequence[Gradient], saved: Any, needs: Sequence[bool]) -> tuple[Gradient, ...]:
        walk, gates, hs, x, w_ih, w_hh = saved
        (dy, dh), two = g, 2 * w_hh.shape[1]
        of_two, of_n = panels(w_hh[:two]), panels(w_hh[two:])
        dh, u = start(dh, room(of_two, len(hs[0]))), room(of_n, len(hs[0]))
        d = gradients_room(gates, len(w_hh))
        dy = outputs_gradient(dy, hs)
        share(gru_before_back[x.dtype], walk, w_hh, dy, gates, hs, of_two, of_n, u, d, dh, walk.order())
        (dx, dw_ih), db = of_inputs(d, 0, x, w_ih, needs), sum_of_rows(flat(d))[: len(w_hh)]
        h = hs[walk.befores]
        of_h = product_of_columns(flat(d), 0, two, flat(h))
        of_passed = product_of_columns(flat(d), two, len(w_hh), flat(gates[:, :, 0] * h))
        dw_hh = np.concatenate([of_h, of_passed])
        return dx, dh[:, : hs.shape[2]], None, dw_ih, dw_hh, db.copy(), db.copy(), None, None
