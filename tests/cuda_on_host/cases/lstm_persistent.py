"""lstm_persistent.cu against the recurrence in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TF32_TOLERANCE, TOLERANCES, Check, close, random
from tests.cuda_on_host.cases.rnn import sigmoid
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.recurrent import lstm_persistent as lstm_persistent_cuda

SIZES = [(4, 20, 128), (3, 16, 256), (2, 1, 128)]  # T, B, H


def reference(sums_x: np.ndarray, w_hh: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, ...]:
    """h and c of all steps, and the activated gates."""
    hs, cs, gates = [h.astype(np.float64)], [c.astype(np.float64)], []
    for sums in sums_x:
        i, f, g, o = np.split(sums + hs[-1] @ w_hh.T.astype(np.float64), 4, axis=1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        cs.append(f * cs[-1] + i * g)
        hs.append(o * np.tanh(cs[-1]))
        gates.append(np.hstack([i, f, g, o]))
    return np.stack(hs), np.stack(cs), np.stack(gates)


def lstm_persistent(device: Device, real: str, small: bool) -> Iterator[Check]:
    for steps, batch, hidden in [(2, 2, 128)] if small else SIZES:
        for tf32 in (True,) if small else (True, False):
            sums_x = random((steps, batch, 4 * hidden), real)
            w_hh = random((4 * hidden, hidden), real, 1, scale=hidden**-0.5)
            start = [np.tanh(random((batch, hidden), real, 2)), random((batch, hidden), real, 3)]
            states = [device.empty((steps + 1, batch, hidden), real) for _ in range(2)]
            for state, given in zip(states, start, strict=True):
                device.copy(device.to_device(given), state[0])
            finished = device.to_device(np.zeros(-(-batch // 16), np.uint32))
            biases = [random((4 * hidden,), real, seed) if tf32 else None for seed in (4, 5)]
            biases_device = [None if b is None else device.to_device(b) for b in biases]
            arrays = (device.to_device(sums_x), device.to_device(w_hh), *biases_device, *states, finished)
            gates = lstm_persistent_cuda.lstm_persistent_forward(device, *arrays, tf32)
            biased = sums_x.astype(np.float64) + sum(b.astype(np.float64) for b in biases if b is not None)
            results = zip("hcg", (*states, gates), reference(biased, w_hh, *start), strict=True)
            tolerance = TF32_TOLERANCE if tf32 else TOLERANCES[real]
            for letter, got, expected in results:
                yield close(f"{letter} T{steps} B{batch} H{hidden} tf32 {tf32}", device, got, expected, tolerance)
