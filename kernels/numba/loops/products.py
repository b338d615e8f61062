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
def _add_rows(a, sums, more):
    """sums = the sum of the rows of a, added to sums with `more`."""
    if not more:
        sums[:] = 0.0
    for k in range(a.shape[0]):
        row = a[k]
        for j in range(sums.size):
            sums[j] += row[j]


@loop
def turned(columns, y, sums, a, panels, first, wanted):
    """y (M, N) = a[:, columns]^T b for a (K, ...), columns side by side, and b (K, N) in panels as in `product`.

    sums (M,): of each of these columns of a, if they are wanted.
    """
    depth, m = a.shape[0], y.shape[0]
    for low in range(0, m, HIGH):
        high = min(m, low + HIGH)
        begin = columns[low]
        for p in range(first.size):
            out = y[low:high, first[p] :]
            for k in range(0, depth, DEEP):
                deep = min(depth, k + DEEP)
                part, panel = a[k:deep, begin : begin + high - low], panels[p : p + 1, k:deep]
                if p == 0 and wanted:
                    _add_rows(part, sums[low:high], k > 0)
                i = 0
                while i + TALL <= high - low:
                    tall_turned(part, i, panel, out, k > 0)
                    i += TALL
                while i + SOME <= high - low:
                    some_turned(part, i, panel, out, k > 0)
                    i += SOME
                while i < high - low:
                    one_turned(part, i, panel, out, k > 0)
                    i += 1
