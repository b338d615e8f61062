"""Launches of recurrent_persistent.cu: all steps of a recurrent layer at once, forward or backward.

Notation: T steps, B sequences, H hidden units, G gates; h and c [T + 1, B, H] hold the states between the steps, in
reverse the given one last; a [T, B, G H], kept [T, B, KEPT H], w_hh [G H, H].
"""

from __future__ import annotations

from functools import cache

from xdl.backend import Array
from xdl.errors import ShapeError
from xdl.functional.recurrent.cells import CELLS

from ..launch import Device, Kernels, blocks_for, load_kernels

CELLS_HERE = ("lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_coupled", "lstm_no_output")  # one product, no p
BATCH_ROWS, THREADS = 16, 256  # as in the .cu file
MULTIPLE, MOST_HIDDEN = 32, 1024
MOST_WEIGHTS = 128  # in the registers of a thread: 8 G for every 128 of H; with more the kernels would spill


def units_of(cell: str, hidden: int) -> int:
    """Units of a block: 16, or 8 where the weights of 16 would not fit the registers."""
    return 16 if blocks_for(hidden, 128) * CELLS[cell].gates * 8 <= MOST_WEIGHTS else 8


def fits(device: Device, cell: str, batch: int, hidden: int, tf32: bool) -> bool:
    """Whether the persistent kernels have the cell and H, and the device has room for a tile of 16 sequences.

    Compiles the kernels if they have not been yet.
    """
    known = device.tensor_cores and cell in CELLS_HERE and hidden % MULTIPLE == 0 and 0 < hidden <= MOST_HIDDEN
    return known and batch > 0 and _tiles_at_once(device, cell, hidden, tf32) > 0


def counters_for(batch: int) -> int:
    """How many counters a launch needs: one per tile."""
    return blocks_for(batch, BATCH_ROWS)


def persistent_forward(
    device: Device,
    cell: str,
    a: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    h_first: Array,
    c_first: Array | None,
    h: Array,
    c: Array | None,
    kept: Array,
    h_last: Array,
    c_last: Array | None,
    finished: Array,
    reverse: bool,
    tf32: bool,
) -> None:
    """Writes h, c, kept, and the states after all steps; kept may be a itself. a: x w_ih^T without bias.

    finished: uint32, `counters_for` B of them, 0 before and after
    Raises ShapeError for an H that has no kernel, BackendError where the device has no room.
    """
    arrays = (a, w_hh, b_ih, b_hh, h_first, c_first, h, c, kept, h_last, c_last)
    _launch(device, "forward", cell, arrays, finished, (a.shape[0], *h_first.shape), reverse, tf32)


def persistent_backward(
    device: Device,
    cell: str,
    kept: Array,
    w_hh: Array,
    h: Array,
    c: Array | None,
    dy: Array | None,
    dh_last: Array | None,
    dc_last: Array | None,
    da: Array,
    db: Array | None,
    dh: Array,
    dc: Array | None,
    finished: Array,
    reverse: bool,
    tf32: bool,
) -> None:
    """Writes da and db [T, B, G H], the gradients of the two products (db None where it is da), and dh and dc [B, H],
    those of the given states. dy [T, B, H], dh_last, dc_last: those of the results.

    Raises as persistent_forward.
    """
    arrays = (kept, w_hh, h, c, dy, dh_last, dc_last, da, db, dh, dc)
    _launch(device, "backward", cell, arrays, finished, (da.shape[0], *dh.shape), reverse, tf32)


def _launch(
    device: Device, way: str, cell: str, arrays: tuple[Array | None, ...], finished: Array, sizes: tuple[int, ...],
    reverse: bool, tf32: bool,
) -> None:  # fmt: skip
    steps, batch, hidden = sizes
    if hidden % MULTIPLE or not 0 < hidden <= MOST_HIDDEN:
        hint = "Take the product and the cell kernel."
        raise ShapeError("persistent " + cell, f"H a multiple of {MULTIPLE} up to {MOST_HIDDEN}", hidden, hint)
    tiles = counters_for(batch)
    if finished.shape != (tiles,):
        raise ShapeError("persistent " + cell, f"{tiles} counters", finished.shape)
    rows = max(1, min(tiles, _tiles_at_once(device, cell, hidden, tf32)))
    grid = (hidden // units_of(cell, hidden), rows)
    kernels = _kernels(device, cell, hidden, tf32)
    kernels.launch(f"recurrent_persistent_{way}", grid, (THREADS,), *arrays, finished, steps, batch, int(reverse))


@cache
def _tiles_at_once(device: Device, cell: str, hidden: int, tf32: bool) -> int:
    """For how many tiles the device can hold all blocks at the same time."""
    kernels = _kernels(device, cell, hidden, tf32)
    room = min(device.concurrent_blocks(kernels.module, name, THREADS, 0) for name in kernels.signatures)
    return room // (hidden // units_of(cell, hidden))


def _kernels(device: Device, cell: str, hidden: int, tf32: bool) -> Kernels:
    defines = {"CELL": cell, "HIDDEN": hidden, "UNITS": units_of(cell, hidden), "PRODUCTS": 1 if tf32 else 3}
    return load_kernels(device, "recurrent_persistent.cu", **defines)
