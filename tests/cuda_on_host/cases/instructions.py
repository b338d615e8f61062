"""instructions.cu on small integers: every instruction that the harness emulates, exact to the bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.cuda_on_host.cases.check import Check, exact
from xdl.kernels.launch import Device, load_kernels

SOURCE = str(Path(__file__).parents[1] / "instructions.cu")
BLOCKS = 6


def instructions(device: Device, real: str, small: bool) -> Iterator[Check]:
    kernels = load_kernels(device, SOURCE)
    integers = np.random.default_rng(0).integers
    a, b = integers(-8, 9, (16, 8)).astype(real), integers(-8, 9, (8, 8)).astype(real)
    d = device.empty((16, 8), real)
    kernels.launch("multiply_tile", (1,), (32,), device.to_device(a), device.to_device(b), d)
    yield exact("mma", device, d, a @ b)

    words, result = integers(0, 2**32, (32, 4), np.uint32), device.empty((32, 4), "uint32")
    kernels.launch("load_matrices", (1,), (32,), device.to_device(words), result, shared_bytes=512)
    lanes = np.arange(32)
    received = words.reshape(4, 8, 4)[:, lanes // 4, lanes % 4].T
    yield exact("ldmatrix", device, result, received)

    source, target = integers(-99, 99, (256, 4)).astype(real), device.empty((256, 4), real)
    for valid in (256, 100):
        arrays = (device.to_device(source), target)
        kernels.launch("copy_in_background", (1,), (256,), *arrays, valid, shared_bytes=4096)
        copied = np.where(np.arange(256)[:, None] < valid, source, 0).astype(real)
        yield exact(f"cp.async of {valid}", device, target, np.roll(copied, -1, 0))

    x = np.concatenate([integers(0, 2**31, 30, np.uint32).view(real) % 2, [1 + 2.0**-11, -1 - 2.0**-11]]).astype(real)
    bits = device.empty((32,), "uint32")
    kernels.launch("round_to_tf32", (1,), (32,), device.to_device(x), bits)
    yield exact("TF32 rounding", device, bits, (x.view(np.uint32) + 0x1000) & np.uint32(0xFFFFE000))

    values, sums, finished = (
        device.to_device(np.zeros(n, t)) for n, t in ((4 * BLOCKS, real), (BLOCKS, real), (1, "u4"))
    )
    kernels.launch("wait_for_all", (BLOCKS,), (32,), values, sums, finished)
    yield exact("signals between blocks", device, sums, np.full(BLOCKS, BLOCKS * (BLOCKS + 1) / 2, real))
