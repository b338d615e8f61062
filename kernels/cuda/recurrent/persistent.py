"""Launches of recurrent_persistent.cu: all steps of a recurrent layer at once, forward or backward.

Notation: T steps, B sequences, H hidden units, G gates, D directions: 1, in whichever, or 2, forwards and in reverse;
h and c [T + 2, B, D, H] hold the states between the steps: t + 1 those after step t; a [T, B, D, G H],
kept [T, B, D, KEPT H], w_hh [G H, H]. What each direction has of its own comes as a sequence of D.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from xdl.backend import Array
from xdl.errors import ShapeError
from xdl.functional.recurrent.cells import CELLS

from ..launch import Device, Kernels, blocks_for, load_kernels

CELLS_HERE = ("lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_coupled", "lstm_no_output")  # one product, no p
BATCH_ROWS, THREADS = 16, 256  # as in the .cu file
MULTIPLE, MOST_HIDDEN = 32, 1024
MOST_WEIGHTS = 128  # in the registers of a thread: 8 G for every 128 of H; with more the kernels would spill

Each = Sequence[Array | None]  # of the directions


def units_of(cell: str, hidden: int) -> int:
    """Units of a block: 16, or 8 where the weights of 16 would not fit the registers."""
    return 16 if blocks_for(hidden, 128) * CELLS[cell].gates * 8 <= MOST_WEIGHTS else 8


def fits(device: Device, cell: str, batch: int, hidden: int, tf32: bool, directions: int = 1) -> bool:
    """Whether the persistent kernels have the cell and H, and the device has room for a tile of 16 sequences in all
    directions.

    Compiles the kernels if they have not been yet.
    """
    known = device.tensor_cores and cell in CELLS_HERE and hidden % MULTIPLE == 0 and 0 < hidden <= MOST_HIDDEN
    return known and batch > 0 and _tiles_at_once(device, cell, hidden, tf32, directions) > 0


def counters_for(batch: int, directions: int = 1) -> int:
    """How many counters a launch needs: one per direction and tile."""
    return directions * blocks_for(batch, BATCH_ROWS)


def persistent_forward(
    device: Device,
    cell: str,
    a: Array,
    w_hh: Each,
    b_ih: Each,
    b_hh: Each,
    h_first: Each,
    c_first: Each,
    h: Array,
    c: Array | None,
    kept: Array,
    h_last: Array,
    c_last: Array | None,
    finished: Array,
    reverse: bool,
    tf32: bool,
) -> None:
    """Writes h, c, kept, and the states [D, B, H] after all steps; kept may be a itself. a: x w_ih^T without bias.

    h_first, c_first: [B, H]                 finished: uint32, `counters_for` B and D of them, 0 before and after
    reverse: of the one direction
    Raises ShapeError for an H that has no kernel, BackendError where the device has no room.
    """
    given = [array for each in (w_hh, b_ih, b_hh, h_first, c_first) for array in _pair(each)]
    arrays = (a, *given, h, c, kept, h_last, c_last)
    _launch(device, "forward", cell, arrays, finished, a, reverse, tf32)


def persistent_backward(
    device: Device,
    cell: str,
    kept: Array,
    w_hh: Each,
    h: Array,
    c: Array | None,
    dy: Array | None,
    dh_last: Each,
    dc_last: Each,
    da: Array,
    db: Array | None,
    dh: Array,
    dc: Array | None,
    finished: Array,
    reverse: bool,
    tf32: bool,
) -> None:
    """Writes da and db [T, B, D, G H], the gradients of the two products (db None where it is da), and dh and dc
    [D, B, H], those of the given states. dy [T, B, D H], dh_last, dc_last [B, H]: those of the results.

    Raises as persistent_forward.
    """
    arrays = (kept, *_pair(w_hh), h, c, dy, *_pair(dh_last), *_pair(dc_last), da, db, dh, dc)
    _launch(device, "backward", cell, arrays, finished, da, reverse, tf32)


def _launch(
    device: Device, way: str, cell: str, arrays: tuple[Array | None, ...], finished: Array, sums: Array,
    reverse: bool, tf32: bool,
) -> None:  # fmt: skip
    steps, batch, directions, columns = sums.shape
    hidden = columns // CELLS[cell].gates
    if hidden % MULTIPLE or not 0 < hidden <= MOST_HIDDEN:
        hint = "Take the product and the cell kernel."
        raise ShapeError("persistent " + cell, f"H a multiple of {MULTIPLE} up to {MOST_HIDDEN}", hidden, hint)
    counters = counters_for(batch, directions)
    if finished.shape != (counters,):
        raise ShapeError("persistent " + cell, f"{counters} counters", finished.shape)
    rows = max(1, min(counters // directions, _tiles_at_once(device, cell, hidden, tf32, directions)))
    grid = (hidden // units_of(cell, hidden), rows, directions)
    kernels = _kernels(device, cell, hidden, tf32, directions)
    kernels.launch(f"recurrent_persistent_{way}", grid, (THREADS,), *arrays, finished, steps, batch, int(reverse))


@cache
def _tiles_at_once(device: Device, cell: str, hidden: int, tf32: bool, directions: int) -> int:
    """For how many tiles the device can hold all blocks of all directions at the same time."""
    kernels = _kernels(device, cell, hidden, tf32, directions)
    room = min(device.concurrent_blocks(kernels.module, name, THREADS, 0) for name in kernels.signatures)
    return room // (directions * hidden // units_of(cell, hidden))


def _kernels(device: Device, cell: str, hidden: int, tf32: bool, directions: int) -> Kernels:
    return load_kernels(device, "recurrent_persistent.cu", **defines_of(cell, hidden, tf32, directions))


def defines_of(cell: str, hidden: int, tf32: bool, directions: int) -> dict[str, int | str]:
    """By what the file is specialised."""
    products, units = 1 if tf32 else 3, units_of(cell, hidden)
    return {"CELL": cell, "HIDDEN": hidden, "UNITS": units, "PRODUCTS": products, "DIRECTIONS": directions}


def _pair(each: Each) -> tuple[Array | None, Array | None]:
    """What the directions have, None for what there is not."""
    first, second = (*each, None, None)[:2]
    return first, second
