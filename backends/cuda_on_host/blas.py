"""A BLAS for the host device: the strided, batched product as cuBLAS takes it, pointers and all, by NumPy."""

from __future__ import annotations

import ctypes

import numpy as np

from xdl.errors import BackendError
from xdl.kernels.cuda.products.gemm import Product

C_TYPES = {"float32": ctypes.c_float, "float64": ctypes.c_double}


def strided_batched(call: Product, a: int, b: int, out: int) -> None:
    """The products of all matrices of the batch. Raises BackendError for what cuBLAS refuses: rows that overlap."""
    m, n, k, batch = call.m, call.n, call.k, call.batch
    sides = list(zip((*call.transposed, False), ((m, k), (k, n), (m, n)), call.rows, strict=True))
    for transposed, (rows, columns), row in sides:
        if row < max(1, rows if transposed else columns):
            raise BackendError("gemm", "rows that do not overlap", f"{rows} x {columns} with {row} elements a row")
    for i in range(batch):
        x, y, z = (
            _matrix(call.dtype, address, i * (stride or 0), *side)
            for address, stride, side in zip((a, b, out), call.strides, sides, strict=True)
        )
        product = x @ y
        z[...] = z + product if call.accumulate else product


def _matrix(dtype: str, address: int, ahead: int, transposed: bool, size: tuple[int, int], row: int) -> np.ndarray:
    """The matrix that begins `ahead` elements behind the address. row: elements from a row in memory to the next."""
    rows, columns = size
    if transposed:
        return _matrix(dtype, address, ahead, False, (columns, rows), row).T
    width = np.dtype(dtype).itemsize
    memory = (C_TYPES[dtype] * ((rows - 1) * row + columns)).from_address(address + ahead * width)
    return np.lib.stride_tricks.as_strided(np.ctypeslib.as_array(memory), (rows, columns), (row * width, width))
