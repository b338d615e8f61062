"""recurrent_cell.cu in whole layers (any_cell.py) against xdl's reference in float64: every cell of the table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, random
from tests.cuda_on_host.cases.sequences import cotangents, doubled, on_device
from xdl import backend
from xdl.functional.recurrent.cells import CELLS
from xdl.functional.recurrent.recurrence import RecurrencePair
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.recurrent.any_cell import BLENDS, layer_backward, layer_forward

SIZES = {  # T, N, I, H: sizes of the sequences at each step, from the last step to the first, size of the projection
    (3, 4, 5, 33): (None, False, None),
    (4, 3, 2, 7): ((3, 2, 2, 1), True, None),
    (2, 5, 3, 130): ((5, 1), False, 3),
}
WIDEST = ("lstm_peephole", "gru_before")  # between them they read and write all that a kernel may
NAMES = ("x", "h", "c", "w_ih", "w_hh", "b_ih", "b_hh", "w_hr", "p")


def any_cell(device: Device, real: str, small: bool) -> Iterator[Check]:
    """Outputs, last states and all gradients; every second layer without biases and without one of the cotangents."""
    tolerance = 4 * TOLERANCES[real]  # sums over T steps and G H columns
    sizes = {(2, 2, 2, 5): ((2, 1), False, None)} if small else SIZES
    for number, (name, (size, (lengths, reverse, outputs))) in enumerate(
        (name, item) for name in (WIDEST if small else CELLS) for item in sizes.items()
    ):
        outputs = None if name in BLENDS else outputs
        arguments = layer(name, size, outputs, real, biased=number % 2 == 0)
        rest = (name, lengths, reverse)
        used = (True, number % 2 == 0, True)[: 2 + CELLS[name].remembers]
        gs = cotangents(size, real, used)
        if outputs:
            gs = [g if g is None or i == 2 else g[..., :outputs] for i, g in enumerate(gs)]
        backend.load("numpy")
        results, saved = RecurrencePair.forward(*map(doubled, arguments), *rest)
        gradients = RecurrencePair.backward([doubled(g) for g in gs], saved, ())
        given = on_device(device, arguments)
        made = layer_forward(device, name, *given, lengths, reverse)
        got = [made.outputs(device), made.last(made.h), *([] if made.c is None else [made.last(made.c)])]
        for what, array, expected in zip(("y", "h", "c"), got, results, strict=False):
            yield close(f"{name} {what} {size}", device, array, expected, tolerance)
        dy, dh, dc = (*on_device(device, gs), None)[:3]
        dh = device.to_device(np.zeros_like(arguments[1])) if dh is None else dh
        got = layer_backward(device, made, dy, dh, dc, True)
        for what, array, expected in zip(NAMES, got, gradients, strict=True):
            assert (array is None) == (expected is None)
            if array is not None:
                yield close(f"{name} d{what} {size}", device, array, expected, tolerance)


def layer(
    name: str, size: tuple[int, int, int, int], outputs: int | None, real: str, biased: bool
) -> list[np.ndarray | None]:
    """x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p; None for those that the cell does not have."""
    (steps, sequences, inputs, hidden), cell = size, CELLS[name]
    rows, k = cell.gates * hidden, outputs or hidden
    shapes: list[tuple[int, ...] | None] = [(steps, sequences, inputs), (sequences, k)]
    shapes += [(sequences, hidden) if cell.remembers else None, (rows, inputs), (rows, k)]
    shapes += [(rows,) if biased else None] * 2
    shapes += [(k, hidden) if outputs else None, (cell.peepholes, hidden) if cell.peepholes else None]
    return [None if shape is None else random(shape, real, seed, scale=0.5) for seed, shape in enumerate(shapes)]
