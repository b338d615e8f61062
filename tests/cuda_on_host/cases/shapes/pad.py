"""pad.cu against NumPy's padding, its adjoint by the matrix of sources: cuts, single elements, many planes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.kernels.cuda.index import pad as pad_cuda
from xdl.kernels.cuda.launch import Device

NUMPY = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
SIZES = [  # x, and the pairs of its last three dimensions
    ((2, 3, 4, 5), ((1, 2), (3, 0), (2, 4))),
    ((3, 1, 7, 40), ((0, 0), (-2, 3), (5, -3))),
    ((1, 2, 2, 2), ((1, 1), (1, 1), (1, 1))),
    ((1, 1, 1, 300), ((0, 0), (0, 0), (299, 299))),
    ((300, 1, 1, 3), ((0, 0), (0, 0), (-3, 2))),
]


def padded(x: np.ndarray, low: int, high: int, d: int, mode: str, value: float) -> np.ndarray:
    """x with one dimension padded. A cut comes first where the padding goes around what it leaves, else last."""
    n = x.shape[d]
    if mode == "circular":
        x = np.take(x, range(max(-low, 0), n - max(-high, 0)), d)
    widths = [(max(low, 0), max(high, 0)) if i == d else (0, 0) for i in range(x.ndim)]
    settings = {"constant_values": value} if mode == "constant" else {}
    x = np.pad(x, widths, NUMPY[mode], **settings)
    if mode == "circular":
        return x
    return np.take(x, range(max(-low, 0), x.shape[d] - max(-high, 0)), d)


def pad(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape, pairs in SIZES[:3] if small else SIZES:
        x = random(shape, real)
        for mode in NUMPY:
            if mode == "circular" and -min(min(pairs)) >= min(shape[1:]):
                continue  # the cut leaves nothing to go around
            name, expected = f"{mode} {shape} {pairs}", x
            for d, (low, high) in enumerate(pairs, 1):
                expected = padded(expected, low, high, d, mode, 1.5)
            y = pad_cuda.pad_forward(device, device.to_device(x), pairs, mode, 1.5)
            yield exact(name, device, y, expected)
            g = random(expected.shape, real, 1)
            dx = g.astype(np.float64)
            for d, (low, high) in enumerate(pairs, 1):
                matrix = padded(np.eye(shape[d]), low, high, 1, mode, 0.0)  # [n, m]: x times it is y
                dx = np.moveaxis(np.moveaxis(dx, d, -1) @ matrix.T, -1, d)
            got = pad_cuda.pad_backward(device, device.to_device(g), shape[1:], pairs, mode)
            yield close(f"dx {name}", device, got, dx, TOLERANCES[real])
