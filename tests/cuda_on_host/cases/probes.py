"""probes.cu: the wrapped instructions one by one, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.cuda_on_host.cases.check import Check, exact, random
from xdl.kernels.cuda.launch import Device, Kernels

SOURCE = Path(__file__).parents[1] / "probes.cu"


def probes(device: Device, real: str, small: bool) -> Iterator[Check]:
    kernels = Kernels(device, str(SOURCE))
    numbers = np.random.default_rng(0)
    a, b = numbers.integers(-9, 10, (16, 8)).astype(real), numbers.integers(-9, 10, (8, 8)).astype(real)
    d = device.empty((16, 8), real)
    kernels.launch("probe_mma", (1,), (32,), device.to_device(a), device.to_device(b), d)
    yield exact("mma", device, d, a @ b)

    rows = np.arange(128, dtype=np.uint32).reshape(32, 4) + 1
    received = device.empty((32, 4), "uint32")
    kernels.launch("probe_ldmatrix", (1,), (32,), device.to_device(rows), received, shared_bytes=512)
    rows[1::2] = 0
    yield exact("ldmatrix and copies", device, received, rows.reshape(4, 32).T.copy())

    halves = np.ldexp(1 + np.arange(4096) / 4096, 3)  # every second one lies between two TF32 numbers
    x = np.concatenate([random((1000,), real), random((1000,), real, 1, 1e30), halves, -halves]).astype(real)
    x = x[:: 41 if small else 1].copy()
    bits = device.empty(x.shape, "uint32")
    kernels.launch("probe_rounding", (-(-x.size // 256),), (256,), device.to_device(x), bits, x.size)
    yield exact("rounding to TF32", device, bits, (x.view(np.uint32) + np.uint32(0x1000)) & np.uint32(0xFFFFE000))

    x = numbers.integers(-99, 100, 32).astype(real)
    results = [device.empty((32,), real) for _ in range(3)]
    kernels.launch("probe_warp", (1,), (32,), device.to_device(x), *results)
    expected = (np.full(32, x.sum()), np.full(32, x.max()), x[np.arange(32) ^ 1])
    for name, got, wanted in zip(("sum", "maximum", "neighbour"), results, expected, strict=True):
        yield exact(f"warp {name}", device, got, wanted.astype(real))

    a, b = (numbers.integers(0, 2**64, 300, np.uint64) for _ in range(2))
    high = device.empty((300,), "uint64")
    kernels.launch("probe_product", (2,), (256,), device.to_device(a), device.to_device(b), high, 300)
    products = [int(i) * int(j) >> 64 for i, j in zip(a, b, strict=True)]
    yield exact("upper half of a product", device, high, np.array(products, np.uint64))

    counter, arrival = device.to_device(np.zeros(1, np.uint32)), device.empty((9,), "uint32")
    kernels.launch("probe_signal", (9,), (32,), counter, arrival)
    yield exact("signals between blocks", device, arrival, 2 ** np.arange(9, dtype=np.uint32))
