"""Linear layers that are small: packing, products and what follows them in one call each way.

The products are those of tile.py. Their matrices are packed into panels first, which takes less than a call of BLAS
while they fit into the nearest cache. `room` is memory for all that is in between; `rooms` says how much.
"""

from __future__ import annotations

from .panels import multiply
from .template import loop


@loop
def _pack(w, width, room):
    """w (K, M) in panels (P, K, width), with zeros beyond the last column."""
    k, m = w.shape
    panels = -(-m // width)
    packed = room[: panels * k * width].reshape((panels, k, width))
    for j in range(panels):
        columns = min(width, m - j * width)
        for i in range(k):
            row, out = w[i, j * width : j * width + columns], packed[j, i]
            for v in range(columns):
                out[v] = row[v]
            for v in range(columns, width):
                out[v] = 0.0
    return packed


@loop
def _turn(w, room):
    """w^T (M, K) of w (K, M)."""
    y = room[: w.size].reshape((w.shape[1], w.shape[0]))
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            y[j, i] = w[i, j]
    return y


@loop
def _product(a, b, y, width, room):
    """y = a b (N, M)."""
    packed = _pack(b, width, room)
    if y.shape[1] == packed.shape[0] * width:
        multiply(a, packed, y, False)
        return
    n, m = y.shape[0], packed.shape[0] * width
    full = room[packed.size : packed.size + n * m].reshape((n, m))
    multiply(a, packed, full, False)
    for i in range(n):
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
def linear(x, w, b, y, room, width, relu):
    """y = x w^T + b, and with relu the larger of that and 0; b may be empty."""
    _product(x, _turn(w, room), y, width, room[w.size :])
    _finish(y, b, relu)


@loop
def linear_back(g, y, x, w, dx, dw, db, room, width, relu):
    """dz = g, with relu 0 where y = 0; dx = dz w, dw = dz^T x, db = the sum of dz. What is empty is not wanted."""
    dz = room[: g.size].reshape(g.shape)
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
    rest = room[g.size :]
    if dw.size:
        _product(_turn(dz, rest), x, dw, width, rest[g.size :])
    if dx.size:
        _product(dz, w, dx, width, rest)
