"""element_loss.cu against the formulas in float64: every kind, one block and several, far from 0 and at the bends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.loss import element_loss as element_loss_cuda

DELTA, FACTOR = 0.75, 0.3


def formulas(kind: str, x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Losses, their slopes by x and by t."""
    e = x - t
    q = np.clip(e, -DELTA, DELTA)
    if kind == "logits":
        return (1 - t) * x + np.logaddexp(0, -x), 1 / (1 + np.exp(-x)) - t, -x
    losses = {"mse": e**2, "l1": abs(e), "huber": q**2 / 2 + DELTA * (abs(e) - abs(q))}[kind]
    slopes = {"mse": 2 * e, "l1": np.sign(e), "huber": q}[kind]
    return losses, slopes, -slopes


def element_loss(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for shape in [(33,), (5000,)] if small else [(33,), (7, 5), (1,), (3, 3000)]:
        x, t, g = random(shape, real, scale=3.0), random(shape, real, 1).round(), random(shape, real, 2)
        x[..., :1], one = t[..., :1], random((1,), real, 3)
        x_device, t_device, g_device, one_device = (device.to_device(a) for a in (x, t, g, one))
        for number, kind in enumerate(element_loss_cuda.KINDS):
            losses, dx, dt = formulas(kind, x.astype(np.float64), t.astype(np.float64))
            arguments = (x_device, t_device, number, DELTA, FACTOR)
            each = element_loss_cuda.loss_of_each(device, *arguments)
            yield close(f"{kind} {shape}", device, each, losses * FACTOR, tolerance)
            total = element_loss_cuda.sum_of_losses(device, *arguments)
            yield close(f"sum of {kind} {shape}", device, total, np.asarray(losses.sum() * FACTOR), tolerance)
            found = element_loss_cuda.loss_backward(device, g_device, *arguments, (True, True))
            yield close(f"dx of {kind} {shape}", device, found[0], dx * g * FACTOR, tolerance)
            yield close(f"dt of {kind} {shape}", device, found[1], dt * g * FACTOR, tolerance)
            found = element_loss_cuda.loss_backward(device, one_device, *arguments, (True, False))
            yield close(f"dx of the sum of {kind} {shape}", device, found[0], dx * one * FACTOR, tolerance)
            assert found[1] is None
    x, t = np.array([-800.0, 800.0, np.nan], real), np.array([0.0, 1.0, 0.0], real)
    arguments = (device.to_device(x), device.to_device(t), 3, DELTA, 1.0)
    each = device.to_host(element_loss_cuda.loss_of_each(device, *arguments))
    yield exact("logits far from 0", device, each[:2], np.zeros(2, real))
    dx = element_loss_cuda.loss_backward(device, device.to_device(np.ones(1, real)), *arguments, (True, False))[0]
    yield exact("their slopes", device, device.to_host(dx)[:2], np.zeros(2, real))
    yield exact("nan", device, np.isnan(each), np.array([False, False, True]))
