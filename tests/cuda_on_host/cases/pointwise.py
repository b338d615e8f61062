"""activation.cu and division.cu against the references of their slots in float64, at special values too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, random
from xdl.functional.elementwise import activation, elu, gelu, piecewise, trigonometric
from xdl.functional.elementwise.division import DivisionReference
from xdl.functional.elementwise.unary import by_slope
from xdl.kernels.cuda.elementwise import division as division_cuda
from xdl.kernels.cuda.elementwise.formulas import (
    KNOWN,
    NUMBERS,
    activation_backward,
    activation_forward,
    add_relu,
    formula_of,
)
from xdl.kernels.cuda.launch import Device

SPECIAL = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 20.0, -20.0, 0.1, 1e30, -1e30, 1e-30]
)
SETTINGS = {
    piecewise.clip_value: (-0.5, 0.7), piecewise.clip_slope: (-0.5, 0.7), piecewise.leaky_relu_value: (0.2,),
    piecewise.leaky_relu_slope: (0.2,), elu.elu_value: (1.5, 1.1, 0.7), elu.elu_gradient: (1.5, 1.1, 0.7),
    activation.softplus_value: (2.0, 3.0), activation.softplus_gradient: (2.0, 3.0), piecewise.hardshrink_value: (0.3,),
    piecewise.softshrink_value: (0.3,), piecewise.shrink_slope: (0.3,), piecewise.threshold_value: (0.15, -2.0),
    piecewise.threshold_slope: (0.15,),
}  # fmt: skip
OF_Y = (activation.sigmoid_gradient, trigonometric.tanh_gradient)  # their gradients read y


def functions() -> Iterator[tuple[str, Callable[..., Any], bool]]:
    """Every function that the kernel knows, with settings, and whether it is a gradient."""
    for f in KNOWN:
        name = f.__name__
        if f in (gelu.value, gelu.gradient):
            for form in gelu.FORMS:
                yield f"gelu {form} {name}", partial(f, form), f is gelu.gradient
        elif name.endswith("_slope"):
            yield name, partial(by_slope, partial(f, *SETTINGS.get(f, ()))), True
        else:
            yield name, partial(f, *SETTINGS.get(f, ())), name.endswith("_gradient")


def activations(device: Device, real: str, small: bool) -> Iterator[Check]:
    """Sizes that are no multiple of 4, one below it, and more than a block."""
    for name, f, backward in functions():
        for count in (37,) if small else (3, 1028, 2051):
            x, g = random((count,), real, 0, 3), random((count,), real, 1)
            x[: len(SPECIAL)] = SPECIAL[:count]
            if f.func in OF_Y:
                x = np.tanh(x)
            yield from run(device, f"{name} {count}", f, backward, x, g)
    empty = activation_forward(device, device.to_device(np.zeros((0, 3), real)), (NUMBERS["relu"], ()))
    yield Check("empty", float(empty.shape != (0, 3)), 0.0)
    for count in (3, 1030):
        a, b = random((count,), real), random((count,), real, 1)
        a[1] = np.nan
        got = add_relu(device, device.to_device(a), device.to_device(b))
        yield same(f"add_relu {count}", device, got, np.maximum(a + b, 0))
    yield from run_relu(device, random((100,), real), random((100,), real, 1))


def run(device: Device, name: str, f: Any, backward: bool, x: np.ndarray, g: np.ndarray) -> Iterator[Check]:
    formula = formula_of(f)
    assert formula is not None
    on_device = device.to_device(x)
    with np.errstate(all="ignore"):
        if backward:
            got = activation_backward(device, device.to_device(g), on_device, formula)
            expected = f(g.astype(np.float64), x.astype(np.float64))
        else:
            got = activation_forward(device, on_device, formula)
            expected = f(x.astype(np.float64))
    yield same(name, device, got, expected)


def run_relu(device: Device, x: np.ndarray, g: np.ndarray) -> Iterator[Check]:
    formula = NUMBERS["relu"], ()
    y = activation_forward(device, device.to_device(x), formula)
    yield same("relu", device, y, np.maximum(x, 0))
    g[3], x[3] = np.nan, -1  # what did not reach y has no gradient
    dx = activation_backward(device, device.to_device(g), device.to_device(np.maximum(x, 0)), formula)
    yield same("relu backward", device, dx, np.where(x > 0, g, 0))


def division(device: Device, real: str, small: bool) -> Iterator[Check]:
    """Every pair of special values, and ordinary ones, equal to NumPy's in every bit that is no nan's."""
    special = SPECIAL.astype(real)
    a, b = (x.reshape(-1) for x in np.meshgrid(special, special, indexing="ij"))
    a, b = np.concatenate([a, random((300,), real, 0, 100)]), np.concatenate([b, random((300,), real, 1, 3)])
    for operation in division_cuda.KINDS:
        for label, x, y in (("arrays", a, b), ("by a number", a, 0.7), ("of a number", -7.5, b)):
            with np.errstate(all="ignore"):
                expected = DivisionReference.forward(a, operation, x, y)[0]
            on_device = [device.to_device(v) if isinstance(v, np.ndarray) else v for v in (x, y)]
            got = device.to_host(division_cuda.division(device, operation, *on_device, a.shape, real))
            wrong = ~((got == expected) & (np.signbit(got) == np.signbit(expected)))
            wrong &= ~(np.isnan(got) & np.isnan(expected))
            yield Check(f"{operation} {label}", float(wrong.sum()), 0.0)


def same(name: str, device: Device, got: Any, expected: np.ndarray) -> Check:
    """The largest error of one element over its size, at least 1; infinite unless nan, infinities and zeros agree."""
    result = device.to_host(got)
    real = str(result.dtype)
    with np.errstate(all="ignore"):
        expected = expected.astype(real)
        special = ~np.isfinite(expected)
        agree = (result == expected) | (np.isnan(result) & np.isnan(expected))
        error = np.abs(np.asarray(result, np.float64) - expected) / np.maximum(np.abs(expected), 1)
    if result.shape != expected.shape or not agree[special].all():
        return Check(f"{name}: not the same special values", np.inf, 0.0)
    worst = float(error[~special].max(initial=0.0))
    return Check(name, worst if np.isfinite(worst) else np.inf, TOLERANCES[real])
