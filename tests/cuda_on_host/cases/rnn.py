"""lstm_cell.cu and gru_cell.cu against the formulas in float64; their gradients against the chain rule."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, random
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.recurrent import rnn as rnn_cuda

SHAPES = [(3, 70), (1, 1), (5, 33), (2, 300)]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def lstm_cell(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for batch, hidden in SHAPES[:1] if small else SHAPES:
        for biased in (True,) if small else (True, False):
            name = f"{batch} x {hidden} biased {biased}"
            sums = random((batch, 4 * hidden), real)
            biases = [random((4 * hidden,), real, seed) if biased else None for seed in (1, 2)]
            c_prev, dh, dc = (random((batch, hidden), real, seed) for seed in (3, 4, 5))
            total = sums.astype(np.float64) + sum(b.astype(np.float64) for b in biases if b is not None)
            i, f, g, o = np.split(total, 4, axis=1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            c = f * c_prev + i * g
            gates = device.to_device(sums)
            biases_device = [None if b is None else device.to_device(b) for b in biases]
            c_prev_device = device.to_device(c_prev)
            c_device, h_device = (device.empty((batch, hidden), real) for _ in range(2))
            rnn_cuda.lstm_cell_forward(device, gates, *biases_device, c_prev_device, c_device, h_device)
            yield close(f"lstm gates {name}", device, gates, np.hstack([i, f, g, o]), tolerance)
            yield close(f"lstm c {name}", device, c_device, c, tolerance)
            yield close(f"lstm h {name}", device, h_device, o * np.tanh(c), tolerance)
            dc_device, dsums = device.to_device(dc), device.empty((batch, 4 * hidden), real)
            dh_next = random((batch, hidden), real, 6) if biased else None
            gradients = [None if a is None else device.to_device(a) for a in (dh, dh_next)]
            rnn_cuda.lstm_cell_backward(device, gates, c_prev_device, c_device, *gradients, dc_device, dsums)
            dh = dh.astype(np.float64) + (0 if dh_next is None else dh_next)
            dcell = dc + dh * o * (1 - np.tanh(c) ** 2)
            parts = [dcell * g * i * (1 - i), dcell * c_prev * f * (1 - f), dcell * i * (1 - g**2)]
            parts.append(dh * np.tanh(c) * o * (1 - o))
            yield close(f"lstm dsums {name}", device, dsums, np.hstack(parts), tolerance)
            yield close(f"lstm dc_prev {name}", device, dc_device, dcell * f, tolerance)


def gru_cell(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for batch, hidden in SHAPES[:1] if small else SHAPES:
        for biased in (True,) if small else (True, False):
            name = f"{batch} x {hidden} biased {biased}"
            sums_x, sums_h = (random((batch, 3 * hidden), real, seed) for seed in (0, 1))
            biases = [random((3 * hidden,), real, seed) if biased else None for seed in (2, 3)]
            h_prev, dh = (random((batch, hidden), real, seed) for seed in (4, 5))
            x, s = (
                np.split(sums.astype(np.float64) + (0 if b is None else b), 3, axis=1)
                for sums, b in zip((sums_x, sums_h), biases, strict=True)
            )
            r, z, a = sigmoid(x[0] + s[0]), sigmoid(x[1] + s[1]), s[2]
            n = np.tanh(x[2] + r * a)
            arrays = [None if a is None else device.to_device(a) for a in (sums_x, sums_h, *biases, h_prev, dh)]
            kept, h = device.empty((batch, 4 * hidden), real), device.empty((batch, hidden), real)
            rnn_cuda.gru_cell_forward(device, *arrays[:5], kept, h)
            yield close(f"gru h {name}", device, h, (1 - z) * n + z * h_prev, tolerance)
            yield close(f"gru kept {name}", device, kept, np.hstack([r, z, n, a]), tolerance)
            dsums_x, dsums_h = (device.empty((batch, 3 * hidden), real) for _ in range(2))
            dh_prev = device.empty((batch, hidden), real)
            dh_next = random((batch, hidden), real, 6) if biased else None
            carried = None if dh_next is None else device.to_device(dh_next)
            rnn_cuda.gru_cell_backward(device, kept, *arrays[4:], carried, dsums_x, dsums_h, dh_prev)
            dh = dh.astype(np.float64) + (0 if dh_next is None else dh_next)
            dn, dz = dh * (1 - z) * (1 - n**2), dh * (h_prev - n) * z * (1 - z)
            dr = dn * a * r * (1 - r)
            yield close(f"gru dsums_x {name}", device, dsums_x, np.hstack([dr, dz, dn]), tolerance)
            yield close(f"gru dsums_h {name}", device, dsums_h, np.hstack([dr, dz, dn * r]), tolerance)
            yield close(f"gru dh_prev {name}", device, dh_prev, dh * z, tolerance)
