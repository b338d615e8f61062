"""Softmax and log-softmax over the last dimension, compiled: each row is read from memory once."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.reduce.softmax import log_softmax_pair, softmax_pair

from ..common.buffers import empty
from .compiled import Compiled
from .sharing import last_dim, over, plain
from .slots import register

softmax = Compiled("rows.softmax", "T[:, ::1], T[:, ::1] |")
softmax_back = Compiled("rows.softmax_back", "T[:, ::1], T[:, ::1], T[:, ::1] |")
log_softmax = Compiled("rows.log_softmax", "T[:, ::1], T[:, ::1] |")
log_softmax_back = Compiled("rows.log_softmax_back", "T[:, ::1], T[:, ::1], T[:, ::1] |")
COST = 0.6  # nanoseconds an element
WHY = "float32 or float64 in C order, dim last, not empty"


def rows(loop: Compiled, *arrays: np.ndarray) -> np.ndarray:
    """A new array, filled by loop(*arrays, y) on all rows of all of them."""
    c, y = arrays[-1].shape[-1], empty(arrays[-1].shape, arrays[-1].dtype)
    over(loop[y.dtype], c * COST, [plain(a).reshape(-1, c) for a in arrays] + [y.reshape(-1, c)])
    return y


@register(softmax_pair, softmax, softmax_back, when=last_dim, why=WHY)
class softmax_compiled:
    """y = softmax of each row; saved: y."""

    @staticmethod
    def forward(x: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray]:
        y = rows(softmax, x)
        return y, y

    @staticmethod
    def backward(g: np.ndarray, y: np.ndarray, needs: Any) -> tuple[np.ndarray]:
        return (rows(softmax_back, g, y),)


@register(log_softmax_pair, log_softmax, log_softmax_back, when=last_dim, why=WHY)
class log_softmax_compiled:
    """y = log softmax of each row; saved: y."""

    @staticmethod
    def forward(x: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray]:
        y = rows(log_softmax, x)
        return y, y

    @staticmethod
    def backward(g: np.ndarray, y: np.ndarray, needs: Any) -> tuple[np.ndarray]:
        return (rows(log_softmax_back, g, y),)
