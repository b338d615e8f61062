"""column_sum.cu against sums in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, random
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.reduce import column_sum as reduce_cuda

MATRICES = [(70, 33), (1, 1), (1500, 31), (3, 64), (0, 5)]
IMAGES = [(3, 5, 7, 7), (1, 2, 100, 100), (300, 3), (2, 1, 1, 1), (5, 2, 16, 16), (0, 4, 3)]


def bias_gradients(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape in MATRICES[:1] if small else MATRICES:
        a = random(shape, real)
        got = reduce_cuda.column_sum(device, device.to_device(a))
        yield close(f"column_sum {shape}", device, got, a.sum(0, np.float64), TOLERANCES[real])
    for shape in IMAGES[:1] if small else IMAGES:
        g = random(shape, real)
        got = reduce_cuda.channel_sum(device, device.to_device(g))
        expected = g.astype(np.float64).sum((0, *range(2, g.ndim)))
        yield close(f"channel_sum {shape}", device, got, expected, TOLERANCES[real])
