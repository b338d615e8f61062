"""layer_norm.cu and group_norm.cu against the formulas in float64, also beside a mean a hundred times the std."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, random
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.norm import group_norm as group_norm_cuda
from xdl.kernels.cuda.norm import layer_norm as layer_norm_cuda

SHAPES = [(11, 70), (1, 1), (3, 1030), (300, 5), (2, 2500)]  # also rows of a whole block, and two slices of rows
GROUPED = [((2, 6, 5), 3), ((5, 40, 1), 2), ((1, 3, 1100), 3), ((2, 8, 300), 2), ((3, 40, 2), 1)]  # x, G
EPS = 1e-5


def layer_norm(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for shape in [(11, 70), (2, 1030)] if small else SHAPES:
        x, g = random(shape, real) + np.dtype(real).type(0.5), random(shape, real, 1)
        gamma, beta = random(shape[1:], real, 2), random(shape[1:], real, 3)
        x64, g64 = x.astype(np.float64), g.astype(np.float64)
        mean, r = x64.mean(1), 1 / np.sqrt(x64.var(1) + EPS)
        xhat = (x64 - mean[:, None]) * r[:, None]
        x_device, g_device, gamma_device, beta_device = (device.to_device(a) for a in (x, g, gamma, beta))
        for affine in (True, False):
            weights = (gamma_device, beta_device) if affine else (None, None)
            y, *moments = layer_norm_cuda.layer_norm_forward(device, x_device, *weights, EPS)
            yield close(f"y {shape} affine {affine}", device, y, xhat * gamma + beta if affine else xhat, tolerance)
            yield close(f"mean {shape}", device, moments[0], mean, tolerance)
            yield close(f"r {shape}", device, moments[1], r, tolerance)
            dx = layer_norm_cuda.layer_norm_input_gradient(device, g_device, x_device, weights[0], *moments)
            h = g64 * gamma if affine else g64
            expected = (h - h.mean(1, keepdims=True) - xhat * (h * xhat).mean(1, keepdims=True)) * r[:, None]
            yield close(f"dx {shape} affine {affine}", device, dx, expected, tolerance)
        centred, gradients = xhat, layer_norm_cuda.layer_norm_parameter_gradients(device, g_device, x_device, *moments)
        r = 1 / np.sqrt((x64**2).mean(1) + EPS)
        xhat, h = x64 * r[:, None], g64 * gamma
        y, *moments = layer_norm_cuda.layer_norm_forward(device, x_device, gamma_device, None, EPS, centred=False)
        yield close(f"RMS y {shape}", device, y, xhat * gamma, tolerance)
        arguments = (device, g_device, x_device, gamma_device, *moments)
        dx = layer_norm_cuda.layer_norm_input_gradient(*arguments, centred=False)
        expected = (h - xhat * (h * xhat).mean(1, keepdims=True)) * r[:, None]
        if shape[1] > 1:  # of a single element dx is a difference of equal numbers
            yield close(f"RMS dx {shape}", device, dx, expected, tolerance)
        yield close(f"dgamma {shape}", device, gradients[0], (g64 * centred).sum(0), tolerance)
        yield close(f"dbeta {shape}", device, gradients[1], g64.sum(0), tolerance)
    x = (random((3, 200), real) + 100).astype(real)
    _, _, r = layer_norm_cuda.layer_norm_forward(device, device.to_device(x), None, None, EPS)
    yield close("r beside a large mean", device, r, 1 / np.sqrt(x.astype(np.float64).var(1) + EPS), tolerance)


def group_norm(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for shape, groups in [GROUPED[0], GROUPED[3]] if small else GROUPED:
        n, c, s = shape
        rows, name = (n * groups, c // groups * s), f"{shape} in {groups}"
        x, g = random(shape, real) + np.dtype(real).type(0.5), random(shape, real, 1)
        gamma, beta = random((c,), real, 2), random((c,), real, 3)
        x64, g64 = x.astype(np.float64).reshape(rows), g.astype(np.float64)
        mean, r = x64.mean(1), 1 / np.sqrt(x64.var(1) + EPS)
        xhat = (x64 - mean[:, None]) * r[:, None]
        x_device, g_device, gamma_device, beta_device = (device.to_device(a) for a in (x, g, gamma, beta))
        for affine in (True, False):
            weights, scale = ((gamma_device, beta_device), gamma) if affine else ((None, None), np.ones(c))
            y, *moments = group_norm_cuda.group_norm_forward(device, x_device, groups, *weights, EPS)
            expected = xhat.reshape(shape) * scale[:, None] + (beta[:, None] if affine else 0)
            yield close(f"y {name} affine {affine}", device, y, expected, tolerance)
            yield close(f"mean {name}", device, moments[0], mean.reshape(n, groups), tolerance)
            yield close(f"r {name}", device, moments[1], r.reshape(n, groups), tolerance)
            dx, sums = group_norm_cuda.group_norm_backward(device, g_device, x_device, groups, weights[0], *moments)
            h = (g64 * scale[:, None]).reshape(rows)
            expected = (h - h.mean(1, keepdims=True) - xhat * (h * xhat).mean(1, keepdims=True)) * r[:, None]
            yield close(f"dx {name} affine {affine}", device, dx, expected.reshape(shape), 2 * tolerance)
        expected = np.concatenate([(g64 * xhat.reshape(shape)).sum(2), g64.sum(2)], 1)
        yield close(f"sums {name}", device, sums, expected, tolerance)
