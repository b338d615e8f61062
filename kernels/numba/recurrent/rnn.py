"""Elman's network with tanh or ReLU, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.functional.recurrent.recurrence import Sizes, recurrence_pair

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
        a, bias, hs = inputs_product(x, w_ih, 1)[:, :, 0], bias_sum(b_ih, b_hh, w_hh, 1)[0], states(walk, h)
        packed, relu = panels(w_hh.T), cell == "rnn_relu"
        share(rnn[x.dtype], walk, w_hh, a, bias, packed, room(packed, len(h)), hs, walk.order(), relu)
        return results(walk, hs), (walk, relu, hs, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Sequence[Gradient], saved: Any, needs: Sequence[bool]) -> tuple[Gradient, ...]:
        walk, relu, hs, x, w_ih, w_hh = saved
        dy, dh = g
        packed, hidden = panels(w_hh), hs.shape[2]
        d = gradients_room(x, hidden)
        dh = start(dh, room(packed, len(hs[0])))
        share(rnn_back[x.dtype], walk, w_hh, outputs_gradient(dy, hs), hs, packed, d, dh, walk.order(), relu)
        (dx, dw_ih), db = of_inputs(d, 0, x, w_ih, needs), sum_of_rows(flat(d))[: len(w_hh)]
        dw_hh = product_of_columns(flat(d), 0, hidden, flat(hs[walk.befores]))
        return dx, dh[:, :hidden], None, dw_ih, dw_hh, db.copy(), db.copy(), None, None
