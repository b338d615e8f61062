"""Rows by index, sums into places, the adjoint of that, and the places of the largest.

y[i] = w[ids[i]]          y[a, v] = the sum of x[a, i] over all i with ids[i] = v

The innermost loop goes over what lies side by side, so that a row of an embedding is added by whole vectors.
"""

from __future__ import annotations

from .bits import MAGNITUDE, sort_key
from .template import Each, Integer, loop

LEAST = Each(float32=-(2**31), float64=-(2**63))
BLOCK = 64  # elements, in which one is looked for only where the largest of them is good enough


@loop
def rows_at(ids, y, w):
    """y[i] = w[ids[i]]."""
    for i in range(ids.size):
        row, source = y[i], w[ids[i]]
        for j in range(row.size):
            row[j] = source[j]


@loop
def sum_at(places, x, ids, y):
    """y[a, v] for x (A, n, B) and y (A, V, B), added in order; places (P, 2): v from the first up to the second."""
    for p in range(places.shape[0]):
        low, high = places[p, 0], places[p, 1]
        y[:, low:high] = 0.0
        for a in range(x.shape[0]):
            for i in range(ids.size):
                if low <= ids[i] < high:
                    row, total = x[a, i], y[a, ids[i]]
                    for j in range(row.size):
                        total[j] += row[j]


@loop
def _key(x, flip):
    """An integer in the order of x, where all nan are the largest and zeros equal; in the opposite order by flip -1."""
    return Integer((Integer(MAGNITUDE) if x != x else sort_key(x + 0.0)) ^ flip)


@loop
def top_indices(x, found, order, largest):
    """found (R, k): the places of the k largest of each row of x (R, n), or smallest, in order, of equals the first.

    The best so far stay sorted; order (R, k): their keys. Few elements of a row are better than the last of them, and
    blocks without one are passed by whole vectors.
    """
    n, k, flip = x.shape[1], found.shape[1], Integer(0) if largest else Integer(-1)
    for r in range(x.shape[0]):
        count, places, keys = 0, found[r], order[r]
        for begin in range(0, n, BLOCK):
            part, top = x[r, begin : begin + BLOCK], Integer(LEAST)
            for j in range(part.size):
                key = _key(part[j], flip)
                top = key if key > top else top
            if count == k and top <= keys[k - 1]:
                continue
            for j in range(part.size):
                key = _key(part[j], flip)
                if count < k or key > keys[k - 1]:
                    i = min(count, k - 1)
                    while i > 0 and keys[i - 1] < key:
                        keys[i], places[i] = keys[i - 1], places[i - 1]
                        i -= 1
                    keys[i], places[i] = key, begin + j
                    count = min(count + 1, k)
