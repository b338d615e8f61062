"""put_items.cu against NumPy's assignment: equal indices, numbers of every size, indices outside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import Check, exact, random
from xdl.kernels.cuda.index import put_items as put_items_cuda
from xdl.kernels.cuda.launch import Device

SIZES = [(7, 5, 33), (300, 20, 3), (1, 1, 1), (600, 2000, 1)]  # n, V, D


def put_items(device: Device, real: str, small: bool) -> Iterator[Check]:
    for count, rows, width in SIZES[:1] if small else SIZES:
        ids = np.random.default_rng(0).integers(0, rows, count)
        for dtype in (real, "uint8", "int32", "int64"):
            x, values = (
                (random(shape, "float64", seed) * 50 + 100).astype(dtype)
                for seed, shape in enumerate(((rows, width), (count, width)))
            )
            target, flag = device.to_device(x), device.to_device(np.zeros(1, np.uint32))
            writers = device.to_device(np.full(rows, -1, np.int32))
            arrays = (device.to_device(ids), device.to_device(values), writers, flag)
            put_items_cuda.put_rows(device, target, *arrays)
            x[ids] = values
            yield exact(f"{count} of {rows} x {width} {dtype}", device, target, x)
            yield exact(f"no bad index {count}", device, flag, np.zeros(1, np.uint32))
    x, values = random((5, 2), real), random((4, 2), real, 1)
    target, writers = device.to_device(x), device.to_device(np.full(5, -1, np.int32))
    ids = device.to_device(np.array([4, 5, -1, 0]))
    put_items_cuda.put_rows(device, target, ids, device.to_device(values), writers, flag)
    x[[4, 0]] = values[[0, 3]]
    yield exact("bad indices write nothing", device, target, x)
    yield exact("bad indices are flagged", device, flag, np.ones(1, np.uint32))
