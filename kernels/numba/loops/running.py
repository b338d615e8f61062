"""What runs along one dimension: rows (R, n), each a chain, or x (A, n, B) with chains side by side.

Chains of rows wait for their sums, so four rows go together.
"""

from __future__ import annotations

from .mathematics.exponential import exp_of_negative, log
from .template import loop


@loop
def cumsum_rows(x, y, reverse):
    """y_i = x_1 + ... + x_i of each row, or x_i + ... + x_n."""
    n = x.shape[1]
    for r in range(0, x.shape[0] - 3, 4):
        a, b, c, d = 0.0, 0.0, 0.0, 0.0
        for k in range(n):
            i = n - 1 - k if reverse else k
            a, b, c, d = a + x[r, i], b + x[r + 1, i], c + x[r + 2, i], d + x[r + 3, i]
            y[r, i], y[r + 1, i], y[r + 2, i], y[r + 3, i] = a, b, c, d
    for r in range(x.shape[0] - x.shape[0] % 4, x.shape[0]):
        a = 0.0
        for k in range(n):
            i = n - 1 - k if reverse else k
            a += x[r, i]
            y[r, i] = a


@loop
def cumsum(x, y, reverse):
    """y_i = x_1 + ... + x_i along the middle dimension, or x_i + ... + x_n."""
    n = x.shape[1]
    for a in range(x.shape[0]):
        for k in range(n):
            i, before = (n - 1 - k, n - k) if reverse else (k, k - 1)
            source, out = x[a, i], y[a, i]
            if k == 0:
                for j in range(out.size):
                    out[j] = source[j]
            else:
                past = y[a, before]
                for j in range(out.size):
                    out[j] = past[j] + source[j]


@loop
def linear_scan(b, a, y, reverse):
    """y_i = b_i + a_(i-1) y_(i-1) along the middle dimension, in reverse y_i = b_i + a_i y_(i+1)."""
    n = b.shape[1]
    for c in range(b.shape[0]):
        for k in range(n):
            i, before, factor = (n - 1 - k, n - k, n - 1 - k) if reverse else (k, k - 1, k - 1)
            for j in range(b.shape[2]):
                y[c, i, j] = b[c, i, j] if k == 0 else b[c, i, j] + a[c, factor, j] * y[c, before, j]


@loop
def logcumsumexp(x, y):
    """y_i = ln(e**x_1 + ... + e**x_i) along the middle dimension.

    y = m + ln s, m the largest x so far, s the sum of e**(x - m). lost: what rounding took from s, which the next sum
    gets back (Kahan 1965).
    """
    for c in range(x.shape[0]):
        for j in range(x.shape[2]):
            m, s, lost = x[c, 0, j], 1.0, 0.0
            y[c, 0, j] = m
            for i in range(1, x.shape[1]):
                v = x[c, i, j]
                e = exp_of_negative(0.0 if v == m else -abs(v - m))
                if v > m:
                    s, lost, e, m = s * e, lost * e, 1.0, v
                more = e - lost
                total = s + more
                lost = (total - s) - more
                s = total
                y[c, i, j] = m + log(s)


@loop
def running_best(x, index, largest):
    """Where the largest (or smallest) so far stands along the middle dimension, the last of equals, the last nan."""
    for c in range(x.shape[0]):
        for j in range(x.shape[2]):
            best, at = x[c, 0, j], 0
            for i in range(x.shape[1]):
                v = x[c, i, j]
                if v != v or (v >= best if largest else v <= best):
                    best, at = v, i
                index[c, i, j] = at
