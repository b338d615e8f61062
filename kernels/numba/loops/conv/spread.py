"""The gradient of images with few channels: what each pixel of g gives to the pixels of x that its patch met.

    z (pixels of g, KH KW C) = g filters        dx[n, p SH + i DH - PH, q SW + j DW - PW] += z[(n, p, q), (i, j)]

With few channels, panels of filters whose columns are channels alone would be almost empty.
"""

from __future__ import annotations

from ..room import room_of_rows
from ..template import loop
from .products import multiply

SHORT = 12  # numbers of a run, below which a loop over it would take longer to begin than to run


@loop
def add_back(z, n, p, rows, runs, grid, dx):
    """Adds z of some rows of g, from row p of image n on, to their runs in dx (N, H, W C).

    The number j of a run lies inside of dx for the pixels low to high of a row.
    """
    step, columns, length, k = grid[1], grid[2], dx.shape[2], 0
    for run in runs:
        for r in range(rows):
            row, count = (p + r) * grid[0] + run[0], run[2]
            if row < 0 or row >= dx.shape[1]:
                continue
            line, sums = dx[n, row], z[r * columns : (r + 1) * columns]
            if count < SHORT:
                for j in range(count):
                    at = run[1] + j
                    low, high = max(0, -(at // step)), min(columns, (length - 1 - at) // step + 1)
                    for q in range(low, high):
                        line[at + q * step] += sums[q, k + j]
            else:
                for q in range(columns):
                    at = run[1] + q * step
                    low, high = max(0, -at), min(count, length - at)
                    if low < high:
                        into, own = line[at + low : at + high], sums[q, k + low : k + high]
                        for j in range(high - low):
                            into[j] += own[j]
        k += run[2]


@loop
def spread(g, dx, panels, bias, offsets, places, its, runs, grid, band):
    """dx (N, H, W C); g (N, OH OW, O), panels (P, O, WIDTH), bias: zeros.

    places: where each pixel's row begins in z; its: the run of all channels of g. runs: of a patch in dx
    grid: SH, SW C, OW; band: rows of g at a time
    """
    columns = grid[2]
    images, z = g.reshape(-1), room_of_rows(g, band * columns, bias.shape[0])
    flat = z.reshape(-1)
    for n in range(g.shape[0]):
        for row in range(dx.shape[1]):
            line = dx[n, row]
            for k in range(dx.shape[2]):
                line[k] = 0.0
        rows = g.shape[1] // columns
        for p in range(0, rows, band):
            part = min(band, rows - p)
            start, count = (n * g.shape[1] + p * columns) * g.shape[2], part * columns
            multiply(images, start, offsets, count, its, panels, bias, flat, places)
            add_back(z, n, p, part, runs, grid, dx)
