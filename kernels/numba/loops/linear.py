"""Linear layers that are small: packing, products and what follows them in one call each way.

The products are those of tile.py. Their matrices are packed into panels first, which takes less than a call of BLAS
while they fit into the nearest cache.
"""

from __future__ import annotations

from .panels import multiply
from .room import room, room_of_rows
from .template import Each, loop

WIDTH = Each(float32=32, float64=16)  # of a panel


@loop
def _pack(w):
    """w (K, M) in panels (P, K, WIDTH), with zeros beyond the last column."""
    k, m = w.shape
    panels = -(-m // WIDTH)
    packed = room(w, panels * k * WIDTH).reshape((panels, k, WIDTH))
    for j in range(panels):
        columns = min(WIDTH, m - j * WIDTH)
        for i in range(k):
            row, out = w[i, j * WIDTH : j * WIDTH + columns], packed[j, i]
            for v in range(columns):
                out[v] = row[v]
            for v in range(columns, WIDTH):
                out[v] = 0.0
    return packed


@loop
def _turn(w):
    """w^T (M, K) of w (K, M)."""
    y = room_of_rows(w, w.shape[1], w.shape[0])
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            y[j, i] = w[i, j]
    return y


@loop
def _product(a, b, y):
    """y = a b (N, M)."""
    packed = _pack(b)
    if y.shape[1] == packed.shape[0] * WIDTH:
        multiply(a, packed, y, False)
        return
    full = room_of_rows(y, y.shape[0], packed.shape[0] * WIDTH)
    multiply(a, packed, full, False)
    for i in range(y.shape[0]):
        row, out = full[i], y[i]
        for j in range(y.shape[1]):
            out[j] = row[j]


@loop
def _finish(y, b, relu):
    """y + b in the place of y, and with relu the larger of that and 0; b may be empty."""
    for i in range(y.shape[0]):
        row = y[i]
        if b.size:
            for j in range(b.size):
                row[j] += b[j]
        if relu:
            for j in range(row.size):
                row[j] = 0.0 if row[j] < 0.0 else row[j]


@loop
def linear(x, w, b, y, relu):
    """y = x w^T + b, and with relu the larger of that and 0; b may be empty."""
    _product(x, _turn(w), y)
    _finish(y, b, relu)


@loop
def linear_back(g, y, x, w, dx, dw, db, relu):
    """dz = g, with relu 0 where y = 0; dx = dz w, dw = dz^T x, db = the sum of dz. What is empty is not wanted."""
    dz = room_of_rows(g, g.shape[0], g.shape[1])
    for i in range(g.shape[0]):
        row, out, seen = g[i], dz[i], y[i]
        for j in range(row.size):
            out[j] = row[j] if seen[j] != 0.0 or not relu else 0.0
    if db.size:
        for j in range(db.size):
            db[j] = 0.0
        for i in range(dz.shape[0]):
            row = dz[i]
            for j in range(db.size):
                db[j] += row[j]
    if dw.size:
        _product(_turn(dz), x, dw)
    if dx.size:
        _product(dz, w, dx)
