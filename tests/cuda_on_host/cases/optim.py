"""sgd.cu and adam.cu against the update rules in float64, over several steps; every update with all of its options."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, random
from tests.functional.kernels.update_cases import MUTATING, update_cases
from xdl import backend, kernel
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.optim.adam import adam_step
from xdl.kernels.cuda.optim.sgd import sgd_step

# lr, momentum, dampening, weight_decay, nesterov
SGD_SETTINGS = [(0.1, 0.0, 0.0, 0.0, False), (0.1, 0.9, 0.3, 0.01, False), (0.05, 0.9, 0.0, 0.1, True)]
# lr, beta1, beta2, eps, weight_decay, decoupled
ADAM_SETTINGS = [
    (1e-3, 0.9, 0.999, 1e-8, 0.0, False),
    (1e-2, 0.8, 0.99, 1e-6, 0.1, False),
    (1e-2, 0.9, 0.999, 1e-8, 0.1, True),
]


def sgd(device: Device, real: str, small: bool) -> Iterator[Check]:
    for settings in SGD_SETTINGS[1:2] if small else SGD_SETTINGS:
        lr, momentum, dampening, weight_decay, nesterov = settings
        p, b = random((257,), real).astype(np.float64), np.zeros(257)
        p_device = device.to_device(p.astype(real))
        b_device = device.empty((257,), real) if momentum else None  # the first step must not read it
        for step in range(3):
            gradient = random((257,), real, step + 1)
            sgd_step(device, p_device, device.to_device(gradient), b_device, step == 0, *settings)
            g = gradient + weight_decay * p
            b = g if step == 0 else momentum * b + (1 - dampening) * g
            p = p - lr * (g + momentum * b if nesterov else b if momentum else g)
        yield close(f"sgd p {settings}", device, p_device, p, TOLERANCES[real])
        if b_device is not None:
            yield close(f"sgd b {settings}", device, b_device, b, TOLERANCES[real])


def adam(device: Device, real: str, small: bool) -> Iterator[Check]:
    for settings in ADAM_SETTINGS[1:2] if small else ADAM_SETTINGS:
        lr, beta1, beta2, eps, weight_decay, decoupled = settings
        p, m, v = random((300,), real).astype(np.float64), np.zeros(300), np.zeros(300)
        buffers = [device.to_device(a.astype(real)) for a in (p, m, v)]
        for t in (1, 2, 3):
            gradient = random((300,), real, t)
            adam_step(device, buffers[0], device.to_device(gradient), *buffers[1:], t, *settings)
            g = gradient.astype(np.float64)
            if decoupled:
                p = p - lr * weight_decay * p
            else:
                g = g + weight_decay * p
            m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
            p = p - lr / (1 - beta1**t) * m / (np.sqrt(v / (1 - beta2**t)) + eps)
        for name, got, expected in zip("pmv", buffers, (p, m, v), strict=True):
            yield close(f"adam {name} {settings}", device, got, expected, TOLERANCES[real])


def updates(device: Device, real: str, small: bool) -> Iterator[Check]:
    """The CUDA version of each update against its reference in float64: p and all buffers after one step."""
    owner: Any = backend.load(device.name)
    before, owner.device, seeds = owner.device, device, count()
    try:
        for slot, make in update_cases(lambda *shape: np.asarray(random(shape, real, next(seeds)), np.float64)).items():
            version = kernel.slots[slot].versions[device.name][0]
            cases = make()
            for label in few(list(cases)) if small else cases:
                yield from _update(device, real, slot, label, version.forward, cases[label])
    finally:
        owner.device = before


def few(labels: list[str]) -> list[str]:
    """Every option once, for the sanitizers: to the thread sanitizer a block of 256 threads is 200 MB of bookkeeping.

    Of the slots that take parts, one option with as many as a launch takes, the others with one part.
    """
    found = []
    for label in labels:
        single = "1" + label.removeprefix("16")
        if label.startswith("33"):
            found.append(label)
        elif label.startswith("16"):
            found.append(single if found and single in labels else label)
    return found


def _update(
    device: Device, real: str, slot: str, label: str, forward: Any, arguments: tuple[Any, ...]
) -> Iterator[Check]:
    def moved(x: Any) -> Any:
        if isinstance(x, list):
            return [moved(part) for part in x]
        if not isinstance(x, np.ndarray):
            return x
        return device.to_device(np.asarray(x, real) if x.dtype.kind == "f" else x)

    got = [moved(x) for x in arguments]
    forward(*got)
    kernel.slots[slot].reference.forward(*arguments)
    for place in MUTATING[slot]:
        pairs = [(got[place], arguments[place])]
        if isinstance(got[place], list):
            pairs = list(zip(*pairs[0], strict=True))
        for found, expected in pairs:
            if found is not None:
                yield close(f"{slot} {label} {place}", device, found, expected, TOLERANCES[real])
