"""The NumPy versions of the slot of `xdl/functional/recurrent/recurrence.py`: LSTM, GRU, RNN, without projection.

One GEMM over all steps makes the products of the inputs, and one each the gradients of the inputs and of both weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.functional.recurrent.recurrence import Sizes, recurrence_pair

from ...common.walk import Walk, flat, results
from ..slots import register
from .gru import gru_backward, gru_forward
from .lstm import g_last, lstm_backward, lstm_forward
from .rnn import rnn_backward, rnn_forward

Gradient = np.ndarray | None
DTYPES = ("float32", "float64")


def takes(*cells: str) -> Any:
    """Whether the arguments of the slot are for one of these cells, without projection, in float32 or float64."""

    def when(x: np.ndarray, *arguments: Any) -> bool:
        *_, w_hr, _, cell, _, _ = arguments
        return cell in cells and w_hr is None and x.dtype.name in DTYPES

    return when


@register(recurrence_pair, when=takes("lstm"), why="an LSTM without projection")
class lstm_numpy:
    """(y, h, c); saved: the gates and states of all steps."""

    @staticmethod
    def forward(
        x: np.ndarray, h: np.ndarray, c: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b_ih: Gradient, b_hh: Gradient,
        w_hr: None, p: None, cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[np.ndarray, ...], Any]:  # fmt: skip
        walk = Walk(x.shape[0], x.shape[1], sizes, reverse)
        kept = lstm_forward(walk, x, h, c, w_ih, w_hh, b_ih, b_hh)
        return (*results(walk, kept.hs), kept.cs[walk.last].copy()), (kept, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Sequence[Gradient], saved: Any, needs: Sequence[bool]) -> tuple[Gradient, ...]:
        kept, x, w_ih, w_hh = saved
        dy, dh, dc = g
        dh, dc = start(dh, kept.hs[0]), start(dc, kept.hs[0])
        dz = lstm_backward(kept, dy, dh, dc, w_hh)
        dx, *of_gates = of_inputs(dz, x, g_last(w_ih), needs)
        dw_hh = flat(dz).T @ flat(kept.hs[kept.walk.befores])
        dw_ih, db, dw_hh = map(g_last, (*of_gates, dw_hh))
        return dx, dh, dc, dw_ih, dw_hh, db, db.copy(), None, None


@register(recurrence_pair, when=takes("gru"), why="a GRU")
class gru_numpy:
    """(y, h); saved: the gates and states of all steps."""

    @staticmethod
    def forward(
        x: np.ndarray, h: np.ndarray, c: None, w_ih: np.ndarray, w_hh: np.ndarray, b_ih: Gradient, b_hh: Gradient,
        w_hr: None, p: None, cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[np.ndarray, ...], Any]:  # fmt: skip
        walk = Walk(x.shape[0], x.shape[1], sizes, reverse)
        kept = gru_forward(walk, x, h, w_ih, w_hh, b_ih, b_hh)
        return results(walk, kept.hs), (kept, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Sequence[Gradient], saved: Any, needs: Sequence[bool]) -> tuple[Gradient, ...]:
        kept, x, w_ih, w_hh = saved
        dy, dh = g[0], start(g[1], kept.hs[0])
        da, db = gru_backward(kept, dy, dh, w_hh)
        dx, dw_ih, db_ih = of_inputs(da, x, w_ih, needs)
        rows = flat(db)
        return dx, dh, None, dw_ih, rows.T @ flat(kept.hs[kept.walk.befores]), db_ih, rows.sum(0), None, None


@register(recurrence_pair, when=takes("rnn_tanh", "rnn_relu"), why="a network of tanh or relu units")
class rnn_numpy:
    """(y, h); saved: the states of all steps."""

    @staticmethod
    def forward(
        x: np.ndarray, h: np.ndarray, c: None, w_ih: np.ndarray, w_hh: np.ndarray, b_ih: Gradient, b_hh: Gradient,
        w_hr: None, p: None, cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[np.ndarray, ...], Any]:  # fmt: skip
        walk = Walk(x.shape[0], x.shape[1], sizes, reverse)
        kept = rnn_forward(walk, x, h, w_ih, w_hh, b_ih, b_hh, cell == "rnn_relu")
        return results(walk, kept.hs), (kept, x, w_ih, w_hh)

    @staticmethod
    def backward(g: Sequence[Gradient], saved: Any, needs: Sequence[bool]) -> tuple[Gradient, ...]:
        kept, x, w_ih, w_hh = saved
        dy, dh = g[0], start(g[1], kept.hs[0])
        dz = rnn_backward(kept, dy, dh, w_hh)
        dx, dw_ih, db = of_inputs(dz, x, w_ih, needs)
        return dx, dh, None, dw_ih, flat(dz).T @ flat(kept.hs[kept.walk.befores]), db, db.copy(), None, None


def start(d: Gradient, like: np.ndarray) -> np.ndarray:
    """The gradient of a last state, to be changed: a copy in C order, or zeros."""
    return np.zeros_like(like) if d is None else np.array(d, order="C")


def of_inputs(
    da: np.ndarray, x: np.ndarray, w_ih: np.ndarray, needs: Sequence[bool]
) -> tuple[Gradient, np.ndarray, np.ndarray]:
    """The gradients of x, where it needs one, of w_ih and of a bias, from that of a = x w_ih^T + b."""
    rows = flat(da)
    dx = (rows @ w_ih).reshape(x.shape) if needs[0] else None
    return dx, rows.T @ flat(x), rows.sum(0)
