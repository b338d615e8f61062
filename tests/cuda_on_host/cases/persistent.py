"""recurrent_persistent.cu in whole layers (persistent_layer.py) against xdl's reference in float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tests.cuda_on_host.cases.any_cell import NAMES, layer
from tests.cuda_on_host.cases.check import TF32_TOLERANCE, TOLERANCES, Check, close
from tests.cuda_on_host.cases.sequences import cotangents, doubled, on_device
from xdl import backend
from xdl.functional.recurrent.both_directions import BothDirectionsPair
from xdl.functional.recurrent.cells import CELLS
from xdl.functional.recurrent.recurrence import RecurrencePair
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.recurrent.persistent import counters_for
from xdl.kernels.cuda.recurrent.persistent_layer import Way, persistent_layer_backward, persistent_layer_forward

BOTH = "both"


class Setting(NamedTuple):
    """size: T, N, I, H; way: whether in reverse, or BOTH; used: which of the results y, h, c, in BOTH h and c twice."""

    cell: str
    size: tuple[int, int, int, int]
    way: bool | str
    tf32: bool
    used: tuple[bool, ...]

    @property
    def directions(self) -> int:
        return 2 if self.way == BOTH else 1


SETTINGS = [
    Setting("lstm", (3, 18, 2, 32), True, False, (True, False, False)),
    Setting("gru", (3, 17, 3, 32), True, False, (True, False)),
    Setting("lstm", (1, 16, 2, 32), False, False, (False, True, False)),
    Setting("gru", (1, 1, 2, 32), False, False, (False, True)),
    Setting("lstm", (2, 3, 2, 160), False, True, (True, True, True)),  # ten chunks for eight warps
    Setting("rnn_relu", (2, 3, 2, 64), True, False, (True, True)),
    Setting("lstm", (3, 18, 2, 32), BOTH, False, (True, True, False, False, True)),
    Setting("gru", (2, 17, 3, 32), BOTH, False, (False, True, True)),
    Setting("rnn_tanh", (1, 2, 2, 32), BOTH, True, (True, False, True)),
]
SMALL = [
    Setting("lstm", (2, 2, 2, 32), True, False, (True, True, True)),
    Setting("gru", (2, 2, 2, 32), False, False, (True, True)),
    Setting("lstm", (2, 2, 2, 32), BOTH, False, (True, True, True, False, True)),
]


def persistent(device: Device, real: str, small: bool) -> Iterator[Check]:
    """Outputs, last states and all gradients; the counters are 0 again; some layers without biases."""
    for number, setting in enumerate(SMALL if small else SETTINGS):
        yield from one(device, real, setting, biased=number % 4 < 2)


def one(device: Device, real: str, setting: Setting, biased: bool) -> Iterator[Check]:
    cell, size, way, tf32, _ = setting
    tolerance = TF32_TOLERANCE if tf32 else 4 * TOLERANCES[real]  # sums over T steps and G H columns
    x, ways = given(setting, real, biased)
    gs = results_like(setting, real)
    expected, gradients = in_float64(setting, x, ways, gs)
    finished = device.to_device(np.zeros(counters_for(size[1], setting.directions), np.uint32))
    moved = [Way(*on_device(device, part[:6])) for part in ways]
    made, h, c = persistent_layer_forward(device, cell, device.to_device(x), moved, finished, way is True, tf32)
    states = [state[i] for i in range(setting.directions) for state in (h, c) if state is not None]
    label = f"{cell} {size} {way} tf32 {tf32}"
    for number, (array, wanted) in enumerate(zip((made.outputs(), *states), expected, strict=True)):
        yield close(f"{label} result {number}", device, array, wanted, tolerance)
    dy, *last = on_device(device, gs)
    each = 1 + CELLS[cell].remembers
    dx, ds = persistent_layer_backward(device, made, dy, last[::each], last[1::each] if each == 2 else [], True)
    names = ["x", *[f"{name} {i}" for i in range(setting.directions) for name in NAMES[1:]]]
    found = [dx, *[d for way_ds in ds for d in (*way_ds, None, None)]]
    for what, array, wanted in zip(names, found, gradients, strict=True):
        if wanted is not None:
            yield close(f"{label} d{what}", device, array, wanted, tolerance)
    yield close(f"{label} counters", device, finished, np.zeros(finished.shape), 0.0)


def given(setting: Setting, real: str, biased: bool) -> tuple[np.ndarray, list[list[np.ndarray | None]]]:
    """x, and h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p of each direction: in reverse other numbers."""
    x, *first = layer(setting.cell, setting.size, None, real, biased)
    if setting.tf32:  # sums of unit size, so that an error in them is one of the results
        first[3] *= 0.2
    second = [None if w is None else -w[::-1] for w in first]
    return x, [first, [None if w is None else np.ascontiguousarray(w) for w in second]][: setting.directions]


def results_like(setting: Setting, real: str) -> list[np.ndarray | None]:
    """The gradients of all results, None for those that are not used."""
    count = 1 + CELLS[setting.cell].remembers
    dy, *last = cotangents(setting.size, real, (True,) * (1 + count))
    if setting.directions == 2:
        dy, last = np.concatenate([dy, 2 * dy[::-1]], 2), [*last, *[-d for d in last]]
    return [d if use else None for d, use in zip((dy, *last), setting.used, strict=True)]


def in_float64(
    setting: Setting, x: np.ndarray, ways: list[list[np.ndarray | None]], gs: list[np.ndarray | None]
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray | None, ...]]:
    """The results and gradients of the reference, of both directions of NumPy's versions."""
    backend.load("numpy")
    arguments = [doubled(a) for a in (x, *[w for part in ways for w in part])]
    both, needs = setting.way == BOTH, (True,) * len(arguments)
    pair = BothDirectionsPair if both else RecurrencePair
    results, saved = pair.forward(*arguments, setting.cell, None, *([] if both else [setting.way]))
    return results, pair.backward([doubled(g) for g in gs], saved, needs)
