"""Whole LSTM and GRU layers (lstm.py, gru.py) against xdl's portable references in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, random
from xdl import backend
from xdl.functional.recurrent.gru import GruPair
from xdl.functional.recurrent.lstm import LstmPair
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


def in_float64(pair: type, arguments: list[np.ndarray], g: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """The reference's result and gradients."""
    backend.load("numpy")
    y, saved = pair.forward(*(a.astype(np.float64) for a in arguments))
    return y, pair.backward(g.astype(np.float64), saved, (True,) * len(arguments))


def lstm_layer(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for size in [(2, 1, 2, 5)] if small else SIZES:
        steps, sequences, _, hidden = size
        arguments = layer(size, 4, real, states=2)
        g = random((steps + 1, sequences, hidden), real, 9)
        y, gradients = in_float64(LstmPair, arguments, g)
        x, h0, c0, w_ih, w_hh, b_ih, b_hh = (device.to_device(a) for a in arguments)
        states = lstm_cuda.lstm_forward(device, x, h0, c0, w_ih, w_hh, b_ih, b_hh)
        yield close(f"lstm outputs {size}", device, states.h[1:], y[:-1], tolerance)
        yield close(f"lstm last c {size}", device, states.c[-1], y[-1], tolerance)
        got = lstm_cuda.lstm_backward(device, device.to_device(g[:-1]), device.to_device(g[-1]), states, x, w_ih, w_hh)
        for name, array, expected in zip(("x", "h0", "c0", "w_ih", "w_hh", "b"), got, gradients[:6], strict=True):
            yield close(f"lstm d{name} {size}", device, array, expected, tolerance)
        if not small and lstm_cuda.takes_persistent(device, x, w_hh, tf32=False):
            counters = device.to_device(np.zeros(-(-sequences // 16), np.uint32))
            states = lstm_cuda.lstm_forward(device, x, h0, c0, w_ih, w_hh, b_ih, b_hh, counters)
            yield close(f"persistent lstm outputs {size}", device, states.h[1:], y[:-1], tolerance)
            yield close(f"persistent lstm last c {size}", device, states.c[-1], y[-1], tolerance)


def gru_layer(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for size in [(2, 1, 2, 5)] if small else SIZES:
        steps, sequences, _, hidden = size
        arguments = layer(size, 3, real, states=1)
        g = random((steps, sequences, hidden), real, 9)
        y, gradients = in_float64(GruPair, arguments, g)
        x, h0, w_ih, w_hh, b_ih, b_hh = (device.to_device(a) for a in arguments)
        h, kept = gru_cuda.gru_forward(device, x, h0, w_ih, w_hh, b_ih, b_hh)
        yield close(f"gru outputs {size}", device, h[1:], y, tolerance)
        got = gru_cuda.gru_backward(device, device.to_device(g), h, kept, x, w_ih, w_hh)
        for name, array, expected in zip(("x", "h0", "w_ih", "w_hh", "b_ih", "b_hh"), got, gradients, strict=True):
            yield close(f"gru d{name} {size}", device, array, expected, tolerance)
