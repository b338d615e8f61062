"""What a launch costs on the host, before the driver gets it: microseconds of Python and of packing arguments.

    python bench/launches.py

A device that does nothing takes the launches of the kernels that training steps queue most, so that what is measured
is xdl's own part: the plan's look-up, the checks, the packing, and the launcher around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np

from xdl.backends.cuda_on_host.host_device import HostDevice
from xdl.kernels.cuda.device import CupyDevice
from xdl.kernels.cuda.launch import Device, load_kernels
from xdl.kernels.cuda.norm.batch_norm import batch_norm_forward
from xdl.kernels.cuda.optim.adam import adam_step
from xdl.kernels.cuda.plan import Plan
from xdl.kernels.cuda.recurrent.rnn import lstm_cell_forward

LAUNCHES, ROUNDS = 2000, 7
LAUNCH = "launch, 4 arrays and 13 numbers"


class IdleDevice(HostDevice):
    """Takes launches and does nothing; arrays know where they begin, as on a card."""

    def address(self, x: Any) -> int:
        return id(x)

    def launch(self, plan: Plan, parameters: int, arguments: tuple[Any, ...]) -> None:
        pass


class IdleCard(CupyDevice):
    """CuPy's arrays, and launches that do nothing."""

    def launch(self, plan: Plan, parameters: int, arguments: tuple[Any, ...]) -> None:
        pass


def microseconds(call: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Of a call: the best of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        for _ in range(LAUNCHES):
            call()
        best = min(best, perf_counter() - start)
    return best / LAUNCHES * 1e6


def costs(device: Device, rounds: int = ROUNDS) -> Iterator[tuple[str, float]]:
    """What is launched, and its microseconds on an idle device."""
    x = device.to_device(np.ones((8, 16, 4, 4), np.float32))
    p, g, m, v = (device.to_device(np.ones(64, np.float32)) for _ in range(4))
    vector = device.to_device(np.ones(16, np.float32))
    gates, bias = device.to_device(np.ones((8, 64), np.float32)), device.to_device(np.ones(64, np.float32))
    c, c_next, h = (device.to_device(np.ones((8, 16), np.float32)) for _ in range(3))
    adam = load_kernels(device, "adam.cu")
    settings = (None, 64, *[0.5] * 11, 0)
    cases = {
        LAUNCH: lambda: adam.launch("adam_step", (1,), (256,), p, g, m, v, *settings),
        "an update by Adam": lambda: adam_step(device, p, g, m, v, 1, 1e-3, 0.9, 0.999, 1e-8, 0.0, False),
        "an LSTM cell": lambda: lstm_cell_forward(device, gates, bias, bias, c, c_next, h),
        "batch norm with a new array": lambda: batch_norm_forward(device, x, *[vector] * 4, 1e-5),
    }
    for name, call in cases.items():
        yield name, microseconds(call, rounds)


def main() -> None:
    """Prints a line for each. No GPU is needed."""
    for name, found in costs(IdleDevice()):
        print(f"{name:34} {found:6.2f} us")


if __name__ == "__main__":
    main()
