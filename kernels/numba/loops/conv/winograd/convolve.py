"""Winograd's convolution of blocks of tiles, which stay in the cache from padding to output.

    U = G w G^T    V = B d B^T of each tile    y = A (sum over the channels of U V) A^T + bias
    dU = sum over the tiles of (A^T g A) V     dw = G^T dU G

A tile's a x a points lie side by side, `full` channels each: its channels and zeros up to the next full vector. Behind
them are GAP numbers, so that tiles do not fall into the same lines of the cache.
"""

from __future__ import annotations

from ...room import room, room_of_rows
from ...template import Each, loop
from .filters import TOGETHER, transform_panel
from .products import add_products, multiply
from .tiles import transform_cotangents, transform_inputs, transform_outputs

LANES, GAP = Each(float32=16, float64=8), 16


@loop
def filled(c):
    """The channels that fill up the last vector."""
    return -(-c // LANES) * LANES


@loop
def convolve(blocks, x, u, columns, bias, tiles, each, o, y, slope):
    """The blocks of these numbers of f(y), y (N, OH, OW O), of `each` tiles.

    x (N, H, W C), u (a a, P C WIDTH + GAP) of so many columns, bias (P WIDTH,); slope: of f, see ../../ramp.py
    """
    points, width, c = u.shape[0], bias.shape[0], tiles[4]
    full, every = filled(c), x.shape[0] * tiles[0] * tiles[1]
    v, sums = room_of_rows(x, each, points * full + GAP), room_of_rows(x, each, points * width + GAP)
    for block in blocks:
        begin = block * each
        count = min(each, every - begin)
        transform_inputs(x, tiles, 0, c, full, begin, v[:count])
        for point in range(points):
            own = v[:count, point * full : point * full + c]
            panels = u[point, : c * width].reshape(width // columns, c, columns)
            multiply(own, panels, sums[:count, point * width : (point + 1) * width], False)
        transform_outputs(sums[:count], tiles, bias, o, 0, o, width, begin, y, slope)


@loop
def convolve_panels(panels, v, w, turned, columns, bias, tiles, each, o, y, slope):
    """The same by panels of filters of these numbers, each of which stays in the cache for all tiles: where these are
    few.

    v (all tiles, a a full + GAP): their transforms; w (O, C, R R), turned: by half a circle; bias (as many as panels
    have,)
    """
    r, width, c = tiles[5], columns, tiles[4]
    points, taps = (r + 3) * (r + 3), room(v, r * r * TOGETHER * columns).reshape(r * r, TOGETHER, columns)
    full = v.shape[1] // points
    u, sums = room_of_rows(v, points, c * width + GAP), room_of_rows(v, each, points * width + GAP)
    for j in panels:
        first = j * width
        count = min(width, o - first)
        transform_panel(w[first : first + count], r, turned, taps, u, 0)
        for begin in range(0, v.shape[0], each):
            some = min(each, v.shape[0] - begin)
            for point in range(points):
                own = v[begin : begin + some, point * full : point * full + c]
                panel = u[point, : c * width].reshape(1, c, width)
                multiply(own, panel, sums[:some, point * width : (point + 1) * width], False)
            transform_outputs(sums[:some], tiles, bias, o, first, count, width, begin, y, slope)


@loop
def add_filters(jobs, x, g, tiles, each, k, m, o, sums):
    """For each job sums[job] (a a, K M + GAP) = the products of some blocks of `each` tiles.

    x (N, H, W C), g (N, OH, OW O)
    jobs (J, 7): which sums; the first channel of x and how many, the same of g: K and M with zeros; the first block and
    the one behind the last
    """
    points = sums.shape[1]
    every = x.shape[0] * tiles[0] * tiles[1]
    v, d = room_of_rows(x, each, points * k + GAP), room_of_rows(x, each, points * m + GAP)
    for job in jobs:
        du = sums[job[0]]
        for block in range(job[5], job[6]):
            begin = block * each
            count = min(each, every - begin)
            transform_inputs(x, tiles, job[1], job[2], k, begin, v[:count])
            transform_cotangents(g, tiles, o, job[3], job[4], m, begin, d[:count])
            for point in range(points):
                rows, columns = v[:count, point * k : (point + 1) * k], d[:count, point * m : (point + 1) * m]
                add_products(rows, columns, du[point, : k * m].reshape(k, m), block > job[5])
