"""What attention does to scores between its products, while they are in the cache.

s (H, L, S): scores of some queries of H heads
masks (M, S): head h takes row first[h] + i step of it for its query i
"""

from __future__ import annotations

from math import inf

import numpy as np

from .bits import from_key, sort_key
from .dropout import LANE, MASK, ONE, words
from .mathematics.exponential import exp_of_negative, log
from .template import Each, Integer, add, loop

NEVER = -inf
LEAST = Each(float32=-(2**31), float64=-(2**63))


@loop
def add_mask(s, masks, first, step, scale):
    """s = scale s + mask; -infinity where the mask is that, or nan."""
    for h in range(s.shape[0]):
        for i in range(s.shape[1]):
            row, numbers = s[h, i], masks[first[h] + i * step, : s.shape[2]]
            for j in range(row.size):
                row[j] = scale * row[j] + numbers[j] if numbers[j] > NEVER else NEVER


@loop
def hide(s, masks, first, step, scale):
    """s = scale s, or -infinity where the mask is False."""
    for h in range(s.shape[0]):
        for i in range(s.shape[1]):
            row, seen = s[h, i], masks[first[h] + i * step, : s.shape[2]]
            for j in range(row.size):
                row[j] = scale * row[j] if seen[j] else NEVER


@loop
def _largest(x, scale):
    """The largest scale x. A nan is the largest; one with a sign is not, and makes the sum nan."""
    top = Integer(LEAST)
    for j in range(x.size):
        key = sort_key(scale * x[j])
        top = key if key > top else top
    return from_key(top)


@loop
def weights(s, logs, scale, causal, masked):
    """w = softmax(scale s) in place of s, and logs = ln sum e**(scale s); 0 and infinity for a row that is hidden.

    causal: how many keys the first query may see, each further one sees one more; 0: all see all
    """
    for h in range(s.shape[0]):
        for i in range(s.shape[1]):
            end = min(s.shape[2], causal + i) if causal else s.shape[2]
            row = s[h, i, :end]
            m, total = _largest(row, scale), 0.0
            if masked and m == NEVER:
                s[h, i] = 0.0
                logs[h, i] = inf
                continue
            for j in range(end):
                e = exp_of_negative(scale * row[j] - m)
                row[j] = e
                total = add(total, e)
            r = 1.0 / total
            for j in range(end):
                row[j] *= r
            s[h, i, end:] = 0.0
            logs[h, i] = m + log(total)


@loop
def again(s, logs, scale, causal):
    """w = e**(scale s - logs) in place of s, as `weights` made it."""
    for h in range(s.shape[0]):
        for i in range(s.shape[1]):
            end = min(s.shape[2], causal + i) if causal else s.shape[2]
            row, log_total = s[h, i, :end], logs[h, i]
            for j in range(end):
                row[j] = exp_of_negative(scale * row[j] - log_total)
            s[h, i, end:] = 0.0


@loop
def drop(w, dropped, begins, keys, k0, k1, step, least, factor):
    """dropped = w factor where a lane is at least `least`, else w 0: the lanes of dropout.py.

    begins (H): the place of each head's first weight among all, where a query has `keys` of them
    """
    for h in range(w.shape[0]):
        for i in range(w.shape[1]):
            row, to, place = w[h, i], dropped[h, i], begins[h] + i * keys
            block, j = np.uint64(place // 16), -(place % 16)
            while j < row.size:
                for word in words(block, step, k0, k1):
                    for _ in range(4):
                        if 0 <= j < row.size:
                            to[j] = row[j] * (factor if (word & MASK) >= least else 0.0)
                        word = word >> LANE
                        j += 1
                block += ONE


@loop
def slope(w, dropped, d, scale):
    """ds = scale (f w dw - w sum of f w dw) in place of d = g v^T; dropped: f w."""
    for h in range(w.shape[0]):
        for i in range(w.shape[1]):
            row, kept, own, total = w[h, i], dropped[h, i], d[h, i], 0.0
            for j in range(row.size):
                product = kept[j] * own[j]
                own[j] = product
                total = add(total, product)
            for j in range(row.size):
                own[j] = scale * (own[j] - row[j] * total)
