"""Winograd's convolution of blocks of tiles, which stay in the cache from padding to output.

    U = G w G^T    V = B d B^T of each tile    y = A (sum over the channels of U V) A^T + bias
    dU = sum over the tiles of (A^T g A) V     dw = G^T dU G

A tile's a x a points lie side by side, `full` channels each: its channels and zeros up to the next full vector. Behind
them are GAP numbers, so that tiles do not fall into the same lines of the cache.
"""

from __future__ import annotations

from ...template import loop
from .products import add_products, multiply
from .tiles import transform_cotangents, transform_inputs, transform_outputs


@loop
def convolve(x, u, bias, tiles, o, y, v, sums, slope, low, high):
    """The blocks low to high of f(y), y (N, OH, OW O), of as many tiles each as v has rows.

    x (N, H, W C), u (a a, P, C, WIDTH), bias (P WIDTH,); v (T, a a full + GAP), sums (T, a a P WIDTH + GAP) are written
    slope: of f, see ../../ramp.py
    """
    points, width, c = u.shape[0], u.shape[1] * u.shape[3], u.shape[2]
    full, every = v.shape[1] // points, x.shape[0] * tiles[0] * tiles[1]
    for block in range(low, high):
        begin = block * v.shape[0]
        count = min(v.shape[0], every - begin)
        transform_inputs(x, tiles, 0, c, full, begin, v[:count])
        for point in range(points):
            own = v[:count, point * full : point * full + c]
            multiply(own, u[point], sums[:count, point * width : (point + 1) * width])
        transform_outputs(sums[:count], tiles, bias, o, width, begin, y, slope)


@loop
def add_filters(x, g, tiles, o, strip, du, v, d, low, high):
    """du (a a, K, M) = the products of the blocks low to high, of as many tiles each as v has rows.

    x (N, H, W C), g (N, OH, OW O); strip (4,): the first channel of x and how many, the same of g: K and M with zeros
    v (T, a a K + GAP), d (T, a a M + GAP) are written
    """
    points, k, m = du.shape
    every = x.shape[0] * tiles[0] * tiles[1]
    for block in range(low, high):
        begin = block * v.shape[0]
        count = min(v.shape[0], every - begin)
        transform_inputs(x, tiles, strip[0], strip[1], k, begin, v[:count])
        transform_cotangents(g, tiles, o, strip[2], strip[3], m, begin, d[:count])
        for point in range(points):
            rows, columns = v[:count, point * k : (point + 1) * k], d[:count, point * m : (point + 1) * m]
            add_products(rows, columns, du[point], block > low)
