"""top_indices.cu against a stable sort: ties, NaN, infinities, integers, rows of a warp and of a block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import Check, exact, random
from xdl.kernels.cuda.index import top_indices as top_indices_cuda
from xdl.kernels.cuda.launch import Device

SHAPES = [((11, 70), 5), ((3, 1), 1), ((2, 1100), 3), ((9, 4), 4)]


def top_indices(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape, k in SHAPES[::2] if small else SHAPES:
        special = random(shape, real)
        special[:, ::3] = np.array([np.nan, np.inf, -np.inf, 0, -0.0], real)[np.arange(shape[1])[::3] % 5]
        kinds = {"normal": random(shape, real), "ties": random(shape, real, 1).round(), "special": special}
        for name, x in {**kinds, "integers": (random(shape, "float64", 2) * 2**40).astype(np.int64)}.items():
            for largest in (True, False):
                found = top_indices_cuda.top_of_rows(device, device.to_device(x), k, largest)
                backwards = np.argsort(x[:, ::-1], axis=1, kind="stable")[:, ::-1]
                order = shape[1] - 1 - backwards if largest else np.argsort(x, axis=1, kind="stable")
                yield exact(f"{name} {shape} largest {largest}", device, found, order[:, :k].astype(np.int64))
