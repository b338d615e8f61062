"""Launches of recurrent_cell.cu, which has every cell of `xdl/functional/recurrent/cells.py`.

Notation: B batch, H hidden units, G gates; h and c [B, H], biases [G H], p [3, H]. A part of a cell has a product of
its own and gates of its own: b and db have these alone, a and da those of all parts.
"""

from __future__ import annotations

from xdl.backend import Array, dtype_name

from ..launch import Device, Kernels, blocks_for, grid_size, load_kernels
from ..sizes import check_size

THREADS = 128


def cell_forward(
    device: Device,
    part: str,
    a: Array,
    b: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    p: Array | None,
    h_before: Array | None,
    c_before: Array | None,
    kept: Array,
    h: Array,
    c: Array | None,
) -> None:
    """Writes h, or what goes into the next part's product, c, and kept for the backward pass; kept may be a itself.

    part: a struct of recurrent_cell.cu; a: x w_ih^T of all gates; b: the product with w_hh of the part's gates
    """
    if h.size:
        arrays = (a, b, b_ih, b_hh, p, h_before, c_before, kept, h, c)
        _kernels(device, part, h).launch("recurrent_cell_forward", *_sizes(h), *arrays, *h.shape)


def cell_backward(
    device: Device,
    part: str,
    kept: Array,
    p: Array | None,
    h_before: Array | None,
    c_before: Array | None,
    c: Array | None,
    dy: Array | None,
    dpassed: Array | None,
    dh: Array,
    dc: Array | None,
    da: Array,
    db: Array | None,
    dp: Array | None,
) -> None:
    """Writes da and db, adds to dp [B, 3 H], and turns dc into the gradient of c before.

    With db, dh becomes the gradient of h before, but for what comes through the products. dpassed: the gradient of what
    the part let pass to the next part's product
    """
    if dh.size:
        arrays = (kept, p, h_before, c_before, c, dy, dpassed, dh, dc, da, db, dp)
        _kernels(device, part, dh).launch("recurrent_cell_backward", *_sizes(dh), *arrays, *dh.shape)


def _kernels(device: Device, part: str, h: Array) -> Kernels:
    return load_kernels(device, "recurrent_cell.cu", dtype_name(h), CELL=part)


def _sizes(h: Array) -> tuple[tuple[int, int], tuple[int]]:
    batch, hidden = h.shape
    check_size("recurrent_cell", "sequences", batch)
    threads = min(THREADS, 32 * blocks_for(hidden, 32))
    return (blocks_for(hidden, threads), grid_size(batch)), (threads,)
