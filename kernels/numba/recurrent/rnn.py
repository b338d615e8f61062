"""Elman's network with tanh or ReLU, compiled."""

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
        packed, hidden, d = panels(w_hh), hs.shape[2], empty(hs[1:].shape, hs.dtype)
        dh = start(dh, room(packed, len(hs[0])))
        share(rnn_back[x.dtype], walk, w_hh, outputs_gradient(dy, hs), hs, packed, d, dh, walk.order(), relu)
        dz = flat(d)
        dx, dw_ih = of_inputs(dz, x, w_ih, needs)
        db = dz.sum(0)
        return dx, dh[:, :hidden], None, dw_ih, product(dz.T, flat(hs[walk.befores])), db, db.copy(), None, None
