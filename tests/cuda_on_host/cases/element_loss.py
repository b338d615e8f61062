"""element_loss.cu against the formulas in float64: every kind, one block and several, far from 0 and at the bends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.loss import element_loss as element_loss_cuda

DELTA, FACTOR, LOGITS, BINARY = 0.75, 0.3, 3, 4


def formulas(kind: str, x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Losses, their slopes by x and by t."""
    e = x - t
    q = np.clip(e, -DELTA, DELTA)
    if kind == "logits":
        return (1 - t) * x + np.logaddexp(0, -x), 1 / (1 + np.exp(-x)) - t, -x
    if kind == "binary":
        return -t * np.log(x) - (1 - t) * np.log(1 - x), (x - t) / (x * (1 - x)), np.log(1 - x) - np.log(x)
    losses = {"mse": e**2, "l1": abs(e), "huber": q**2 / 2 + DELTA * (abs(e) - abs(q))}[kind]
    slopes = {"mse": 2 * e, "l1": np.sign(e), "huber": q}[kind]
    return losses, slopes, -slopes


def element_loss(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for shape in [(33,), (5000,)] if small else [(33,), (7, 5), (1,), (3, 3000)]:
        x, t, g = random(shape, real, scale=3.0), random(shape, real, 1).round(), random(shape, real, 2)
        x[..., :1], one = t[..., :1], random((1,), real, 3)
        x_device, t_device, g_device, one_device = (device.to_device(a) for a in (x, t, g, one))
        for number, kind in enumerate(element_loss_cuda.KINDS[:BINARY]):
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
    yield from _weighted(device, real)
    x, t = np.array([-800.0, 800.0, np.nan], real), np.array([0.0, 1.0, 0.0], real)
    arguments = (device.to_device(x), device.to_device(t), 3, DELTA, 1.0)
    each = device.to_host(element_loss_cuda.loss_of_each(device, *arguments))
    yield exact("logits far from 0", device, each[:2], np.zeros(2, real))
    dx = element_loss_cuda.loss_backward(device, device.to_device(np.ones(1, real)), *arguments, (True, False))[0]
    yield exact("their slopes", device, device.to_host(dx)[:2], np.zeros(2, real))
    yield exact("nan", device, np.isnan(each), np.array([False, False, True]))


def _weighted(device: Device, real: str) -> Iterator[Check]:
    """Probabilities and logits with weights for each column, and a p for each element."""
    shape, tolerance = (9, 7), TOLERANCES[real]
    x, t, g = (random(shape, real, seed) for seed in range(3))
    w, p = abs(random((7,), real, 3)), abs(random(shape, real, 4))
    x_wide, t_wide, w_wide, p_wide = (a.astype(np.float64) for a in (x, t, w, p))
    logs = -np.logaddexp(0, -x_wide)
    q = 1 + (p_wide - 1) * t_wide
    logits = (1 - t_wide) * x_wide - q * logs, 1 - t_wide - q * np.exp(logs - x_wide), -x_wide - (p_wide - 1) * logs
    inside = (1 / (1 + np.exp(-x))).astype(real)
    for number, values, expected, more in (
        (LOGITS, x, logits, p),
        (BINARY, inside, formulas("binary", inside.astype(np.float64), t_wide), None),
    ):
        weights = element_loss_cuda.Weights(device.to_device(w), None if more is None else device.to_device(more))
        arguments = (device.to_device(values), device.to_device(t), number, DELTA, FACTOR)
        losses, dx, dt = (a * w_wide * FACTOR for a in expected)
        each = element_loss_cuda.loss_of_each(device, *arguments, weights)
        yield close(f"weighted {number}", device, each, losses, tolerance)
        total = element_loss_cuda.sum_of_losses(device, *arguments, weights)
        yield close(f"weighted sum {number}", device, total, np.asarray(losses.sum()), tolerance)
        found = element_loss_cuda.loss_backward(device, device.to_device(g), *arguments, (True, True), weights)
        yield close(f"weighted dx {number}", device, found[0], dx * g, tolerance)
        yield close(f"weighted dt {number}", device, found[1], dt * g, tolerance)
    x, t = np.array([0.0, 0.0, 1.0, 1.0], real), np.array([0.0, 1.0, 0.0, 1.0], real)
    each = element_loss_cuda.loss_of_each(device, device.to_device(x), device.to_device(t), BINARY, DELTA, 1.0)
    yield exact("sure", device, device.to_host(each) + 0, np.array([0, 100, 100, 0], real))
