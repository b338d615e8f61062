"""bias_activation.cu: equal bit for bit to the bias, the activation and the sums of separate launches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.cuda_on_host.cases.check import Check, exact, random
from xdl.backend import Array
from xdl.kernels.cuda.conv.conv_activation import plane_activation_backward, plane_activation_forward
from xdl.kernels.cuda.elementwise.formulas import Formula, activation_backward, activation_forward, formula_named
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.products.linear_activation import bias_activation_backward, bias_activation_forward
from xdl.kernels.cuda.reduce.column_sum import channel_sum, column_sum

FORMULAS = ((("relu",), True), (("gelu",), False), (("gelu_tanh",), False), (("leaky_relu", 0.2), False))
Forward = Callable[[Device, Array, Array, Formula, bool], Array]
Backward = Callable[[Device, Array, Array, Formula], tuple[Array, Array]]


def bias_activation(device: Device, real: str, small: bool) -> Iterator[Check]:
    """Columns that are no multiple of 32, more rows than a block and than a slice; planes that are small and larger
    than a block, channels of more than a slice, and none.
    """
    for rows, columns in ((3, 37),) if small else ((3, 37), (70, 32), (1030, 5), (0, 4), (4, 0)):
        yield from _each(device, real, (rows, columns), bias_activation_forward, bias_activation_backward, column_sum)
    for shape in (
        ((2, 3, 5, 7),) if small else ((2, 3, 5, 7), (3, 2, 65, 70), (70, 5, 1, 1), (0, 2, 3, 3), (2, 3, 0, 4))
    ):
        yield from _each(device, real, shape, plane_activation_forward, plane_activation_backward, channel_sum)


def _each(
    device: Device, real: str, shape: tuple[int, ...], forward: Forward, backward: Backward, sums: Any
) -> Iterator[Check]:
    product, bias = random(shape, real, 0, 2), random((shape[1],), real, 1)
    g = device.to_device(random(shape, real, 2))
    for f, reads_y in FORMULAS:
        where, formula = f"{f[0]} {shape}", formula_named(f)
        z, written = device.to_device(product + bias.reshape(-1, *[1] * (len(shape) - 2))), device.to_device(product)
        y = activation_forward(device, z, formula)
        found = forward(device, written, device.to_device(bias), formula, not reads_y)
        yield exact(f"y {where}", device, found, device.to_host(y))
        if not reads_y:
            yield exact(f"z {where}", device, written, device.to_host(z))
        dz = activation_backward(device, g, y if reads_y else z, formula)
        found_dz, db = backward(device, g, y if reads_y else z, formula)
        yield exact(f"dz {where}", device, found_dz, device.to_host(dz))
        yield exact(f"db {where}", device, db, device.to_host(sums(device, dz)))
