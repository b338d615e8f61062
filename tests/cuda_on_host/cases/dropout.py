"""random.cu against NumPy's own Philox, dropout.cu against the mask cut from its words: equal bit for bit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import Check, exact, random
from xdl.kernels.cuda.elementwise import random as random_cuda
from xdl.kernels.cuda.launch import Device

KEY = (7, 0xFEDCBA9876543210)
STEP = 5


def numpy_words(count: int) -> np.ndarray:
    """The first words of the step."""
    return np.random.Philox(key=np.array(KEY, np.uint64), counter=np.array([0, STEP, 0, 0], np.uint64)).random_raw(
        count
    )


def philox_words(device: Device, real: str, small: bool) -> Iterator[Check]:
    for count in (70,) if small else (1, 4, 70, 1030):
        words = random_cuda.philox_words(device, KEY, STEP, 0, count)
        yield exact(f"{count} words", device, words, numpy_words(count))
    later = random_cuda.philox_words(device, KEY, STEP, 3, 9)
    yield exact("words from block 3 on", device, later, numpy_words(21)[12:])


def dropout(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape in ((3, 100),) if small else ((3, 100), (1,), (5, 1000), (8192,)):
        x, g = random(shape, real), random(shape, real, 1)
        for drop in (20000,) if small else (1, 32768, 65535):
            scale = 65536 / (65536 - drop)
            lanes = numpy_words(-(-x.size // 4)).view("<u2")[: x.size]
            keep = (lanes >= drop).reshape(shape)
            factors = keep.astype(real) * np.dtype(real).type(scale)
            y, mask = random_cuda.dropout_forward(device, device.to_device(x), drop, scale, KEY, STEP)
            yield exact(f"mask {shape} {drop}", device, mask, keep)
            yield exact(f"y {shape} {drop}", device, y, x * factors)
            r = random(shape, real, 2)
            y, _ = random_cuda.dropout_forward(device, device.to_device(x), drop, scale, KEY, STEP, device.to_device(r))
            yield exact(f"y + r {shape} {drop}", device, y, x * factors + r)
            dx = random_cuda.dropout_backward(device, device.to_device(g), mask, scale)
            yield exact(f"dx {shape} {drop}", device, dx, g * factors)
