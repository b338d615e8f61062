"""Linear layers that are small: packing, products and what follows them in one call each way.

The products are those of tile.py. Their matrices are packed into panels first, which takes less than a call of BLAS
while they fit into the nearest cache.
"""

from __future__ import annotations

from numpy import empty

from .panels import multiply
from .template import loop


@loop
def _panels(w, width):
    """w (K, M) in panels (P, K, width), with zeros beyond the last column."""
    k, m = w.shape
    packed = empty((-(-m // width), k, width), w.dtype)
    for j in range(packed.shape[0]):
        columns = min(width, m - j * width)
        for i in range(k):
            row, out = w[i, j * width : j * width + columns], packed[j, i]
            for v in range(columns):
                out[v] = row[v]
            for v in range(columns, width):
                out[v] = 0.0
    return packed


@loop
def _turned(w):
    """w^T (M, K) of w (K, M)."""
    y = empty((w.shape[1], w.shape[0]), w.dtype)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            y[j, i] = w[i, j]
    return y


@loop
def _product(a, b, y, width):
    """y = a b (N, M)."""
    packed = _panels(b, width)
    if y.shape[1] == packed.shape[0] * width:
        multiply(a, packed, y, False)
        return
    room = empty((y.shape[0], packed.shape[0] * width), y.dtype)
    multiply(a, packed, room, False)
    for i in range(y.shape[0]):
        row, out = room[i], y[i]
        for j in range(y.shape[1]):
            out[j] = row[j]


@loop
def linear(x, w, b, y, width, relu):
    """y = x w^T + b, and with relu the larger of that and 0; b may be empty."""
    _product(x, _turned(w), y, width)
    for i in range(y.shape[0]):
        row = y[i]
        if b.size:
            for j in range(b.size):
                row[j] += b[j]
        if relu:
            for j in range(row.size):
                row[j] = 0.0 if row[j] < 0.0 else row[j]


@loop
def linear_back(g, y, x, w, dx, dw, db, width, relu):
    """dz = g, with relu 0 where y = 0; dx = dz w, dw = dz^T x, db = the sum of dz. What is empty is not wanted."""
    dz = g
    if relu:
        dz = empty(g.shape, g.dtype)
        for i in range(g.shape[0]):
            row, out, seen = g[i], dz[i], y[i]
            for j in range(row.size):
                out[j] = row[j] if seen[j] != 0.0 else 0.0
    if db.size:
        for j in range(db.size):
            db[j] = 0.0
        for i in range(dz.shape[0]):
            row = dz[i]
            for j in range(db.size):
                db[j] += row[j]
    if dw.size:
        _product(_turned(dz), x, dw, width)
    if dx.size:
        _product(dz, w, dx, width)
