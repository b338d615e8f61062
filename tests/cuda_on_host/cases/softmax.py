"""softmax.cu against the formulas in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.reduce import softmax as softmax_cuda

SHAPES = [(11, 70), (1, 1), (9, 33), (3, 1000), (17, 2)]


def probabilities(x: np.ndarray) -> np.ndarray:
    exponentials = np.exp(x - x.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def softmax(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for shape in SHAPES[:1] if small else SHAPES:
        x, g = random(shape, real, scale=5.0), random(shape, real, 1)
        p = probabilities(x.astype(np.float64))
        x_device, g_device = device.to_device(x), device.to_device(g)
        y = softmax_cuda.softmax_forward(device, x_device)
        yield close(f"softmax {shape}", device, y, p, tolerance)
        dx = softmax_cuda.softmax_backward(device, g_device, y)
        yield close(f"softmax dx {shape}", device, dx, p * (g - (g * p).sum(1, keepdims=True)), tolerance)
        y = softmax_cuda.softmax_forward(device, x_device, log=True)
        yield close(f"log softmax {shape}", device, y, np.log(p), tolerance)
        dx = softmax_cuda.softmax_backward(device, g_device, y, log=True)
        yield close(f"log softmax dx {shape}", device, dx, g - p * g.sum(1, keepdims=True, dtype=np.float64), tolerance)
    x = random((3, 40), real)
    x[0, 3:] = -np.inf
    x[1, 38] = np.nan
    got = device.to_host(softmax_cuda.softmax_forward(device, device.to_device(x)))
    yield close("softmax with -inf", device, got[[0, 2]], probabilities(x[[0, 2]].astype(np.float64)), tolerance)
    yield exact("softmax with NaN", device, np.isnan(got[1]), np.ones(40, bool))
