"""checks.cu: flags that are set where a value is wrong, wherever it stands, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import Check, exact
from xdl.kernels.cuda.index import checks as checks_cuda
from xdl.kernels.cuda.launch import Device

DOWN, UP = np.zeros(1, np.uint32), np.ones(1, np.uint32)
LIMITS = [(-7, 7, None), (0, 7, -100), (0, 7, 3), (0, 0, None)]  # low, high, ignored
MANY = 256 * checks_cuda.MOST_BLOCKS + 5  # more than one round of all threads


def checks(device: Device, real: str, small: bool) -> Iterator[Check]:
    del real
    for count in (1, 33) if small else (0, 1, 33, MANY):
        places = {0, count - 1} if count else {0}
        for low, high, ignored in LIMITS[: 1 if count == MANY else None]:
            values = {low, high} if small or count == MANY else {low - 1, low, high - 1, high, 0, -(2**63), 2**63 - 1}
            for place, value in [(place, value) for place in places for value in values]:
                indices = np.full(count, 3)
                indices[place : place + 1] = value
                wrong = (indices < low) | (indices >= high)
                if ignored is not None:
                    wrong &= indices != ignored
                flag = device.to_device(DOWN)
                checks_cuda.flag_outside(device, device.to_device(indices), flag, low, high, ignored)
                name = f"{value} at {place} of {count} in [{low}, {high}) but {ignored}"
                yield exact(name, device, flag, UP if wrong.any() else DOWN)
        for place in (None, *places):
            wrong = np.zeros(count, bool)
            if place is not None:
                wrong[place : place + 1] = True
            flag = device.to_device(DOWN)
            checks_cuda.flag_true(device, device.to_device(wrong), flag)
            yield exact(f"True at {place} of {count}", device, flag, UP if wrong.any() else DOWN)
