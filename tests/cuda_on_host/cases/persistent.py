"""recurrent_persistent.cu in whole layers (persistent_layer.py) against xdl's reference in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.any_cell import NAMES, layer
from tests.cuda_on_host.cases.check import TF32_TOLERANCE, TOLERANCES, Check, close
from tests.cuda_on_host.cases.sequences import cotangents, doubled, on_device
from xdl import backend
from xdl.functional.recurrent.cells import CELLS
from xdl.functional.recurrent.recurrence import RecurrencePair
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.recurrent.persistent import counters_for
from xdl.kernels.cuda.recurrent.persistent_layer import persistent_layer_backward, persistent_layer_forward

Setting = tuple[str, tuple[int, int, int, int], bool, bool, tuple[bool, ...]]
# cell; T, N, I, H; in reverse; TF32; which results are used
SETTINGS: list[Setting] = [
    ("lstm", (3, 18, 2, 32), True, False, (True, False, False)),
    ("gru", (3, 17, 3, 32), True, False, (True, False)),
    ("lstm", (1, 16, 2, 32), False, False, (False, True, False)),
    ("gru", (1, 1, 2, 32), False, False, (False, True)),
    ("lstm", (2, 3, 2, 160), False, True, (True, True, True)),  # ten chunks for eight warps
    ("rnn_relu", (2, 3, 2, 64), True, False, (True, True)),
]
SMALL: list[Setting] = [
    ("lstm", (2, 2, 2, 32), True, False, (True, True, True)),
    ("gru", (2, 2, 2, 32), False, False, (True, True)),
]


def persistent(device: Device, real: str, small: bool) -> Iterator[Check]:
    """Outputs, last states and all gradients; the counters are 0 again; some layers without biases."""
    for number, setting in enumerate(SMALL if small else SETTINGS):
        yield from one(device, real, setting, biased=number % 4 < 2)


def one(device: Device, real: str, setting: Setting, biased: bool) -> Iterator[Check]:
    cell, size, reverse, tf32, used = setting
    tolerance = TF32_TOLERANCE if tf32 else 4 * TOLERANCES[real]  # sums over T steps and G H columns
    arguments, gs = layer(cell, size, None, real, biased), cotangents(size, real, used[: 2 + CELLS[cell].remembers])
    if tf32:  # sums of unit size, so that an error in them is one of the results
        arguments[4] *= 0.2
    backend.load("numpy")
    results, saved = RecurrencePair.forward(*map(doubled, arguments), cell, None, reverse)
    gradients = RecurrencePair.backward([doubled(g) for g in gs], saved, ())
    finished = device.to_device(np.zeros(counters_for(size[1]), np.uint32))
    given = on_device(device, arguments[:7])
    made, *last = persistent_layer_forward(device, cell, *given, finished, reverse, tf32)
    label = f"{cell} {size} reverse {reverse} tf32 {tf32}"
    for what, array, expected in zip(("y", "h", "c"), (made.outputs(), *last), results, strict=False):
        yield close(f"{label} {what}", device, array, expected, tolerance)
    got = persistent_layer_backward(device, made, *(*on_device(device, gs), None)[:3], True)
    for what, array, expected in zip(NAMES, got, gradients, strict=False):
        if expected is not None:
            yield close(f"{label} d{what}", device, array, expected, tolerance)
    yield close(f"{label} counters", device, finished, np.zeros(finished.shape), 0.0)
