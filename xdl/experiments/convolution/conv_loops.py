"""Convolution, padding and pooling by plain loops over lists, forward and backward: where the books start.

hwdong 6.1.3 to 6.1.5 and 6.2.3; Xu Bin 4.2 and 4.3. Images are lists [N][C][H][W], filters [O][C][K][K]; G is the
gradient of the result.
"""

from __future__ import annotations

from itertools import product
from typing import Any

Images = list[list[list[list[float]]]]


def zeros(*sizes: int) -> Any:
    """Nested lists of 0."""
    return [zeros(*sizes[1:]) for _ in range(sizes[0])] if sizes else 0.0


def sizes_of(x: Any) -> tuple[int, ...]:
    """The length at each depth of nested lists."""
    return (len(x), *sizes_of(x[0])) if isinstance(x, list) else ()


def convolve(x: Images, w: Images, b: list[float]) -> Images:
    """y[n][o][p][q] = b[o] + sum over c, i, j of w[o][c][i][j] x[n][c][p + i][q + j]."""
    n, channels, height, width = sizes_of(x)
    filters, _, kh, kw = sizes_of(w)
    y: Images = zeros(n, filters, height - kh + 1, width - kw + 1)
    for m, o, p, q in product(range(n), range(filters), range(height - kh + 1), range(width - kw + 1)):
        total = b[o]
        for c in range(channels):
            for i in range(kh):
                for j in range(kw):
                    total += w[o][c][i][j] * x[m][c][p + i][q + j]
        y[m][o][p][q] = total
    return y


def convolve_backward(g: Images, x: Images, w: Images) -> tuple[Images, Images, list[float]]:
    """dx, dw, db: every product of the forward pass gives w G to its x, and x G to its w."""
    n, filters, oh, ow = sizes_of(g)
    _, channels, kh, kw = sizes_of(w)
    dx, dw, db = zeros(*sizes_of(x)), zeros(*sizes_of(w)), zeros(filters)
    for m, o, p, q in product(range(n), range(filters), range(oh), range(ow)):
        slope = g[m][o][p][q]
        db[o] += slope
        for c in range(channels):
            for i in range(kh):
                for j in range(kw):
                    dw[o][c][i][j] += slope * x[m][c][p + i][q + j]
                    dx[m][c][p + i][q + j] += slope * w[o][c][i][j]
    return dx, dw, db


def pad(x: Images, amount: int) -> Images:
    """The images with zeros around them."""
    n, channels, height, width = sizes_of(x)
    y: Images = zeros(n, channels, height + 2 * amount, width + 2 * amount)
    for m, c, p, q in product(range(n), range(channels), range(height), range(width)):
        y[m][c][p + amount][q + amount] = x[m][c][p][q]
    return y


def pad_backward(g: Images, x: Images, amount: int) -> Images:
    """What is not padding."""
    dx: Images = zeros(*sizes_of(x))
    for m, c, p, q in product(*map(range, sizes_of(x))):
        dx[m][c][p][q] = g[m][c][p + amount][q + amount]
    return dx


def max_pool(x: Images, k: int) -> Images:
    """The largest value of each window of k x k, side by side."""
    n, channels, height, width = sizes_of(x)
    y: Images = zeros(n, channels, height // k, width // k)
    for m, c, p, q in product(range(n), range(channels), range(height // k), range(width // k)):
        best = x[m][c][p * k][q * k]
        for i in range(k):
            for j in range(k):
                if x[m][c][p * k + i][q * k + j] > best:
                    best = x[m][c][p * k + i][q * k + j]
        y[m][c][p][q] = best
    return y


def max_pool_backward(g: Images, x: Images, k: int) -> Images:
    """G goes to the first largest value of its window."""
    dx: Images = zeros(*sizes_of(x))
    for m, c, p, q in product(*map(range, sizes_of(g))):
        at = p * k, q * k
        for i in range(k):
            for j in range(k):
                if x[m][c][p * k + i][q * k + j] > x[m][c][at[0]][at[1]]:
                    at = p * k + i, q * k + j
        dx[m][c][at[0]][at[1]] += g[m][c][p][q]
    return dx


def average_pool(x: Images, k: int) -> Images:
    """The mean of each window of k x k, side by side."""
    n, channels, height, width = sizes_of(x)
    y: Images = zeros(n, channels, height // k, width // k)
    for m, c, p, q in product(range(n), range(channels), range(height // k), range(width // k)):
        total = 0.0
        for i in range(k):
            for j in range(k):
                total += x[m][c][p * k + i][q * k + j]
        y[m][c][p][q] = total / (k * k)
    return y


def average_pool_backward(g: Images, x: Images, k: int) -> Images:
    """Every value of a window gets G / k**2."""
    dx: Images = zeros(*sizes_of(x))
    for m, c, p, q in product(*map(range, sizes_of(g))):
        for i in range(k):
            for j in range(k):
                dx[m][c][p * k + i][q * k + j] += g[m][c][p][q] / (k * k)
    return dx
