"""A linear layer and its activation on a GPU: the product by the device's BLAS, the rest by bias_activation.cu."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.elementwise.following import F, only_own, reads_y
from xdl.functional.products.linear import linear_pair
from xdl.functional.products.linear_activation import LinearActivationPair, linear_activation_pair

from ..elementwise.formulas import Formula, activation_backward, activation_forward, formula_named, formula_numbers
from ..launch import Device, blocks_for, grid_size, load_kernels
from ..reduce.column_sum import column_sum, row_slices
from ..sizes import check_size
from ..slots import PRIORITY, dense, device_of, register
from .linear import linear_cuda, linear_product

ROWS_PER_BLOCK = 32


def bias_activation_forward(device: Device, product: Array, bias: Array, formula: Formula, keep: bool) -> Array:
    """y = f(product + bias), written over the product; with keep the sum is, and y is new."""
    rows, columns = product.shape
    check_size("bias_activation", "columns", columns)
    y = device.empty(product.shape, dtype_name(product)) if keep else product
    if rows and columns:
        kernels = load_kernels(device, "bias_activation.cu", dtype_name(product))
        grid = blocks_for(columns, 32), grid_size(blocks_for(rows, ROWS_PER_BLOCK))
        arguments = (product, bias, product if keep else None, y, rows, columns, *formula_numbers(formula))
        kernels.launch("bias_activation_forward", grid, (32, 8), *arguments)
    return y


def bias_activation_backward(device: Device, g: Array, x: Array, formula: Formula) -> tuple[Array, Array]:
    """dz and db. x: the sum, or y for those whose gradients read it."""
    rows, columns = g.shape
    length, slices = row_slices(rows)
    dtype = dtype_name(g)
    dz, sums = device.empty(g.shape, dtype), device.empty((slices, columns), dtype)
    if columns:
        kernels = load_kernels(device, "bias_activation.cu", dtype)
        grid = blocks_for(columns, 32), slices
        arguments = (g, x, dz, sums, rows, columns, length, *formula_numbers(formula))
        kernels.launch("bias_activation_backward", grid, (32, 8), *arguments)
    return dz, sums.reshape(columns) if slices == 1 else column_sum(device, sums)


def _only_own(x: Array, w: Array, b: Array | None, f: F) -> bool:
    del w, b
    return only_own(linear_pair, f, x)


register(linear_activation_pair)(LinearActivationPair)


@register(linear_activation_pair, when=_only_own, why="no versions of users", priority=PRIORITY + 1)
class linear_activation_cuda:
    """y = f(x w^T + b); saved: z (see `following.kept`), x, w, what f's gradient reads, and its formula."""

    @staticmethod
    def forward(x: Array, w: Array, b: Array | None, f: F) -> tuple[Array, Any]:
        device, formula = device_of(x), formula_named(f)
        product = linear_product(device, x, w)
        if b is None:
            y = activation_forward(device, product, formula)
        else:
            y = bias_activation_forward(device, product, dense(b), formula, not reads_y(f))
        z = None if reads_y(f) else product
        return y, (z, x, w, y if z is None else z, formula)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        _, x, w, read, formula = saved
        device, db = device_of(g), None
        if needs[2]:
            dz, db = bias_activation_backward(device, dense(g), read, formula)
        else:
            dz = activation_backward(device, dense(g), read, formula)
        return *linear_cuda.backward(dz, (x, w), (*needs[:2], False))[:2], db
