"""The functions of elements that activation.cu knows, and launches of it and of add_relu.cu.

kind:     the formula's number in the file's `enum Kind`
settings: its numbers a, b, c
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional import either
from xdl.functional.elementwise import activation, elu, erf, gelu, piecewise, trigonometric
from xdl.functional.elementwise.unary import by_slope

from ..launch import Device, blocks_for, grid_size, load_kernels

THREADS = 256
ELEMENTS_PER_BLOCK = 4 * THREADS
MOST_BLOCKS = 1 << 14  # beyond, a thread goes on in steps of the grid
KINDS = (
    "clip", "relu", "leaky_relu", "elu", "sigmoid", "logsigmoid", "softplus", "silu", "mish", "gelu", "gelu_tanh",
    "softsign", "tanh", "tanhshrink", "hardsigmoid", "hardswish", "hardshrink", "softshrink", "threshold", "erf",
    "erfc",
)  # fmt: skip
NUMBERS = {name: number for number, name in enumerate(KINDS)}
KNOWN: dict[Callable[..., Any], str] = {  # values, gradients and slopes
    piecewise.clip_value: "clip",
    piecewise.clip_slope: "clip",
    piecewise.leaky_relu_value: "leaky_relu",
    piecewise.leaky_relu_slope: "leaky_relu",
    elu.elu_value: "elu",
    elu.elu_gradient: "elu",
    either.sigmoid: "sigmoid",
    activation.sigmoid_gradient: "sigmoid",
    activation.logsigmoid_value: "logsigmoid",
    activation.logsigmoid_gradient: "logsigmoid",
    activation.softplus_value: "softplus",
    activation.softplus_gradient: "softplus",
    activation.silu_value: "silu",
    activation.silu_gradient: "silu",
    activation.mish_value: "mish",
    activation.mish_gradient: "mish",
    gelu.value: "gelu",
    gelu.gradient: "gelu",
    activation.softsign_value: "softsign",
    activation.softsign_gradient: "softsign",
    trigonometric.tanh_gradient: "tanh",
    activation.tanhshrink_value: "tanhshrink",
    activation.tanhshrink_gradient: "tanhshrink",
    piecewise.hardsigmoid_value: "hardsigmoid",
    piecewise.hardsigmoid_slope: "hardsigmoid",
    piecewise.hardswish_value: "hardswish",
    piecewise.hardswish_gradient: "hardswish",
    piecewise.hardshrink_value: "hardshrink",
    piecewise.softshrink_value: "softshrink",
    piecewise.shrink_slope: "softshrink",
    piecewise.threshold_value: "threshold",
    piecewise.threshold_slope: "threshold",
    erf.erf_array: "erf",
    erf.erf_gradient: "erf",
    erf.erfc_array: "erfc",
    erf.erfc_gradient: "erfc",
}

Formula = tuple[int, tuple[Any, ...]]


def formula_of(f: Any) -> Formula | None:
    """Kind and settings of a value or a gradient as `unary.py` hands them to the slot, None for one not known."""
    settings: tuple[Any, ...] = ()
    if type(f) is partial:
        f, settings = f.func, f.args
        if f is by_slope:
            return formula_of(settings[0])
    name = KNOWN.get(f)
    if name is None:
        return None
    if name == "gelu":
        return NUMBERS["gelu_tanh" if settings[0] == "tanh" else "gelu"], ()
    return NUMBERS[name], settings


def activation_forward(device: Device, x: Array, formula: Formula) -> Array:
    """y = f(x)."""
    return _launch(device, "activation.cu", "activation_forward", (x,), *formula_numbers(formula))


def activation_backward(device: Device, g: Array, x: Array, formula: Formula) -> Array:
    """dx = g f'(x). x: the input, or y for the kinds relu, sigmoid and tanh."""
    return _launch(device, "activation.cu", "activation_backward", (g, x), *formula_numbers(formula))


def add_relu(device: Device, a: Array, b: Array) -> Array:
    """y = max(a + b, 0)."""
    return _launch(device, "add_relu.cu", "add_relu", (a, b))


def formula_named(f: tuple[Any, ...]) -> Formula:
    """The formula of that name and settings, in the words of `xdl/functional/elementwise/following.py`."""
    name, *settings = f
    return NUMBERS[name], tuple(settings)


def formula_numbers(formula: Formula) -> tuple[Any, ...]:
    """kind, a, b and c, as kernels take them."""
    kind, settings = formula
    return (kind, *settings, 0.0, 0.0, 0.0)[:4]


def _launch(device: Device, source: str, name: str, arrays: tuple[Array, ...], *numbers: Any) -> Array:
    """Launches a kernel over all elements of a new array like the others."""
    x, dtype = arrays[0], dtype_name(arrays[0])
    y, count = device.empty(x.shape, dtype), prod(x.shape)
    if count:
        grid = (grid_size(blocks_for(count, ELEMENTS_PER_BLOCK), MOST_BLOCKS),)
        load_kernels(device, source, dtype).launch(name, grid, (THREADS,), *arrays, y, count, *numbers)
    return y
