"""cross_entropy.cu against the formulas in float64: ignored labels, wrong ones, huge logits, several blocks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from tests.cuda_on_host.cases.softmax import SHAPES, probabilities
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.loss.cross_entropy import cross_entropy_backward, cross_entropy_forward

IGNORED = 0


def cross_entropy(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    g_device = device.to_device(np.asarray([0.75], real))
    for shape in SHAPES[:1] if small else (*SHAPES, (2100, 3)):
        rows, width = shape
        x, labels = random(shape, real, scale=5.0), np.random.default_rng(2).integers(0, width, rows)
        p, picked = probabilities(x.astype(np.float64)), (np.arange(rows), labels)
        losses = -np.log(p[picked])
        p[picked] -= 1
        x_device, t = device.to_device(x), device.to_device(labels)
        for ignored in (-100, IGNORED):
            counts, flag = labels != ignored, device.to_device(np.zeros(1, np.uint32))
            y, count, sums = cross_entropy_forward(device, x_device, t, ignored, flag)
            expected = np.asarray(losses[counts].mean() if counts.any() else np.nan)
            if counts.any():
                yield close(f"{shape} without {ignored}", device, y, expected, tolerance)
            else:
                yield exact("no label counts", device, np.isnan(device.to_host(y)), np.asarray(True))
            yield exact(f"count {shape}", device, count, np.asarray([counts.sum()], real))
            yield exact(f"no bad label {shape}", device, flag, np.zeros(1, np.uint32))
            dx = cross_entropy_backward(device, g_device, x_device, t, ignored, count, sums)
            expected = p * 0.75 * counts[:, None] / max(1, counts.sum())
            yield close(f"dx {shape} without {ignored}", device, dx, expected, tolerance)
    yield from _settings(device, real, small)
    x, labels = np.full((2, 2), 1e30, real), device.to_device(np.array([0, 1]))
    y, count, sums = cross_entropy_forward(device, device.to_device(x), labels, -1, flag)
    yield close("of huge", device, y, np.asarray(np.log(2)), tolerance)
    one = device.to_device(np.ones(1, real))
    dx = cross_entropy_backward(device, one, device.to_device(x), labels, -1, count, sums)
    yield close("dx of huge", device, dx, np.array([[-0.25, 0.25], [0.25, -0.25]]), tolerance)
    for label, bad in ((4, False), (5, True), (-1, True)):
        flag = device.to_device(np.zeros(1, np.uint32))
        x, labels = device.to_device(random((3, 5), real)), device.to_device(np.array([1, label, -100]))
        y, _, _ = cross_entropy_forward(device, x, labels, -100, flag)
        yield exact(f"loss of label {label}", device, np.isnan(device.to_host(y)), np.asarray(bad))
        yield exact(f"flag of label {label}", device, flag, np.asarray([bad], np.uint32))


def _settings(device: Device, real: str, small: bool) -> Iterator[Check]:
    """Weights, label smoothing, every reduction, and log-probabilities."""
    for shape in [(9, 5)] if small else [(9, 5), (20, 70)]:
        rows, width = shape
        x, w = random(shape, real, scale=3.0), abs(random((width,), real, 1)) + np.asarray(0.1, real)
        labels, g = np.random.default_rng(3).integers(0, width, rows), random((rows,), real, 2)
        counts, onehot = labels != IGNORED, np.eye(width)[labels]
        arrays = [device.to_device(a) for a in (x, labels)]
        for weights, smoothing, logs in ((w, 0.0, False), (w, 0.3, False), (None, 0.3, False), (w, 0.0, True)):
            weight = np.ones(width) if weights is None else weights.astype(np.float64)
            p = probabilities(x.astype(np.float64))
            logarithms = x.astype(np.float64) if logs else np.log(p)
            wished = (1 - smoothing) * onehot * weight + smoothing / width * weight
            losses = -(wished * logarithms).sum(1) * counts
            slope = (0 if logs else p * wished.sum(1, keepdims=True)) - wished
            total = weight[labels][counts].sum()
            w_device = None if weights is None else device.to_device(weights)
            for reduction, expected, share in (
                ("none", losses, g[:, None]), ("sum", losses.sum(), g[0]), ("mean", losses.sum() / total, g[0] / total)
            ):  # fmt: skip
                what = f"{shape} weights {weights is not None} smoothing {smoothing} logs {logs} {reduction}"
                flag = device.to_device(np.zeros(1, np.uint32))
                y, *kept = cross_entropy_forward(device, *arrays, IGNORED, flag, w_device, smoothing, reduction, logs)
                yield close(what, device, y, np.asarray(expected), TOLERANCES[real])
                g_device = device.to_device(g if reduction == "none" else g[:1])
                dx = cross_entropy_backward(device, g_device, *arrays, IGNORED, *kept, w_device, smoothing)
                yield close(f"dx {what}", device, dx, share * slope * counts[:, None], TOLERANCES[real])
