"""Tiles of images into their transforms and back, for filters of 3x3 and 5x5: vectors are channels.

A tile of 4 x 4 outputs needs a x a inputs, a = R + 3. Where these lie inside of the image they are read there; at its
edges, and where channels do not fill vectors, a copy with zeros is made first.

    tiles (6,): tiles down and across an image, the rows and columns of zeros before it, its channels, R
"""

from __future__ import annotations

from xdl.kernels.common.toom_cook import matrices

from ...template import Each, loop
from .transform import make_shifted, make_transform

LANES = Each(float32=16, float64=8)
THREE, FIVE = matrices((0, 11 / 16, -11 / 16, 3 / 2, -3 / 2), 3), matrices((0, 1 / 2, -1 / 2, 1, -1, 2, -2), 5)
inputs_3, outputs_3, cotangents_3 = make_transform(THREE.b), make_shifted(THREE.a), make_transform(THREE.a.T)
inputs_5, outputs_5, cotangents_5 = make_transform(FIVE.b), make_shifted(FIVE.a), make_transform(FIVE.a.T)


@loop
def clear(into):
    """Writes zeros."""
    for k in range(into.shape[0]):
        into[k] = 0.0


@loop
def copy(source, into):
    """Writes what source has to the beginning of into."""
    for k in range(source.shape[0]):
        into[k] = source[k]


@loop
def cut(x, n, c, top, left, first, count, side, into):
    """into (side, side, full) = the pixels of image n of x (N, H, W C) from row `top` and column `left` on.

    Channels `first` to first + count; zeros for what lies outside, and up to the next full vector.
    """
    width, full = x.shape[2] // c, into.shape[0] // (side * side)
    for i in range(side):
        row, line = top + i, into[i * side * full : (i + 1) * side * full]
        if row < 0 or row >= x.shape[1]:
            clear(line)
            continue
        low, high = min(side, max(0, -left)), max(0, min(side, width - left))
        pixels = x[n, row]
        if count == full == c:
            clear(line[: low * full])
            if low < high:
                copy(pixels[(left + low) * c : (left + high) * c], line[low * full :])
            clear(line[max(low, high) * full :])
        else:
            clear(line)
            for j in range(low, high):
                at = (left + j) * c + first
                copy(pixels[at : at + count], line[j * full :])


@loop
def transform_inputs(x, tiles, first, count, begin, room, v):
    """v (T, a a full + GAP) = B d B^T of the tiles from `begin` on, as many as v has rows.

    x (N, H, W C), channels `first` to first + count; room (a a full,)
    """
    down, across, c, r = tiles[0], tiles[1], tiles[4], tiles[5]
    a = r + 3
    full = room.shape[0] // (a * a)
    flat, images = v.reshape(-1), x.reshape(-1)
    for t in range(v.shape[0]):
        n = (begin + t) // (down * across)
        rest = begin + t - n * down * across
        top, left = rest // across * 4 - tiles[2], rest % across * 4 - tiles[3]
        inside = top >= 0 and left >= 0 and top + a <= x.shape[1] and (left + a) * c <= x.shape[2] and count == full
        start = (n * x.shape[1] + top) * x.shape[2] + left * c + first
        if not inside:
            cut(x, n, c, top, left, first, count, a, room)
        for k in range(0, full, LANES):
            at = t * v.shape[1] + k
            if r == 3:
                if inside:
                    inputs_3(images, start + k, x.shape[2], c, flat, at, a * full, full)
                else:
                    inputs_3(room, k, a * full, full, flat, at, a * full, full)
            elif inside:
                inputs_5(images, start + k, x.shape[2], c, flat, at, a * full, full)
            else:
                inputs_5(room, k, a * full, full, flat, at, a * full, full)


@loop
def transform_cotangents(g, tiles, o, begin, room, d):
    """d (T, a a full + GAP) = A^T g A of the tiles from `begin` on; g (N, OH, OW O), room (16 full,)."""
    down, across, r = tiles[0], tiles[1], tiles[5]
    a, full = r + 3, room.shape[0] // 16
    flat, images = d.reshape(-1), g.reshape(-1)
    for t in range(d.shape[0]):
        n = (begin + t) // (down * across)
        rest = begin + t - n * down * across
        top, left = rest // across * 4, rest % across * 4
        inside = top + 4 <= g.shape[1] and (left + 4) * o <= g.shape[2] and o == full
        start = (n * g.shape[1] + top) * g.shape[2] + left * o
        if not inside:
            cut(g, n, o, top, left, 0, o, 4, room)
        for k in range(0, full, LANES):
            at = t * d.shape[1] + k
            if r == 3:
                if inside:
                    cotangents_3(images, start + k, g.shape[2], o, flat, at, a * full, full)
                else:
                    cotangents_3(room, k, 4 * full, full, flat, at, a * full, full)
            elif inside:
                cotangents_5(images, start + k, g.shape[2], o, flat, at, a * full, full)
            else:
                cotangents_5(room, k, 4 * full, full, flat, at, a * full, full)


@loop
def transform_outputs(sums, tiles, bias, o, begin, room, y):
    """y (N, OH, OW O) = A sums A^T + bias of the tiles from `begin` on; sums (T, a a full + GAP), room (16 full,)."""
    down, across, r = tiles[0], tiles[1], tiles[5]
    a, full = r + 3, room.shape[0] // 16
    flat, images, width = sums.reshape(-1), y.reshape(-1), y.shape[2]
    for t in range(sums.shape[0]):
        n = (begin + t) // (down * across)
        rest = begin + t - n * down * across
        top, left = rest // across * 4, rest % across * 4
        inside = top + 4 <= y.shape[1] and (left + 4) * o <= width and o % LANES == 0
        start = (n * y.shape[1] + top) * width + left * o
        for k in range(0, o, LANES):
            at = t * sums.shape[1] + k
            if r == 3:
                if inside:
                    outputs_3(flat, at, a * full, full, images, start + k, width, o, bias, k)
                else:
                    outputs_3(flat, at, a * full, full, room, k, 4 * full, full, bias, k)
            elif inside:
                outputs_5(flat, at, a * full, full, images, start + k, width, o, bias, k)
            else:
                outputs_5(flat, at, a * full, full, room, k, 4 * full, full, bias, k)
        if not inside:
            for i in range(min(4, y.shape[1] - top)):
                for j in range(min(4, width // o - left)):
                    pixel = start + i * width + j * o
                    copy(room[(i * 4 + j) * full : (i * 4 + j) * full + o], images[pixel : pixel + o])
