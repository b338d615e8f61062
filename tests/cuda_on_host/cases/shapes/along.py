"""along.cu: elements along a dimension and their way back, equal bit for bit to NumPy's, for numbers of every size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import Check, exact, random
from xdl.kernels.cuda.index.along import copy_along
from xdl.kernels.cuda.launch import Device


def along(device: Device, real: str, small: bool) -> Iterator[Check]:
    """k below n and equal to it, the last dimension and others, more elements than a block, none."""
    for outer, n, k, inner in (
        ((3, 5, 2, 7),) if small else ((3, 5, 2, 7), (40, 30, 30, 1), (1, 9, 4, 300), (2, 5, 0, 3))
    ):
        order = np.argsort(random((outer, n, inner), "float64", 1), axis=1)
        indices = device.to_device(np.ascontiguousarray(order[:, :k], np.int64))
        for dtype in (real, "int64", "bool"):
            x = (random((outer, n, inner), real) * 9).astype(dtype)
            where = f"{(outer, n, k, inner)} {dtype}"
            y = device.empty((outer, k, inner), dtype)
            copy_along(device, "along", device.to_device(x), indices, y, 1, n)
            expected = np.take_along_axis(x, order[:, :k], 1)
            yield exact(f"along {where}", device, y, expected)
            back, put = device.to_device(np.zeros_like(x)), np.zeros_like(x)
            copy_along(device, "put_along", y, indices, back, 1, n)
            np.put_along_axis(put, order[:, :k], expected, 1)
            yield exact(f"put_along {where}", device, back, put)
