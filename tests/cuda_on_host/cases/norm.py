"""batch_norm.cu against the formulas in float64, also beside a mean a hundred times the std."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.backend import dtype_name
from xdl.kernels.cuda.elementwise.formulas import activation_backward, activation_forward, formula_named
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.norm import batch_norm as norm_cuda

SHAPES = [(4, 3, 5, 7), (2, 2, 70, 70), (33, 5), (2, 1, 1, 2), (3, 2, 256)]
EPS = 1e-5


def _ramps(device: Device, name: str, arguments: tuple[Any, ...], weights: tuple[Any, ...]) -> Iterator[Check]:
    """With ReLU and LeakyReLU behind it: the bits of both after each other."""
    g, x, mean, var, *rest = arguments
    z = norm_cuda.batch_norm_forward(device, x, mean, var, *weights, EPS)
    for f, slope in ((("relu",), 0.0), (("leaky_relu", 0.2), 0.2)):
        formula = formula_named(f)
        apart, kept = activation_forward(device, z, formula), device.empty(z.shape, dtype_name(z))
        y = norm_cuda.batch_norm_forward(device, x, mean, var, *weights, EPS, (formula[0], slope), kept)
        yield exact(f"y {f[0]} {name}", device, y, device.to_host(apart))
        yield exact(f"z {f[0]} {name}", device, kept, device.to_host(z))
        read = y if f == ("relu",) else kept
        dz = activation_backward(device, g, read, formula)
        expected = norm_cuda.batch_norm_backward(device, dz, x, mean, var, *rest)
        found = norm_cuda.batch_norm_backward(device, *arguments, (formula[0], slope), read)
        for what, one, other in zip(("dx", "dgamma", "dbeta"), found, expected, strict=True):
            yield exact(f"{what} {f[0]} {name}", device, one, device.to_host(other))


def batch_norm(device: Device, real: str, small: bool) -> Iterator[Check]:
    tolerance = TOLERANCES[real]
    for shape in SHAPES[:1] if small else SHAPES:
        per_channel = (1, shape[1], *(1,) * (len(shape) - 2))
        axes = (0, *range(2, len(shape)))
        x, g = random(shape, real) + np.dtype(real).type(0.5), random(shape, real, 1)
        gamma, beta = random(shape[1:2], real, 2), random(shape[1:2], real, 3)
        mean, var = (statistic(x.astype(np.float64), axis=axes) for statistic in (np.mean, np.var))
        x_device, g_device, gamma_device, beta_device = (device.to_device(a) for a in (x, g, gamma, beta))
        mean_device, var_device = norm_cuda.batch_statistics(device, x_device)
        yield close(f"mean {shape}", device, mean_device, mean, tolerance)
        yield close(f"var {shape}", device, var_device, var, tolerance)
        for affine in (True, False):
            gamma_64 = gamma.astype(np.float64) if affine else np.ones(shape[1])
            scale = (gamma_64 / np.sqrt(var + EPS)).reshape(per_channel)
            xhat = (x - mean.reshape(per_channel)) / np.sqrt(var + EPS).reshape(per_channel)
            weights = (gamma_device, beta_device) if affine else (None, None)
            y = norm_cuda.batch_norm_forward(device, x_device, mean_device, var_device, *weights, EPS)
            expected = xhat * gamma_64.reshape(per_channel) + (beta.reshape(per_channel) if affine else 0)
            yield close(f"y {shape} affine {affine}", device, y, expected, tolerance)
            for batch in (True, False):
                arguments = (g_device, x_device, mean_device, var_device, weights[0], EPS, batch)
                dx, dgamma, dbeta = norm_cuda.batch_norm_backward(device, *arguments)
                name = f"{shape} affine {affine} batch {batch}"
                yield close(f"dbeta {name}", device, dbeta, g.sum(axes, np.float64), tolerance)
                yield close(f"dgamma {name}", device, dgamma, (g * xhat).sum(axes), tolerance)
                centered = g - g.mean(axes, np.float64, keepdims=True) - xhat * (g * xhat).mean(axes, keepdims=True)
                yield close(f"dx {name}", device, dx, scale * (centered if batch else g), tolerance)
                yield from _ramps(device, name, arguments, weights)
                if small:
                    return
    x = (random((4, 2, 9, 9), real) + 100).astype(real)
    mean, var = norm_cuda.batch_statistics(device, device.to_device(x))
    yield close("var beside a large mean", device, var, x.astype(np.float64).var((0, 2, 3)), tolerance)
