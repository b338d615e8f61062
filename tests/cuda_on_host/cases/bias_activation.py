"""bias_activation.cu: equal bit for bit to the bias, the activation and the sums of separate launches."""

from __future__ import annotations

from collections.abc import Iterator

from tests.cuda_on_host.cases.check import Check, exact, random
from xdl.kernels.cuda.elementwise.formulas import NUMBERS, activation_backward, activation_forward
from xdl.kernels.cuda.launch import Device
from xdl.kernels.cuda.products.linear_activation import bias_activation_backward, bias_activation_forward
from xdl.kernels.cuda.reduce.column_sum import column_sum


def bias_activation(device: Device, real: str, small: bool) -> Iterator[Check]:
    """Columns that are no multiple of 32, more rows than a block and than a slice; what reads y, and what reads z."""
    for rows, columns in ((3, 37),) if small else ((3, 37), (70, 32), (1030, 5), (0, 4), (4, 0)):
        product, bias = random((rows, columns), real, 0, 2), random((columns,), real, 1)
        g = device.to_device(random((rows, columns), real, 2))
        for name, reads_y in (("relu", True), ("gelu", False), ("gelu_tanh", False)):
            where, formula = f"{name} {rows}x{columns}", (NUMBERS[name], ())
            z, written = device.to_device(product + bias), device.to_device(product)
            y = activation_forward(device, z, formula)
            found = bias_activation_forward(device, written, device.to_device(bias), formula[0], not reads_y)
            yield exact(f"y {where}", device, found, device.to_host(y))
            if not reads_y:
                yield exact(f"z {where}", device, written, device.to_host(z))
            dz = activation_backward(device, g, y if reads_y else z, formula)
            found_dz, db = bias_activation_backward(device, g, y if reads_y else z, formula[0])
            yield exact(f"dz {where}", device, found_dz, device.to_host(dz))
            yield exact(f"db {where}", device, db, device.to_host(column_sum(device, dz)))
