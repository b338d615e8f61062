"""Linear layers, alone and with ReLU, compiled: a small one is a call each way, a larger one a call for each product.

Calls of BLAS, bias and activation cost some microseconds of Python each, more than all products of a small layer. Of
large ones, threads share the products (matmul.py), and bias and ReLU follow while these are in the cache.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from xdl.functional.products.linear import linear_pair
from xdl.functional.products.linear_activation import linear_activation_pair

from ..common.buffers import empty
from .compiled import Compiled
from .matmul import matmul, product
from .sharing import REALS, in_parts, nothing, plain
from .slots import register

MATRIX = "T[:, ::1]"
linear = Compiled("linear.linear", f"{MATRIX}, {MATRIX}, T[::1], {MATRIX}, T[::1], int64, boolean")
linear_back = Compiled(
    "linear.linear_back", f"{MATRIX}, {MATRIX}, {MATRIX}, {MATRIX}, {MATRIX}, {MATRIX}, T[::1], T[::1], int64, boolean"
)
sums = Compiled("linear.sums", f"{MATRIX}, {MATRIX}")
relu_back = Compiled("ramp.pixels_back", f"{MATRIX}, {MATRIX}, {MATRIX}, {MATRIX}, T")
BYTES = 128  # of a panel's row, as loops/tile.py reads them
SMALL, ROWS = 1 << 18, 256  # products, and rows of which one sum is made
FEW = 8  # rows or outputs; of fewer BLAS makes dot products
COST, PASS = 0.1, 0.4  # nanoseconds an element
WHY = f"float32 or float64 in C order, of at most {SMALL} products or with {FEW} rows and {FEW} outputs at least"


def _small(x: np.ndarray, w: np.ndarray) -> bool:
    return len(x) * w.size <= SMALL and len(x) <= ROWS


def _taken(x: np.ndarray, w: np.ndarray, b: np.ndarray | None) -> bool:
    n = len(x)
    ordered = x.dtype in REALS and x.flags.c_contiguous and w.flags.c_contiguous and n * w.size > 0
    return ordered and (min(n, len(w)) >= FEW or _small(x, w))


@lru_cache(maxsize=256)
def rooms(n: int, inputs: int, outputs: int, width: int) -> tuple[int, int]:
    """How many numbers the loops of both ways need room for."""
    i, o = (-(-size // width) * width for size in (inputs, outputs))
    return inputs * (outputs + o) + n * o, n * outputs * 2 + (n + outputs) * i * 2


def _forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, relu: bool) -> tuple[np.ndarray, Any]:
    """y; saved: x, w and, for ReLU, y."""
    x, w, dtype = plain(x), plain(w), x.dtype
    if not _small(x, w):
        y = matmul(x, w, b, relu, b_turned=True)
        return y, (x, w, y if relu else None)
    y = np.empty((len(x), len(w)), dtype)
    width = BYTES // dtype.itemsize
    room = np.empty(rooms(*x.shape, len(w), width)[0], dtype)
    linear[dtype](x, w, nothing(dtype) if b is None else plain(b), y, room, width, relu)
    return y, (x, w, y if relu else None)


def _backward(g: np.ndarray, saved: Any, needs: Any, relu: bool) -> tuple[np.ndarray | None, ...]:
    g, (x, w, y), dtype = plain(g), saved, saved[0].dtype
    if not _small(x, w):
        return _large_backward(g, x, w, y, needs, relu)
    matrix, row = nothing(dtype, 2), nothing(dtype)
    dx = np.empty(x.shape, dtype) if needs[0] else None
    dw = np.empty(w.shape, dtype) if needs[1] else None
    db = np.empty(len(w), dtype) if needs[2] else None
    out = matrix if dx is None else dx, matrix if dw is None else dw, row if db is None else db
    width = BYTES // dtype.itemsize
    room = np.empty(rooms(*x.shape, len(w), width)[1], dtype)
    linear_back[dtype](g, y if relu else g, x, w, *out, room, width, relu)
    return dx, dw, db


def _large_backward(
    g: np.ndarray, x: np.ndarray, w: np.ndarray, y: np.ndarray | None, needs: Any, relu: bool
) -> tuple[np.ndarray | None, ...]:
    dtype, db = x.dtype, None
    if relu:
        dz = empty(g.shape, dtype)
        (db,) = in_parts(relu_back[dtype], len(w) * PASS, [g, y, dz], 1, 0.0)
    else:
        dz = g
        if needs[2]:
            (db,) = in_parts(sums[dtype], len(w) * COST, [g], 1)
    dx = matmul(dz, w) if needs[0] else None
    return dx, matmul(dz, x, a_turned=True) if needs[1] else None, db if needs[2] else None


@register(linear_pair, linear, linear_back, product, sums, when=_taken, why=WHY)
class linear_compiled:
    """y = x w^T + b; saved: x and w."""

    @staticmethod
    def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None) -> tuple[np.ndarray, Any]:
        return _forward(x, w, b, False)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
        return _backward(g, saved, needs, False)


def _with_relu(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, f: tuple[Any, ...]) -> bool:
    return f == ("relu",) and _taken(x, w, b)


@register(linear_activation_pair, linear, linear_back, product, relu_back, when=_with_relu, why=f"{WHY}, and ReLU")
class linear_activation_compiled:
    """y = relu(x w^T + b); saved: no z, as `following.kept` asks for it, then x, w and y."""

    @staticmethod
    def forward(
        x: np.ndarray, w: np.ndarray, b: np.ndarray | None, f: tuple[Any, ...]
    ) -> tuple[np.ndarray, tuple[None, Any]]:
        y, saved = _forward(x, w, b, True)
        return y, (None, saved)

    @staticmethod
    def backward(g: np.ndarray, saved: tuple[None, Any], needs: Any) -> tuple[np.ndarray | None, ...]:
        return _backward(g, saved[1], needs, True)
