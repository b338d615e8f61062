"""Winograd's convolution of blocks of tiles, which stay in the cache from padding to output.

    U = G w G^T    V = B d B^T of each tile    y = A (sum over the channels of U V) A^T + bias
    dU = sum over the tiles of (A^T g A) V     dw = G^T dU G

A tile's a x a points lie side by side, `full` channels each: its channels and zeros up to the next full vector. Behind
them are GAP numbers, so that tiles do not fall into the same lines of the cache.
"""

from __future__ import annotations

from ...template import loop
from .filters import transform_filters
from .products import add_products, multiply
from .tiles import transform_cotangents, transform_inputs, transform_outputs


@loop
def convolve(x, u, columns, bias, tiles, o, y, v, sums, slope, low, high):
    """The blocks low to high of f(y), y (N, OH, OW O), of as many tiles each as v has rows.

    x (N, H, W C), u (a a, P C WIDTH + GAP) of so many columns, bias (P WIDTH,)
    v (T, a a full + GAP), sums (T, a a P WIDTH + GAP) are written; slope: of f, see ../../ramp.py
    """
    points, width, c = u.shape[0], bias.shape[0], tiles[4]
    full, every = v.shape[1] // points, x.shape[0] * tiles[0] * tiles[1]
    for block in range(low, high):
        begin = block * v.shape[0]
        count = min(v.shape[0], every - begin)
        transform_inputs(x, tiles, 0, c, full, begin, v[:count])
        for point in range(points):
            own = v[:count, point * full : point * full + c]
            panels = u[point, : c * width].reshape(width // columns, c, columns)
            multiply(own, panels, sums[:count, point * width : (point + 1) * width])
        transform_outputs(sums[:count], tiles, bias, o, 0, o, width, begin, y, slope)


@loop
def convolve_panels(v, w, columns, bias, tiles, o, y, room, u, sums, slope, low, high):
    """The same by panels of filters, low to high, each of which stays in the cache for all tiles: where tiles are few.

    v (all tiles, a a full + GAP): their transforms; w (O, C, R R), bias (as many as panels have,)
    room (TOGETHER R R WIDTH,), u (a a, C WIDTH + GAP), sums (T, a a WIDTH + GAP) are written
    """
    points, width, c = u.shape[0], columns, tiles[4]
    full = v.shape[1] // points
    for j in range(low, high):
        first = j * width
        count = min(width, o - first)
        transform_filters(w[first : first + count], tiles[5], room, u, 0, 1)
        for begin in range(0, v.shape[0], sums.shape[0]):
            some = min(sums.shape[0], v.shape[0] - begin)
            for point in range(points):
                own = v[begin : begin + some, point * full : point * full + c]
                panel = u[point, : c * width].reshape(1, c, width)
                multiply(own, panel, sums[:some, point * width : (point + 1) * width])
            transform_outputs(sums[:some], tiles, bias, o, first, count, width, begin, y, slope)


@loop
def add_filters(x, g, tiles, o, strip, du, v, d, low, high):
    """du (a a, K M + GAP) = the products of the blocks low to high, of as many tiles each as v has rows.

    x (N, H, W C), g (N, OH, OW O); strip (4,): the first channel of x and how many, the same of g: K and M with zeros
    v (T, a a K + GAP), d (T, a a M + GAP) are written
    """
    points = du.shape[0]
    k, m = v.shape[1] // points, d.shape[1] // points
    every = x.shape[0] * tiles[0] * tiles[1]
    for block in range(low, high):
        begin = block * v.shape[0]
        count = min(v.shape[0], every - begin)
        transform_inputs(x, tiles, strip[0], strip[1], k, begin, v[:count])
        transform_cotangents(g, tiles, o, strip[2], strip[3], m, begin, d[:count])
        for point in range(points):
            rows, columns = v[:count, point * k : (point + 1) * k], d[:count, point * m : (point + 1) * m]
            add_products(rows, columns, du[point, : k * m].reshape(k, m), block > low)
