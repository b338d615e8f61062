"""Depthwise convolution, one filter for each channel: see channel_tile.py, and patches.py for the tables."""

from __future__ import annotations

from ..matmul.transpose import transpose_square
from ..room import room
from ..template import Each, loop
from .channel_tile import (
    MANY,
    PIXELS,
    SOME,
    SOME_PIXELS,
    by_three,
    by_three_apart,
    many_turned,
    one,
    one_turned,
    several,
    some,
    some_turned,
)
from .patches import framed, pack

LANES = Each(float32=16, float64=8)
BAND = 4  # rows of pixels that meet some channels before others do


@loop
def framed_planes(x, wide, block, frame, into):
    """As `framed`, of x (N, C, H W) in C order, with rows of `wide` pixels: square by square of pixels and channels.

    Neither channels nor those pixels of a row that are read are fewer than a vector has numbers.
    """
    step, above, reach, c = frame[0], frame[1], frame[2], x.shape[1]
    before, length = frame[3] // c, frame[4] // c
    inside, height, rows = min(wide, length - before), x.shape[2] // wide, (block[3] - block[2] - 1) * step + reach
    pixels = into[: (block[1] - block[0]) * rows * frame[4]].reshape(-1, c)
    for n in range(block[0], block[1]):
        first = (n - block[0]) * rows
        for r in range(rows):
            at, row = (first + r) * length, block[2] * step - above + r
            own = pixels[at : at + length]
            if row < 0 or row >= height:
                own[:] = 0.0
            else:
                own[:before] = 0.0
                own[before + inside :] = 0.0
        low, high = max(0, above - block[2] * step), min(rows, height + above - block[2] * step)
        for j in range(0, c, LANES):
            k = min(j, c - LANES)
            for r in range(low, high):
                at, source = (first + r) * length + before, (block[2] * step - above + r) * wide
                for v in range(0, inside, LANES):
                    q = min(v, inside - LANES)
                    transpose_square(x[n], k, source + q, pixels, at + q, k)


@loop
def convolve_row(x, at, step, taps, first, last, threes, w, bias, k, y, place, apart, count):
    """`count` pixels of y, `apart` numbers from one to the next, of a vector of channels: see channel_tile.py.

    The last tile of a row ends with the row: it computes some pixels a second time.
    """
    q, size = 0, 1
    if count >= PIXELS:
        size = PIXELS
    elif count >= SOME_PIXELS:
        size = SOME_PIXELS
    while q < count:
        q = min(q, count - size)
        source, into = at + q * step, place + q * apart
        if size == 1:
            one(x, source, step, taps, first, last, w, bias, k, y, into, apart)
        elif size == SOME_PIXELS:
            some(x, source, step, taps, first, last, w, bias, k, y, into, apart)
        elif threes == 1:
            by_three(x, source, step, taps, first, last, w, bias, k, y, into, apart)
        elif threes == 2:
            by_three_apart(x, source, step // 2, taps, first, last, w, bias, k, y, into, apart)
        else:
            several(x, source, step, taps, first, last, w, bias, k, y, into, apart)
        q += size


@loop
def convolve_channels(blocks, x, wide, w, bias, taps, grids, threes, frame, step, apart, y, copied):
    """These blocks of y (N, YH, YW, C); w (taps of all grids, C, but a vector at least), bias the same.

    x (N, H, W C), or (N, C, H W) with rows of `wide` pixels, which is copied; wide: else 0

    threes (G,): of each grid whether its taps are threes side by side and its pixels one apart (1) or two (2), else 0
    step: numbers of x from pixel to pixel; copied: numbers of a block of x with padding, 0 where there is none

    Where there are fewer channels than a vector has numbers, a row is written elsewhere first.
    """
    c, flat, few = y.shape[3], y.reshape(-1), y.shape[3] < LANES
    frames, row = room(x, copied), room(x, y.shape[2] * LANES)
    for block in blocks:
        images, start, height = frames, 0, (block[3] - block[2] - 1) * frame[0] + frame[2]
        if copied == 0:
            images, height = x.reshape(-1), x.shape[1]
            start = (block[0] * height + block[2] * frame[0]) * x.shape[2]
        elif wide == 0:
            framed(x, block, frame, frames)
        else:
            framed_planes(x, wide, block, frame, frames)
        for n in range(block[0], block[1]):
            for band in range(block[2], block[3], BAND):
                end = min(band + BAND, block[3])
                for j in range(0, w.shape[1], LANES):
                    k = min(j, w.shape[1] - LANES)
                    for p in range(band, end):
                        at = start + ((n - block[0]) * height + (p - block[2]) * frame[0]) * frame[4]
                        for i in range(grids.shape[0]):
                            down, count, first, last = grids[i, 0], grids[i, 1], grids[i, 5], grids[i, 6]
                            if p >= down:
                                continue
                            place = ((n * y.shape[1] + grids[i, 2] + p * apart[0]) * y.shape[2] + grids[i, 3]) * c
                            if few:
                                its, far = threes[i], LANES
                                convolve_row(images, at, step, taps, first, last, its, w, bias, k, row, 0, far, count)
                                for q in range(count):
                                    for v in range(c):
                                        flat[place + q * apart[1] * c + v] = row[q * LANES + v]
                            else:
                                its, far = threes[i], apart[1] * c
                                convolve_row(
                                    images, at, step, taps, first, last, its, w, bias, k, flat, place, far, count
                                )


@loop
def add_block(block, x, wide, g, offsets, taps, grid, frame, frames, packed, dw):
    """Adds the products of a block to dw (T, C filled up)."""
    images, start = frames, 0
    if frames.shape[0] == 0:
        images, start = x.reshape(-1), (block[0] * x.shape[1] + block[2] * frame[0]) * x.shape[2]
    elif wide == 0:
        framed(x, block, frame, frames)
    else:
        framed_planes(x, wide, block, frame, frames)
    first, count = (
        (block[0] * grid[0] + block[2]) * grid[1],
        (block[1] - block[0]) * (block[3] - block[2]) * grid[1],
    )
    own = g[first : first + count]
    if packed.shape[1] > 0:
        pack(g, first, 0, g.shape[1], packed[:, :count])
        own = packed[0, :count]
    for j in range(dw.shape[1] // LANES):
        t = 0
        while t + MANY <= taps.shape[0]:
            many_turned(images, start, offsets, taps, t, own, j, dw)
            t += MANY
        while t + SOME <= taps.shape[0]:
            some_turned(images, start, offsets, taps, t, own, j, dw)
            t += SOME
        while t < taps.shape[0]:
            one_turned(images, start, offsets, taps, t, own, j, dw)
            t += 1


@loop
def add_channel_filters(ends, sums, x, wide, g, offsets, taps, grid, blocks, frame, copied, pixels):
    """Each of the sums (parts, T, C filled up) = the products of g (pixels, C) and what each tap met, of some blocks.

    x and wide: as above; ends (parts, 2): the first block of a part and the one behind the last; pixels: of a block, 0
    where C fills vectors
    """
    frames, packed = room(x, copied), room(x, pixels * sums.shape[2]).reshape(1, pixels, sums.shape[2])
    for part in range(sums.shape[0]):
        dw = sums[part]
        for row in dw:
            for k in range(row.shape[0]):
                row[k] = 0.0
        for block in blocks[ends[part, 0] : ends[part, 1]]:
            add_block(block, x, wide, g, offsets, taps, grid, frame, frames, packed, dw)
