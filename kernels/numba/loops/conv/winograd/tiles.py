"""Tiles of images into their transforms and back, for filters of 3x3 and 5x5: vectors are channels.

A tile of 4 x 4 outputs needs a x a inputs, a = R + 3. At the edges of an image, and where channels do not fill vectors,
zeros stand for what is not there.

    tiles (6,): tiles down and across an image, the rows and columns of zeros before it, its channels, R
"""

from __future__ import annotations

from .....common.toom_cook import matrices
from ...ramp import ramp_in_place
from ...template import Each, loop
from .transform import make_partial, make_shifted, make_shifted_partial, make_transform

LANES = Each(float32=16, float64=8)
THREE, FIVE = matrices(4, 3), matrices(4, 5)
inputs_3, inputs_5 = make_transform(THREE.b), make_transform(FIVE.b)
outputs_3, outputs_5 = make_shifted(THREE.a), make_shifted(FIVE.a)
cotangents_3, cotangents_5 = make_transform(THREE.a.T), make_transform(FIVE.a.T)
part_of_inputs_3, part_of_inputs_5 = make_partial(THREE.b), make_partial(FIVE.b)
part_of_outputs_3, part_of_outputs_5 = make_shifted_partial(THREE.a), make_shifted_partial(FIVE.a)
part_of_cotangents_3, part_of_cotangents_5 = make_partial(THREE.a.T), make_partial(FIVE.a.T)


@loop
def place(tile, down, across):
    """The image of a tile, and its row and column there."""
    image, rest = tile // (down * across), tile % (down * across)
    return image, rest // across, rest % across


@loop
def following(n, p, q, down, across):
    """The place of the next tile: to divide for each takes a tenth of the time of small tiles."""
    if q + 1 < across:
        return n, p, q + 1
    if p + 1 < down:
        return n, p + 1, 0
    return n + 1, 0, 0


@loop
def transform_inputs(x, tiles, first, count, full, begin, v):
    """v (T, a a full + GAP) = B d B^T of the tiles from `begin` on, as many as v has rows.

    x (N, H, W C), channels `first` to first + count
    """
    down, across, c, r = tiles[0], tiles[1], tiles[4], tiles[5]
    a, height, width = r + 3, x.shape[1], x.shape[2] // c
    flat, images = v.reshape(-1), x.reshape(-1)
    n, p, q = place(begin, down, across)
    for t in range(v.shape[0]):
        i, j = p * 4 - tiles[2], q * 4 - tiles[3]
        inside = i >= 0 and j >= 0 and i + a <= height and j + a <= width and count == full
        start, row, at, into = ((n * height + i) * width + j) * c + first, width * c, t * v.shape[1], a * full
        for k in range(0, full, LANES):
            if inside and r == 3:
                inputs_3(images, start + k, row, c, flat, at + k, into, full)
            elif inside:
                inputs_5(images, start + k, row, c, flat, at + k, into, full)
            elif r == 3:
                end, last, most = height - i, width - j, count - k
                part_of_inputs_3(images, start + k, row, c, flat, at + k, into, full, -i, end, -j, last, most)
            else:
                end, last, most = height - i, width - j, count - k
                part_of_inputs_5(images, start + k, row, c, flat, at + k, into, full, -i, end, -j, last, most)
        n, p, q = following(n, p, q, down, across)


@loop
def transform_some(numbers, v, x, tiles, full):
    """v of the tiles of these numbers, one after the other, all channels."""
    transform_inputs(x, tiles, 0, tiles[4], full, numbers[0], v)


@loop
def transform_cotangents(g, tiles, o, first, count, full, begin, d):
    """d (T, a a full + GAP) = A^T g A of the tiles from `begin` on, as many as d has rows.

    g (N, OH, OW O), channels `first` to first + count
    """
    down, across, r = tiles[0], tiles[1], tiles[5]
    a, height, width = r + 3, g.shape[1], g.shape[2] // o
    flat, images = d.reshape(-1), g.reshape(-1)
    n, p, q = place(begin, down, across)
    for t in range(d.shape[0]):
        i, j = p * 4, q * 4
        end, last, start, row = height - i, width - j, ((n * height + i) * width + j) * o + first, width * o
        inside, at, into = end >= 4 and last >= 4 and count == full, t * d.shape[1], a * full
        for k in range(0, full, LANES):
            if inside and r == 3:
                cotangents_3(images, start + k, row, o, flat, at + k, into, full)
            elif inside:
                cotangents_5(images, start + k, row, o, flat, at + k, into, full)
            elif r == 3:
                part_of_cotangents_3(images, start + k, row, o, flat, at + k, into, full, 0, end, 0, last, count - k)
            else:
                part_of_cotangents_5(images, start + k, row, o, flat, at + k, into, full, 0, end, 0, last, count - k)
        n, p, q = following(n, p, q, down, across)


@loop
def transform_outputs(sums, tiles, bias, o, first, count, full, begin, y, slope):
    """y = f(A sums A^T + bias) of the tiles from `begin` on, as many as sums (T, a a full + GAP) has rows.

    y (N, OH, OW O) and bias: channels `first` to first + count; slope: of f, see ../../ramp.py
    """
    down, across, r = tiles[0], tiles[1], tiles[5]
    a, height, width = r + 3, y.shape[1], y.shape[2] // o
    flat, images = sums.reshape(-1), y.reshape(-1)
    n, p, q = place(begin, down, across)
    for t in range(sums.shape[0]):
        i, j = p * 4, q * 4
        end, last, start, row = height - i, width - j, ((n * height + i) * width + j) * o + first, width * o
        inside, at, of = end >= 4 and last >= 4 and count % LANES == 0, t * sums.shape[1], a * full
        for k in range(0, count, LANES):
            to, own, most = start + k, first + k, count - k
            if inside and r == 3:
                outputs_3(flat, at + k, of, full, images, to, row, o, bias, own)
            elif inside:
                outputs_5(flat, at + k, of, full, images, to, row, o, bias, own)
            elif r == 3:
                part_of_outputs_3(flat, at + k, of, full, images, to, row, o, bias, own, 0, end, 0, last, most)
            else:
                part_of_outputs_5(flat, at + k, of, full, images, to, row, o, bias, own, 0, end, 0, last, most)
        if slope != 1.0:
            for s in range(start, start + min(4, end) * row, row):
                for pixel in range(s, s + min(4, last) * o, o):
                    ramp_in_place(images[pixel : pixel + count], slope)
        n, p, q = following(n, p, q, down, across)
