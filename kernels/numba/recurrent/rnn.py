"""Elman's network with tanh or ReLU, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.functional.recurrent.recurrence import Sizes, recurrence_pair

from ...common.walk import Walk, flat, results
from ..compiled import Compiled
from ..products import LOOPS, panels, room, sum_of_rows
from ..slots import register
from .sequences import (
    WHY,
    Gradient,
    bias_sum,
    gradients_room,
    inputs_product,
    outputs_gradient,
    share,
    share_back,
    start,
    states,
    takes,
    weights_gradient,
)

rnn = Compiled(
    "recurrent.rnn.rnn",
    "T[:, :, ::1], T[::1], T[:, :, ::1], T[:, ::1], T[:, :, ::1], int64[:, ::1], boolean, int64, int64",
)
rnn_back = Compiled(
    "recurrent.rnn.rnn_back",
    "T[:, :, ::1], T[:, :, ::1], T[:, :, ::1], T[:, :, ::1], T[:, ::1], int64[:, ::1], boolean, int64, int64",
)


@register(
    recurrence_pair,
    rnn,
    rnn_back,
    *LOOPS,
    when=takes("rnn_tanh", "rnn_relu", steps=2),
    why=f"tanh or relu units, {WHY}, of two steps or more",
)
class rnn_compiled:
    """(y, h); saved: the states of all steps."""

    @staticmethod
    def forward(
        x: np.ndarray, h: np.ndarray, c: None, w_ih: np.ndarray, w_hh: np.ndarray, b_ih: Gradient, b_hh: Gradient,
        w_hr: None, p: None, cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[np.ndarray, ...], Any]:  # fmt: skip
        walk = Walk(x.shape[0], x.shape[1], sizes, reverse)
        (a, before), bias, hs = inputs_product(x, w_ih, 1), bias_sum(b_ih, b_hh, w_hh, 1)[0], states(walk, h)
        packed, relu = panels(w_hh.T), cell == "rnn_relu"
        given = a[:, :, 0], bias, packed, room(packed, len(h)), hs
        share(rnn[x.dtype], walk, w_hh, *given, flags=[relu], before=before)
        return results(walk, hs), (walk, relu, hs, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Sequence[Gradient], saved: Any, needs: Sequence[bool]) -> tuple[Gradient, ...]:
        walk, relu, hs, x, w_ih, w_hh = saved
        dy, dh = g
        packed, hidden = panels(w_hh), hs.shape[2]
        d = gradients_room(x, hidden)
        dh = start(dh, room(packed, len(hs[0])))
        given, inputs = (outputs_gradient(dy, hs), hs, packed, d, dh), {"x": x, "w_ih": w_ih, "needs": needs}
        dx = share_back(rnn_back[x.dtype], walk, w_hh, *given, d=d, begin=0, **inputs, flags=[relu])
        dw_ih, dw_hh = (weights_gradient(d, 0, hidden, v) for v in (x, hs[walk.befores]))
        db = sum_of_rows(flat(d))[:hidden]
        return dx, dh[:, :hidden], None, dw_ih, dw_hh, db.copy(), db.copy(), None, None
