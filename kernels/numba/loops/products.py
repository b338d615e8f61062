"""Products of large matrices in tiles, see tile.py: who calls cuts the rows of y, and no bit depends on where.

The right matrix is packed into panels, of which each stays in the cache while some rows pass it. The left one is read
where it lies, along its rows or down its columns: a tile takes 8 numbers for each k, and the lines of the cache that
hold them serve the next k's or the next tiles. That costs less than to pack it, as long as the rows do not begin a
multiple of a page apart: then all fall into the same few places of the cache.
"""

from __future__ import annotations

from .panels import multiply
from .template import loop
from .tile import SOME, TALL, one_turned, some_turned, tall_turned

HIGH = 64  # rows of y that pass a panel together
DEEP = 1024  # products of which one sum is made


@loop
def pack(first, packed, w):
    """Columns of w (K, M) from first[p] on as packed[p] (K, WIDTH), and zeros beyond the last."""
    depth, m = w.shape
    width = packed.shape[2]
    for p in range(first.size):
        panel, begin = packed[p], first[p]
        columns = min(width, m - begin)
        for k in range(depth):
            out, row = panel[k], w[k, begin : begin + columns]
            for v in range(columns):
                out[v] = row[v]
            for v in range(columns, width):
                out[v] = 0.0


@loop
def pack_turned(first, packed, w):
    """The same of w^T, for w (M, K)."""
    m, depth = w.shape
    width = packed.shape[2]
    for p in range(first.size):
        panel, begin = packed[p], first[p]
        columns = min(width, m - begin)
        for v in range(columns):
            row = w[begin + v]
            for k in range(depth):
                panel[k, v] = row[k]
        for v in range(columns, width):
            for k in range(depth):
                panel[k, v] = 0.0


@loop
def product(a, y, panels, first, begin):
    """y (N, M) = a[:, begin:] w for w (K, M) in panels: of columns from first[p] on, and all have as many as fit."""
    n = a.shape[0]
    for low in range(0, n, HIGH):
        high = min(n, low + HIGH)
        for p in range(first.size):
            multiply(a[low:high, begin:], panels[p : p + 1], y[low:high, first[p] :], False)


@loop
def product_of_steps(order, a, y, panels, first, begin, low, high):
    """y[t, low:high] = a[t, low:high, begin:] w for the steps t = order[:, 0]; a (T, N, ...), y (T, N, M).

    A panel stays in the cache while all these steps pass it.
    """
    for p in range(first.size):
        for k in range(order.shape[0]):
            t = order[k, 0]
            multiply(a[t, low:high, begin:], panels[p : p + 1], y[t, low:high, first[p] :], False)


@loop
def _add_product(a, panel, y, more):
    """y (M, ...) = a^T b, or y + a^T b with `more`, for a (K, M) and a panel (1, K, WIDTH) of b."""
    m, i = a.shape[1], 0
    while i + TALL <= m:
        tall_turned(a, i, panel, y, more)
        i += TALL
    while i + SOME <= m:
        some_turned(a, i, panel, y, more)
        i += SOME
    while i < m:
        one_turned(a, i, panel, y, more)
        i += 1


@loop
def turned(columns, y, a, panels, first):
    """y (M, N) = a[:, columns]^T b for a (K, ...), columns side by side, and b (K, N) in panels as in `product`.

    A few columns of a stay in the cache while all panels pass. A last panel that shares columns with the one before
    begins them anew.
    """
    depth, m, width = a.shape[0], y.shape[0], panels.shape[2]
    full = y.shape[1] // width
    for low in range(0, m, HIGH):
        high = min(m, low + HIGH)
        part, rows = a[:, columns[low] : columns[low] + high - low], y[low:high]
        for k in range(0, depth, DEEP):
            for p in range(full):
                _add_product(part[k : k + DEEP], panels[p : p + 1, k : k + DEEP], rows[:, first[p] :], k > 0)
        for p in range(full, first.size):
            for k in range(0, depth, DEEP):
                _add_product(part[k : k + DEEP], panels[p : p + 1, k : k + DEEP], rows[:, first[p] :], k > 0)


@loop
def sum_rows(g, sums):
    """sums (1, D) += all rows of g (N, D)."""
    total = sums[0]
    for i in range(g.shape[0]):
        row = g[i]
        for k in range(g.shape[1]):
            total[k] += row[k]
