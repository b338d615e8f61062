"""Convolution as a product of matrices whose left one, the patches, is never written down.

    patches (pixels of y, K)   filters (K, O)   y = patches filters + b        K = KH KW C

In channels-last memory what a row of the filter meets lies side by side, so a patch is a few runs (see tile.py), which
begin at other places for other pixels. Only images with padding are copied, a block of rows at a time and each number
once, with zeros around them.

Pixels of y that lie some rows and columns apart, and meet the same taps, are a grid:

    grids (G, 7): rows and columns of pixels, places in y of the first, its first offset, its first and last run
    blocks (B, 4): the first and last image, the first and last row of pixels
    frame: the step in x from row to row of pixels, the rows of x above the first one, the rows that a pixel reaches,
           and the numbers of a row before x, and in all
"""

from __future__ import annotations

from ..ramp import ramp, ramp_in_place
from ..room import room, room_of_rows
from ..template import loop
from .products import add_product, multiply


@loop
def framed(x, block, frame, into):
    """Copies the rows of x (N, H, W C) that a block reads, with zeros where there are none."""
    step, above, reach, before, length = frame[0], frame[1], frame[2], frame[3], frame[4]
    width, at = x.shape[2], 0
    for n in range(block[0], block[1]):
        for r in range((block[3] - block[2] - 1) * step + reach):
            row, line = block[2] * step - above + r, into[at : at + length]
            if row < 0 or row >= x.shape[1]:
                for k in range(length):
                    line[k] = 0.0
            else:
                end = min(before + width, length)
                source, inside = x[n, row], line[before:end]
                for k in range(before):
                    line[k] = 0.0
                for k in range(end - before):
                    inside[k] = source[k]
                beyond = line[end:]
                for k in range(length - end):
                    beyond[k] = 0.0
            at += length


@loop
def give(z, o, block, grid, apart, first, y, slope):
    """f of the first o numbers of the rows of z to the pixels of a grid in y, from channel `first` on."""
    i = 0
    for n in range(block[0], block[1]):
        for p in range(block[2], min(block[3], grid[0])):
            for q in range(grid[1]):
                at, sums = y[n, grid[2] + p * apart[0], grid[3] + q * apart[1]], z[i]
                into = at[first : first + o]
                for k in range(o):
                    into[k] = ramp(sums[k], slope)
                i += 1


@loop
def convolve(
    blocks, x, panels, bias, offsets, places, runs, grids, frame, apart, begin, first, o, y, copied, pixels, slope
):
    """These blocks of f(y), y (N, YH, YW, Y), o channels from `first` on; of x those from `begin` on.

    panels (P, all k of all grids, WIDTH), bias (P WIDTH,); copied: numbers of a block of x with padding, 0 where there
    is none; pixels: of a block, 0 where tiles write into y; places: of the pixels of a block there, else in a room

    slope: of f (../ramp.py); where tiles write into y and it is not 1, the pixels of a block lie side by side
    """
    frames, z, flat = room(x, copied), room_of_rows(x, pixels, bias.shape[0]), y.reshape(-1)
    for block in blocks:
        images, start = frames, begin
        if copied == 0:
            images, start = x.reshape(-1), begin + (block[0] * x.shape[1] + block[2] * frame[0]) * x.shape[2]
        else:
            framed(x, block, frame, frames)
        for grid in grids:
            count = (block[1] - block[0]) * max(0, min(block[3], grid[0]) - block[2]) * grid[1]
            own, its = offsets[grid[4] :], runs[grid[5] : grid[6]]
            if pixels == 0:
                at = (block[0] * y.shape[1] + block[2] * apart[0]) * y.shape[2] * y.shape[3] + first
                multiply(images, start, own, count, its, panels, bias, flat[at:], places[grid[4] :])
                if slope != 1.0:
                    ramp_in_place(flat[at : at + count * o], slope)
            else:
                multiply(images, start, own, count, its, panels, bias, z.reshape(-1), places)
                give(z, o, block, grid, apart, first, y, slope)


@loop
def pack(g, m, first, o, panels):
    """panels (P, pixels, WIDTH) = the channels `first` to first + o of g (pixels, O) from pixel m on, then zeros."""
    width = panels.shape[2]
    for i in range(panels.shape[1]):
        row = g[m + i, first : first + o]
        for j in range(panels.shape[0]):
            into, source = panels[j, i], row[j * width :]
            end = min(width, source.shape[0])
            for k in range(end):
                into[k] = source[k]
            for k in range(end, width):
                into[k] = 0.0


@loop
def add_filters(jobs, x, g, offsets, strips, grid, blocks, frame, begin, first, o, columns, copied, pixels, sums):
    """For each job some rows of a part of sums (parts, rows of all strips, P WIDTH) = patches^T g of some blocks.

    g (pixels, channels `first` to first + o), in panels of so many columns; copied: numbers of a block of x with
    padding, 0 where there is none; pixels: of a block, 0 where all channels of g are one panel
    jobs (J, 5): the part, the first strip and the one behind the last, the same of blocks
    """
    frames, packed = room(x, copied), room(x, pixels * sums.shape[2]).reshape(sums.shape[2] // columns, pixels, columns)
    for job in jobs:
        its, last = strips[job[1] : job[2]], strips[job[2] - 1]
        dw = sums[job[0], its[0, 2] : last[2] + last[1]]
        for row in dw:
            for k in range(row.shape[0]):
                row[k] = 0.0
        for block in blocks[job[3] : job[4]]:
            images, start = frames, begin
            if copied == 0:
                images, start = x.reshape(-1), begin + (block[0] * x.shape[1] + block[2] * frame[0]) * x.shape[2]
            else:
                framed(x, block, frame, frames)
            count = (block[1] - block[0]) * (block[3] - block[2]) * grid[1]
            at = (block[0] * grid[0] + block[2]) * grid[1]
            if pixels == 0:
                panels = g[at : at + count].reshape(1, count, columns)[:, :count]
            else:
                panels = packed[:, :count]
                pack(g, at, first, o, panels)
            add_product(images, start, offsets, its, panels, dw)
