"""Whole LSTM and GRU layers (lstm.py, gru.py) against xdl's portable references in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, random
from xdl import backend
from xdl.functional.recurrent.recurrence import RecurrencePair
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.recurrent import gru as gru_cuda
from xdl.kernels.cuda.recurrent import lstm as lstm_cuda

SIZES = [(3, 4, 5, 33), (1, 3, 1, 2), (4, 2, 6, 128)]  # T, N, I, H


def layer(size: tuple[int, int, int, int], gates: int, real: str, states: int) -> list[np.ndarray]:
    """x, the states, w_ih, w_hh, b_ih, b_hh."""
    steps, sequences, inputs, hidden = size
    shapes = [(steps, sequences, inputs), *[(sequences, hidden)] * states, (gates * hidden, inputs)]
    shapes += [(gates * hidden, hidden), (gates * hidden,), (gates * hidden,)]
    return [random(shape, real, seed, scale=0.5) for seed, shape in enumerate(shapes)]


USED = [(True, True), (True, False), (False, True)]  # of the outputs and the last h


def in_float64(cell: str, arguments: list[np.ndarray | None], gs: list[np.ndarray | None]) -> tuple[tuple, tuple]:
    """The reference's results and gradients; arguments: x, h, c or None, w_ih, w_hh, b_ih, b_hh."""
    backend.load("numpy")
    results, saved = RecurrencePair.forward(*map(doubled, arguments), None, None, cell, None, False)
    return results, RecurrencePair.backward([doubled(g) for g in gs], saved, ())


def doubled(g: np.ndarray | None) -> np.ndarray | None:
    return None if g is None else g.astype(np.float64)


def cotangents(size: tuple[int, int, int, int], real: str, used: tuple[bool, ...]) -> list[np.ndarray | None]:
    """The gradients of y [T, N, H] and of the last states [N, H], None for those that are not used."""
    steps, sequences, _, hidden = size
    shapes = [(steps, sequences, hidden), *[(sequences, hidden)] * (len(used) - 1)]
    return [
        random(shape, real, 19 + i) if use else None for i, (shape, use) in enumerate(zip(shapes, used, strict=True))
    ]


def on_device(device: Device, gs: list[np.ndarray | None]) -> list[np.ndarray | None]:
    return [None if g is None else device.to_device(g) for g in gs]


def lstm_layer(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for size in [(2, 1, 2, 5)] if small else SIZES:
        arguments = layer(size, 4, real, states=2)
        x, h0, c0, w_ih, w_hh, b_ih, b_hh = (device.to_device(a) for a in arguments)
        states = lstm_cuda.lstm_forward(device, x, h0, c0, w_ih, w_hh, b_ih, b_hh)
        for used in USED[:1] if small else USED:
            gs = cotangents(size, real, (*used, True))
            results, gradients = in_float64("lstm", arguments, gs)
            got = lstm_cuda.lstm_backward(device, *on_device(device, gs), states, x, w_ih, w_hh)
            for name, array, expected in zip(("x", "h0", "c0", "w_ih", "w_hh", "b"), got, gradients[:6], strict=True):
                yield close(f"lstm d{name} {size} {used}", device, array, expected, tolerance)
        yield close(f"lstm outputs {size}", device, states.h[1:], results[0], tolerance)
        yield close(f"lstm last c {size}", device, states.c[-1], results[2], tolerance)


def gru_layer(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = 2 * TOLERANCES[real]  # sums over T steps and 3 H columns
    for size in [(2, 1, 2, 5)] if small else SIZES:
        arguments = layer(size, 3, real, states=1)
        x, h0, w_ih, w_hh, b_ih, b_hh = (device.to_device(a) for a in arguments)
        h, kept = gru_cuda.gru_forward(device, x, h0, w_ih, w_hh, b_ih, b_hh)
        for used in USED[:1] if small else USED:
            gs = cotangents(size, real, used)
            results, gradients = in_float64("gru", [*arguments[:2], None, *arguments[2:]], gs)
            got = gru_cuda.gru_backward(device, *on_device(device, gs), h, kept, x, w_ih, w_hh)
            wanted = [gradients[i] for i in (0, 1, 3, 4, 5, 6)]
            for name, array, expected in zip(("x", "h0", "w_ih", "w_hh", "b_ih", "b_hh"), got, wanted, strict=True):
                yield close(f"gru d{name} {size} {used}", device, array, expected, tolerance)
        yield close(f"gru outputs {size}", device, h[1:], results[0], tolerance)
