"""Sums into places, the adjoint of reading by index.

y[a, v] = the sum of x[a, i] over all i with ids[i] = v

The innermost loop goes over what lies side by side, so that a row of an embedding is added by whole vectors.
"""

from __future__ import annotations

from .template import loop


@loop
def sum_at(x, ids, y, low, high):
    """Adds x[a, i] to y[a, ids[i]] in order, columns low to high of x (A, n, B) and y (A, V, B); y holds 0 before."""
    for a in range(x.shape[0]):
        for i in range(ids.size):
            row, total = x[a, i, low:high], y[a, ids[i], low:high]
            for j in range(row.size):
                total[j] += row[j]
