"""LSTM, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.functional.recurrent.recurrence import Sizes, recurrence_pair

from ...common.buffers import empty
from ...common.walk import Walk, flat, results
from ..compiled import Compiled
from ..products import panels, product, room
from ..slots import register
from .sequences import (
    WHY,
    Gradient,
    bias_sum,
    inputs_product,
    of_inputs,
    outputs_gradient,
    share,
    start,
    states,
    takes,
)

GATES = 4
OF_STATES, PANELS, END = "T[:, :, ::1]", "T[:, :, ::1]", "int64[:, ::1], int64, int64"
lstm = Compiled(
    "recurrent.lstm.lstm", f"T[:, :, :, ::1], T[:, ::1], {PANELS}, T[:, ::1], {OF_STATES}, {OF_STATES}, {END}"
)
lstm_back = Compiled(
    "recurrent.lstm.lstm_back",
    f"{OF_STATES}, T[:, :, :, ::1], {OF_STATES}, {PANELS}, T[:, :, :, ::1], T[:, ::1], T[:, ::1], {END}",
)


@register(recurrence_pair, lstm, lstm_back, when=takes("lstm"), why=f"an LSTM, {WHY}")
class lstm_compiled:
    """(y, h, c); saved: the gates i, f, g, o and the states of all steps."""

    @staticmethod
    def forward(
        x: np.ndarray, h: np.ndarray, c: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b_ih: Gradient, b_hh: Gradient,
        w_hr: None, p: None, cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[np.ndarray, ...], Any]:  # fmt: skip
        walk = Walk(x.shape[0], x.shape[1], sizes, reverse)
        gates, bias = inputs_product(x, w_ih, GATES), bias_sum(b_ih, b_hh, w_hh, GATES)
        hs, cs = states(walk, h), states(walk, c)
        packed = panels(w_hh.T)
        share(lstm[x.dtype], walk, w_hh, gates, bias, packed, room(packed, len(h)), hs, cs, walk.order())
        return (*results(walk, hs), cs[walk.last].copy()), (walk, gates, hs, cs, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Sequence[Gradient], saved: Any, needs: Sequence[bool]) -> tuple[Gradient, ...]:
        walk, gates, hs, cs, x, w_ih, w_hh = saved
        dy, dh, dc = g
        packed, hidden, d = panels(w_hh), hs.shape[2], empty(gates.shape, gates.dtype)
        dh, dc = start(dh, room(packed, len(hs[0]))), start(dc, np.empty_like(hs[0]))
        share(lstm_back[x.dtype], walk, w_hh, outputs_gradient(dy, hs), gates, cs, packed, d, dh, dc, walk.order())
        dz = d.reshape(-1, GATES * hidden)
        dx, dw_ih = of_inputs(dz, x, w_ih, needs)
        db = dz.sum(0)
        return dx, dh[:, :hidden], dc, dw_ih, product(dz.T, flat(hs[walk.befores])), db, db.copy(), None, None
