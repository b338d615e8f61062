"""Linear layers whose products are BLAS's, in pieces that xdl's threads share, with what follows them compiled.

BLAS's own threads sleep between products, and wait busily after one, which takes a core from the loops that follow.
The pieces' number depends on the shapes alone, so no bit depends on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.products.linear import linear_pair
from xdl.functional.products.linear_activation import linear_activation_pair
from xdl.threads import parallel, serial

from ...common.buffers import empty
from ..compiled import Compiled
from ..conv.conv2d_activation import pixels_back
from ..sharing import REALS, in_parts, nothing, over, plain
from ..slots import register

finish = Compiled("linear.finish", "T[:, ::1], T[::1], boolean")
add_rows = Compiled("linear.add_rows", "T[:, ::1], T[:, ::1]")
PIECE, PIECES = 1 << 22, 4  # products of a piece at least, and pieces at most
COST = 0.2  # nanoseconds an element
WHY = "float32 or float64, not empty"


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a (M, K) b (K, N), cut along the longer dimension of the result, BLAS at one thread for each piece."""
    m, n = a.shape[0], b.shape[1]
    y = empty((m, n), a.dtype)
    pieces = max(1, min(PIECES, m * n * a.shape[1] // PIECE))
    length = max(m, n)

    def part(low: int, high: int, thread: int) -> None:
        for piece in range(low, high):
            own = slice(length * piece // pieces, length * (piece + 1) // pieces)
            if m >= n:
                np.matmul(a[own], b, out=y[own])
            else:
                np.matmul(a, b[:, own], out=y[:, own])

    (parallel if pieces > 1 else serial)(part, pieces)
    return y


def _takes(x: np.ndarray, w: np.ndarray, b: np.ndarray | None) -> bool:
    return x.dtype in REALS and x.size > 0 < w.size


def _forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, relu: bool) -> np.ndarray:
    y = product(x, w.T)
    if b is not None or relu:
        over(finish[y.dtype], y.shape[1] * COST, [y], nothing(y.dtype) if b is None else plain(b), relu)
    return y


def _backward(dz: np.ndarray, x: np.ndarray, w: np.ndarray, needs: Any) -> tuple[np.ndarray | None, ...]:
    return product(dz, w) if needs[0] else None, product(dz.T, x) if needs[1] else None


@register(linear_pair, finish, add_rows, when=_takes, why=WHY)
class linear_in_pieces:
    """y = x w^T + b; saved: x and w."""

    @staticmethod
    def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None) -> tuple[np.ndarray, Any]:
        return _forward(x, w, b, False), (x, w)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
        x, w = saved
        db = in_parts(add_rows[g.dtype], g.shape[1] * COST, [plain(g)], 1).reshape(-1) if needs[2] else None
        return *_backward(g, x, w, needs), db


def _takes_with_relu(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, f: tuple[Any, ...]) -> bool:
    return f == ("relu",) and _takes(x, w, b)


@register(linear_activation_pair, finish, pixels_back, when=_takes_with_relu, why=f"{WHY}, and ReLU")
class linear_activation_in_pieces:
    """y = relu(x w^T + b); saved: no z, as `following.kept` asks for it, then x, w and y."""

    @staticmethod
    def forward(
        x: np.ndarray, w: np.ndarray, b: np.ndarray | None, f: tuple[Any, ...]
    ) -> tuple[np.ndarray, tuple[Any, ...]]:
        y = _forward(x, w, b, True)
        return y, (None, x, w, y)

    @staticmethod
    def backward(g: np.ndarray, saved: tuple[Any, ...], needs: Any) -> tuple[np.ndarray | None, ...]:
        _, x, w, y = saved
        dz = empty(y.shape, y.dtype)
        db = in_parts(pixels_back[y.dtype], y.shape[1] * COST * 2, [plain(g), y, dz], 1, 0.0).reshape(-1)
        return *_backward(dz, x, w, needs), db if needs[2] else None
