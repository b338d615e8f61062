"""Depthwise convolution, one filter for each channel: see channel_tile.py, and patches.py for the tables."""

from __future__ import annotations

from ..room import room, room_of_rows
from ..template import Each, loop
from .channel_tile import MANY, PIXELS, SOME, many_turned, one, one_turned, several, some_turned
from .patches import framed, give, pack

LANES = Each(float32=16, float64=8)


@loop
def convolve_channels(blocks, x, w, bias, offsets, runs, grids, frame, apart, y, copied, pixels):
    """These blocks of y (N, YH, YW, C); w (taps of all grids, C filled up to whole vectors), bias the same.

    copied: numbers of a block of x with padding, 0 where there is none; pixels: of a block, 0 where tiles write all of
    y as it lies in memory
    """
    frames, z = room(x, copied), room_of_rows(x, pixels, w.shape[1])
    for block in blocks:
        images, start = frames, 0
        if copied == 0:
            images, start = x.reshape(-1), (block[0] * x.shape[1] + block[2] * frame[0]) * x.shape[2]
        else:
            framed(x, block, frame, frames)
        for grid in grids:
            count = (block[1] - block[0]) * max(0, min(block[3], grid[0]) - block[2]) * grid[1]
            own, filters = offsets[grid[4] :], w[grid[5] : grid[6]]
            taps, into = runs[grid[5] : grid[6]], z
            if pixels == 0:
                pixel = (block[0] * grid[0] + block[2]) * grid[1]
                into = y.reshape(-1, y.shape[3])[pixel : pixel + count]
            i = 0
            while i < count:
                whole = i + PIXELS <= count
                for j in range(w.shape[1] // LANES):
                    if whole:
                        several(images, start, own, i, taps, filters, bias, j, into)
                    else:
                        one(images, start, own, i, taps, filters, bias, j, into)
                i += PIXELS if whole else 1
            if pixels > 0:
                give(z, y.shape[3], block, grid, apart, 0, y, 1.0)


@loop
def add_block(block, x, g, offsets, taps, grid, frame, frames, packed, dw):
    """Adds the products of a block to dw (T, C filled up)."""
    images, start = frames, 0
    if frames.shape[0] == 0:
        images, start = x.reshape(-1), (block[0] * x.shape[1] + block[2] * frame[0]) * x.shape[2]
    else:
        framed(x, block, frame, frames)
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
def add_channel_filters(ends, sums, x, g, offsets, taps, grid, blocks, frame, copied, pixels):
    """Each of the sums (parts, T, C filled up) = the products of g (pixels, C) and what each tap met, of some blocks.

    ends (parts, 2): the first block of a part and the one behind the last; pixels: of a block, 0 where C fills vectors
    """
    frames, packed = room(x, copied), room(x, pixels * sums.shape[2]).reshape(1, pixels, sums.shape[2])
    for part in range(sums.shape[0]):
        dw = sums[part]
        for row in dw:
            for k in range(row.shape[0]):
                row[k] = 0.0
        for block in blocks[ends[part, 0] : ends[part, 1]]:
            add_block(block, x, g, offsets, taps, grid, frame, frames, packed, dw)
