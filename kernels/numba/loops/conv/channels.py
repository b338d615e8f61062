"""Depthwise convolution, one filter for each channel: see channel_tile.py, and patches.py for the tables."""

from __future__ import annotations

from ..template import Each, loop
from .channel_tile import MANY, PIXELS, SOME, many_turned, one, one_turned, several, some_turned
from .patches import framed, give, pack

LANES = Each(float32=16, float64=8)


@loop
def convolve_channels(x, w, bias, offsets, runs, grids, blocks, frame, apart, y, room, z, low, high):
    """The blocks low to high of y (N, YH, YW, C); w (taps of all grids, C filled up to whole vectors), bias the same.

    room: for a block of x with padding, or nothing where there is none; z (pixels, C filled up), or nothing where tiles
    write all of y as it lies in memory
    """
    for b in range(low, high):
        block, images, start = blocks[b], room, 0
        if room.shape[0] == 0:
            images, start = x.reshape(-1), (block[0] * x.shape[1] + block[2] * frame[0]) * x.shape[2]
        else:
            framed(x, block, frame, room)
        for grid in grids:
            count = (block[1] - block[0]) * max(0, min(block[3], grid[0]) - block[2]) * grid[1]
            own, filters = offsets[grid[4] :], w[grid[5] : grid[6]]
            taps, into = runs[grid[5] : grid[6]], z
            if z.shape[0] == 0:
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
            if z.shape[0] > 0:
                give(z, y.shape[3], block, grid, apart, 0, y, 1.0)


@loop
def add_channel_filters(x, g, offsets, taps, grid, blocks, frame, dw, room, packed, low, high):
    """dw (T, C filled up) += the products of g (pixels, C) and what each tap met, of the blocks low to high.

    packed (1, pixels of a block, C filled up): room for g, or nothing where C fills vectors
    """
    for b in range(low, high):
        block, images, start = blocks[b], room, 0
        if room.shape[0] == 0:
            images, start = x.reshape(-1), (block[0] * x.shape[1] + block[2] * frame[0]) * x.shape[2]
        else:
            framed(x, block, frame, room)
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
