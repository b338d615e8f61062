"""PReLU, compiled: both gradients in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.elementwise.piecewise import prelu_pair

from ..common.buffers import empty
from ..common.memory_order import memory_order
from .compiled import Compiled
from .sharing import dense, in_parts, over, plain
from .slots import register

ROWS, CHANNELS = "T[:, ::1], T[:, ::1]", "T[::1]"
prelu = Compiled("piecewise.prelu", f"{ROWS}, {CHANNELS} |")
prelu_back = Compiled("piecewise.prelu_back", f"{ROWS}, T[:, ::1], T[::1], {CHANNELS} |")
prelu_channels = Compiled("piecewise.prelu_channels", f"{ROWS} | {CHANNELS}")
prelu_channels_back = Compiled("piecewise.prelu_channels_back", f"{ROWS}, T[:, ::1] | T[:, ::1] | {CHANNELS}")
COST = 0.2  # nanoseconds an element


class Rows:
    """x (N, C, ...) as rows: of one factor each, or with those of all channels side by side."""

    def __init__(self, x: np.ndarray, w: np.ndarray) -> None:
        self.shape, order = x.shape, memory_order(x) or []
        self.order, self.beside = order, w.size > 1 and order[-1] == 1
        self.length = x.shape[order[-1]]
        rows = x.size // self.length
        if self.beside:
            self.w = plain(w.reshape(-1))
        else:
            self.w = np.resize(np.repeat(w.reshape(-1), rows // (len(x) * w.size) if w.size > 1 else 1), rows)

    def of(self, x: np.ndarray) -> np.ndarray:
        """An array of that shape as such rows."""
        return plain(x.transpose(self.order)).reshape(-1, self.length)

    def tensor(self, rows: np.ndarray) -> np.ndarray:
        """(N, C, ...) over the memory of rows."""
        return rows.reshape([self.shape[i] for i in self.order]).transpose(np.argsort(self.order))


def _fits(x: np.ndarray, w: np.ndarray) -> bool:
    if w.dtype != x.dtype or not dense(x):
        return False
    return w.size == 1 or x.flags.c_contiguous or (memory_order(x) or [0])[-1] == 1


@register(
    prelu_pair,
    *(prelu, prelu_back, prelu_channels, prelu_channels_back),
    when=_fits,
    why="dense arrays; with a factor for each channel in C order or channels last",
)
class prelu_compiled:
    """y, dx in the order of x's memory; saved: x and w as rows."""

    @staticmethod
    def forward(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, Any]:
        rows = Rows(x, w)
        values = rows.of(x)
        y = empty(values.shape, x.dtype)
        if rows.beside:
            over(prelu_channels[x.dtype], rows.length * COST, [values, y], rows.w)
        else:
            over(prelu[x.dtype], rows.length * COST, [values, y, rows.w])
        return rows.tensor(y), (rows, values, w.shape)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray]:
        rows, x, shape = saved
        g, dx = rows.of(g), empty(x.shape, x.dtype)
        if rows.beside:
            dw = in_parts(prelu_channels_back[x.dtype], rows.length * COST, [x, g, dx], 1, rows.w)
        else:
            found = np.empty(len(x), x.dtype)
            over(prelu_back[x.dtype], rows.length * COST, [x, g, dx, found, rows.w])
            size = shape[1] if len(shape) > 1 else 1
            dw = found.reshape(-1, size, len(found) // (size * (rows.shape[0] if size > 1 else 1))).sum((0, 2))
        return rows.tensor(dx), dw.reshape(shape)
