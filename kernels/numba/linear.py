"""Linear layers, alone and with ReLU, compiled: a small one is a call each way, a larger one a call for each product.

Calls of BLAS, bias and activation cost some microseconds of Python each, more than all products of a small layer. Of
large ones, threads share the products (products.py), and bias and ReLU follow while these are in the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.products.linear import linear_pair
from xdl.functional.products.linear_activation import linear_activation_pair

from ..common.buffers import empty
from .compiled import Compiled
from .products import product, product_of_columns, suited, sum_of_rows, sum_rows, tiles
from .sharing import REALS, in_parts, nothing, plain
from .slots import register

MATRIX = "T[:, ::1]"
linear = Compiled("linear.linear", f"| {MATRIX}, {MATRIX}, T[::1], {MATRIX}, boolean")
linear_back = Compiled(
    "linear.linear_back", f"| {MATRIX}, {MATRIX}, {MATRIX}, {MATRIX}, {MATRIX}, {MATRIX}, T[::1], boolean"
)
relu_back = Compiled("ramp.pixels_back", f"{MATRIX}, {MATRIX}, {MATRIX} | {MATRIX} | T")
SMALL, ROWS = 1 << 18, 256  # products, and rows of which one sum is made
COST = 0.4  # nanoseconds an element
WHY = f"float32 or float64 in C order, of at most {SMALL} products or with 8 rows and half a panel of outputs at least"


def _small(x: np.ndarray, w: np.ndarray) -> bool:
    return len(x) * w.size <= SMALL and len(x) <= ROWS


def _taken(x: np.ndarray, w: np.ndarray, b: np.ndarray | None) -> bool:
    n = len(x)
    ordered = x.dtype in REALS and x.flags.c_contiguous and w.flags.c_contiguous and n * w.size > 0
    return ordered and (_small(x, w) or suited(n, len(w), x.itemsize))


def _forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, relu: bool) -> tuple[np.ndarray, Any]:
    """y; saved: x, w and, for ReLU, y."""
    x, w, dtype = plain(x), plain(w), x.dtype
    if not _small(x, w):
        y = product(x, w.T, bias=b, relu=relu)
    else:
        y = np.empty((len(x), len(w)), dtype)
        linear[dtype](x, w, nothing(dtype) if b is None else plain(b), y, relu)
    return y, (x, w, y if relu else None)


def _backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
    g, (x, w, y), dtype = plain(g), saved, saved[0].dtype
    if not _small(x, w):
        return _large_backward(g, x, w, y, needs)
    matrix, row = nothing(dtype, 2), nothing(dtype)
    dx = np.empty(x.shape, dtype) if needs[0] else None
    dw = np.empty(w.shape, dtype) if needs[1] else None
    db = np.empty(len(w), dtype) if needs[2] else None
    out = matrix if dx is None else dx, matrix if dw is None else dw, row if db is None else db
    linear_back[dtype](g, g if y is None else y, x, w, *out, y is not None)
    return dx, dw, db


def _large_backward(
    g: np.ndarray, x: np.ndarray, w: np.ndarray, y: np.ndarray | None, needs: Any
) -> tuple[np.ndarray | None, ...]:
    if y is not None:
        dz = empty(g.shape, x.dtype)
        (db,) = in_parts(relu_back[x.dtype], len(w) * COST, [g, y, dz], 1, 0.0)
    else:
        dz, db = g, sum_of_rows(g) if needs[2] else None
    dx = product(dz, w) if needs[0] else None
    return dx, product_of_columns(dz, 0, len(w), x) if needs[1] else None, db if needs[2] else None


@register(linear_pair, linear, linear_back, tiles, sum_rows, when=_taken, why=WHY, by_loops=True)
class linear_compiled:
    """y = x w^T + b; saved: x and w."""

    @staticmethod
    def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None) -> tuple[np.ndarray, Any]:
        return _forward(x, w, b, False)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
        return _backward(g, saved, needs)


def _with_relu(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, f: tuple[Any, ...]) -> bool:
    return f == ("relu",) and _taken(x, w, b)


@register(
    linear_activation_pair,
    linear,
    linear_back,
    tiles,
    relu_back,
    when=_with_relu,
    why=f"{WHY}, and ReLU",
    by_loops=True,
)
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
        return _backward(g, saved[1], needs)
