"""Filters into the panels that tiles read, and their gradient back from the sums of tiles."""

from __future__ import annotations

from ..template import loop


@loop
def pack_filters(w, order, panels):
    """panels (P, T K, WIDTH) of w (M, K, taps), columns m, the taps in this order: zeros beyond M."""
    columns, (m, depth, _) = panels.shape[2], w.shape
    for j in range(panels.shape[0]):
        end = min(columns, m - j * columns)
        for k in range(depth):
            for t in range(order.shape[0]):
                into, tap = panels[j, t * depth + k], order[t]
                for v in range(end):
                    into[v] = w[j * columns + v, k, tap]
                for v in range(end, columns):
                    into[v] = 0.0


@loop
def sum_filters(sums, rows, dw):
    """dw (O, C, taps) = the sum over all parts of sums (parts, K, O or more); rows (taps C,): where in K each is."""
    o, c, taps = dw.shape
    for k in range(c):
        for t in range(taps):
            row = rows[t * c + k]
            first = sums[0, row]
            for part in range(1, sums.shape[0]):
                more = sums[part, row]
                for m in range(o):
                    first[m] += more[m]
            for m in range(o):
                dw[m, k, t] = first[m]
