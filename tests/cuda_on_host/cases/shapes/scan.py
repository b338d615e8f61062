"""scan.cu against running sums in float64 and a plain loop for extremes: rows of a warp, of a block, and columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.reduce import scan as scan_cuda

SHAPES = [(3, 70, 1), (2, 5, 3), (1, 1100, 2), (2, 4, 2100), (1, 1, 1), (9, 33, 1)]  # outer, width, inner


def running_index(x: np.ndarray, largest: bool) -> np.ndarray:
    """Along axis 1, one element after the other."""
    best, index = x[:, 0].copy(), np.zeros(x.shape, np.int64)
    for i in range(1, x.shape[1]):
        later = (x[:, i] >= best if largest else x[:, i] <= best) | (x[:, i] != x[:, i])
        best = np.where(later, x[:, i], best)
        index[:, i] = np.where(later, i, index[:, i - 1])
    return index


def recurrence(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """y_i = b_i + a_(i-1) y_(i-1) along axis 1."""
    y = b.copy()
    for i in range(1, b.shape[1]):
        y[:, i] += a[:, i - 1] * y[:, i - 1]
    return y


def scan(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape in SHAPES[:4:2] if small else SHAPES:
        x = random(shape, real)
        for reverse in (False, True):
            turn = slice(None, None, -1) if reverse else slice(None)
            expected = x.astype(np.float64)[:, turn].cumsum(1)[:, turn]
            y = scan_cuda.running_sum(device, device.to_device(x), reverse)
            yield close(f"sum {shape} reverse {reverse}", device, y, expected, TOLERANCES[real])
            y = scan_cuda.running_values(device, device.to_device(x), "logsumexp", reverse)
            expected = np.logaddexp.accumulate(x.astype(np.float64)[:, turn], 1)[:, turn]
            yield close(f"log_sum {shape} reverse {reverse}", device, y, expected, TOLERANCES[real])
            near = (1 + x / 30).astype(real)
            y = scan_cuda.running_values(device, device.to_device(near), "prod", reverse)
            expected = near.astype(np.float64)[:, turn].cumprod(1)[:, turn]
            yield close(f"product {shape} reverse {reverse}", device, y, expected, 10 * TOLERANCES[real])
            factors = random((shape[0], shape[1] - 1, shape[2]), real, 1)
            y = scan_cuda.linear_recurrence(device, *(device.to_device(a) for a in (factors, x)), reverse)
            expected = recurrence(factors.astype(np.float64)[:, turn], x.astype(np.float64)[:, turn])[:, turn]
            yield close(f"linear {shape} reverse {reverse}", device, y, expected, 10 * TOLERANCES[real])
        far = np.where(np.arange(shape[1])[:, None] % 3, x * 1e30, -np.inf).astype(real)
        found = device.to_host(scan_cuda.running_values(device, device.to_device(far), "logsumexp"))
        yield exact(f"log_sum far out {shape}", device, found, np.logaddexp.accumulate(far, 1))
        special = x.copy()
        special[:, ::7] = np.array([-np.inf, 0, -0.0, np.inf, np.nan], real)[np.arange(len(special[0, ::7])) % 5, None]
        kinds = {"normal": x, "ties": x.round(), "special": special, "integers": (x * 2**40).astype(np.int64)}
        for name, values in kinds.items():
            for largest in (True, False):
                found = scan_cuda.running_extreme(device, device.to_device(values), largest)
                yield exact(f"{name} {shape} largest {largest}", device, found, running_index(values, largest))
