"""Products of matrices of any size, a panel of columns at a time: what BLAS does, on a page.

    y = a b + bias        a (N, K) or, turned, (K, N)        b (K, M) or, turned, (M, K)        y (N, M)

Of a, only the columns from `begin` on are read.

A panel holds WIDTH neighbouring columns of b, side by side, DEPTH rows of it at most, so that it stays in the second
cache while all rows of a pass it, eight at a time in registers (Goto and van de Geijn, "Anatomy of high-performance
matrix multiplication", 2008). A last panel with fewer columns is filled up with zeros.

The sums go through k in order, whoever computes them: no bit depends on the threads.
"""

from __future__ import annotations

from ..panels import multiply
from ..room import room, room_of_rows
from ..template import Each, loop
from ..tile import SOME, TALL, one_turned, some_turned, tall_turned
from .transpose import transpose_square

WIDTH = Each(float32=32, float64=16)  # of a panel: two vectors
LANES = Each(float32=16, float64=8)
DEPTH, ROWS = 1024, 192  # of a panel, and of a panel's products where y has fewer columns
GROUP, HIGH = 8, 64  # panels that are packed at once at most, and rows that pass all of them in turn


@loop
def _pack(b, first, count, panel):
    """panel (K, WIDTH) = `count` columns of b (K, M) from the first on, and zeros."""
    for k in range(panel.shape[0]):
        row, out = b[k, first : first + count], panel[k]
        for v in range(count):
            out[v] = row[v]
        for v in range(count, out.size):
            out[v] = 0.0


@loop
def _pack_turned(b, first, count, panel):
    """panel (K, WIDTH) = `count` rows of b (M, K) from the first on, turned, and zeros."""
    depth, whole = panel.shape[0], 0
    if count == WIDTH:
        whole = depth // LANES * LANES
        for k in range(0, whole, LANES):
            transpose_square(b, first, k, panel, k, 0)
            transpose_square(b, first + LANES, k, panel, k, LANES)
    for k in range(whole, depth):
        out = panel[k]
        for v in range(count):
            out[v] = b[first + v, k]
        for v in range(count, out.size):
            out[v] = 0.0


@loop
def _pass_turned(a, panels, y, more):
    """y (N, WIDTH) = a^T panels[0], or more of it."""
    n, i = y.shape[0], 0
    while i + TALL <= n:
        tall_turned(a, i, panels, y, more)
        i += TALL
    while i + SOME <= n:
        some_turned(a, i, panels, y, more)
        i += SOME
    while i < n:
        one_turned(a, i, panels, y, more)
        i += 1


@loop
def _finish(z, bias, y, relu):
    """y = z + bias, which may be empty, and with relu the larger of that and 0; z may be y."""
    for i in range(y.shape[0]):
        row, out = z[i], y[i]
        for v in range(out.size):
            s = row[v] + bias[v] if bias.size else row[v]
            out[v] = 0.0 if relu and s < 0.0 else s


@loop
def _group(a, b, first, y, memory, a_turned, b_turned):
    """y (N, P WIDTH) = a times panels of b, from the column `first` on. All pass a few rows of a in turn, which stay in
    the second cache meanwhile: a matrix that is read down its columns comes from afar only once."""
    (m, depth), many = b.shape if b_turned else b.shape[::-1], y.shape[1] // WIDTH
    for k in range(0, depth, DEPTH):
        end = min(k + DEPTH, depth)
        panels = memory[: many * (end - k) * WIDTH].reshape(many, end - k, WIDTH)
        for j in range(many):
            begin = first + j * WIDTH
            if b_turned:
                _pack_turned(b[:, k:end], begin, min(WIDTH, m - begin), panels[j])
            else:
                _pack(b[k:end], begin, min(WIDTH, m - begin), panels[j])
        for i in range(0, y.shape[0], HIGH):
            last = min(i + HIGH, y.shape[0])
            for j in range(many):
                out = y[i:last, j * WIDTH : (j + 1) * WIDTH]
                if a_turned:
                    _pass_turned(a[k:end, i:last], panels[j : j + 1], out, k > 0)
                else:
                    multiply(a[i:last, k:end], panels[j : j + 1], out, k > 0)


@loop
def product(places, a, b, bias, y, begin, a_turned, b_turned, relu):
    """y = a b + bias, and with relu the larger of that and 0; bias may be empty.

    places (P, 4): which panels, and which rows of y, each from the first up to the second
    """
    m, depth = y.shape[1], b.shape[1] if b_turned else b.shape[0]
    most = min(GROUP, places[0, 1] - places[0, 0] + 1)
    panel, tile = room(y, most * min(depth, DEPTH) * WIDTH), room_of_rows(y, ROWS, WIDTH)
    for p in range(places.shape[0]):
        j, low, high, full = places[p, 0], places[p, 2], places[p, 3], m // WIDTH
        while j < places[p, 1]:  # some whole panels, or the last one, whose products go by the tile
            whole, first = j < full, j * WIDTH
            count = min(most, places[p, 1] - j, full - j) if whole else 1
            end, step = min(first + count * WIDTH, m), high - low if whole else ROWS
            for i in range(low, high, step):
                last = min(i + step, high)
                rows = a[:, begin + i : begin + last] if a_turned else a[i:last, begin : begin + depth]
                z = y[i:last, first:end] if whole else tile[: last - i, :WIDTH]
                _group(rows, b, first, z, panel, a_turned, b_turned)
                if not whole or bias.size or relu:
                    _finish(z[:, : end - first], bias[first:end], y[i:last, first:end], relu)
            j += count


@loop
def pack(numbers, packed, b, b_turned):
    """packed (P, K, WIDTH) = the panels of b with these numbers."""
    m = b.shape[0] if b_turned else b.shape[1]
    for p in range(numbers.size):
        first = numbers[p] * WIDTH
        if b_turned:
            _pack_turned(b, first, min(WIDTH, m - first), packed[p])
        else:
            _pack(b, first, min(WIDTH, m - first), packed[p])


@loop
def sum_rows(g, sums):
    """sums (1, D) += all rows of g (N, D)."""
    total = sums[0]
    for i in range(g.shape[0]):
        row = g[i]
        for j in range(g.shape[1]):
            total[j] += row[j]
