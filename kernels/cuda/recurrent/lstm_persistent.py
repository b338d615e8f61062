"""Launch of lstm_persistent.cu: all steps of an LSTM layer at once.

Notation: T steps, B batch, H hidden units; gates in the order i, f, g, o.
"""

from __future__ import annotations

from xdl.backend import Array
from xdl.errors import ShapeError

from ..launch import Device, blocks_for, load_kernels

UNITS, BATCH_ROWS, WARPS, STRIDE = 16, 16, 8, 72  # as in the .cu file
SHARED_BYTES = WARPS * BATCH_ROWS * STRIDE * 4
THREADS = 256
HIDDEN_SIZES = (128, 256, 384, 512)  # whose recurrent weights fit the registers of H / 16 blocks


def fits(device: Device, batch: int, hidden: int, tf32: bool) -> bool:
    """Whether the device can hold all blocks at the same time. Compiles the kernel if it has not been yet."""
    if hidden not in HIDDEN_SIZES or batch < 1:
        return False
    kernels = load_kernels(device, "lstm_persistent.cu", HIDDEN=hidden, PRODUCTS=1 if tf32 else 3)
    room = device.concurrent_blocks(kernels.module, "lstm_persistent_forward", THREADS, SHARED_BYTES)
    return hidden // UNITS * blocks_for(batch, BATCH_ROWS) <= room


def lstm_persistent_forward(
    device: Device,
    sums_x: Array,
    w_hh: Array,
    bias_ih: Array | None,
    bias_hh: Array | None,
    h: Array,
    c: Array,
    finished: Array,
    tf32: bool,
) -> Array:
    """gates [T, B, 4H], and h and c [T + 1, B, H], of which the first step is given and the others are written.

    sums_x: [T, B, 4H] = x W_ih^T; w_hh: [4H, H]; finished: uint32 zeros, one per 16 of B
    Raises ShapeError for an H that has no kernel, BackendError where the device has no room.
    """
    steps, batch, columns = sums_x.shape
    hidden = columns // 4
    if hidden not in HIDDEN_SIZES:
        raise ShapeError("lstm_persistent", f"H in {HIDDEN_SIZES}", hidden, "Take the product and the cell kernel.")
    if finished.shape != (blocks_for(batch, BATCH_ROWS),):
        raise ShapeError("lstm_persistent", f"finished of {blocks_for(batch, BATCH_ROWS)} counters", finished.shape)
    gates = device.empty((steps, batch, columns), "float32")
    kernels = load_kernels(device, "lstm_persistent.cu", HIDDEN=hidden, PRODUCTS=1 if tf32 else 3)
    grid = (hidden // UNITS, blocks_for(batch, BATCH_ROWS))
    arrays = (sums_x, w_hh, bias_ih, bias_hh, h, c, gates, finished)
    name = "lstm_persistent_forward"
    kernels.launch(name, grid, (THREADS,), *arrays, steps, batch, shared_bytes=SHARED_BYTES)
    return gates
