"""Launches of along.cu. Notation: x [outer, n, inner], indices int64 [outer, k, inner], y [outer, k, inner]."""

from __future__ import annotations

from math import prod

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.index.along import along, put_along

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..slots import dense, device_of, register
from .put_items import WORDS, of_words

THREADS, MOST_BLOCKS = 256, 1 << 14


def copy_along(device: Device, name: str, source: Array, indices: Array, target: Array, dim: int, n: int) -> None:
    """target = source at the indices along dim, of size n in x ("along"); or the way back into zeros ("put_along")."""
    count, size = prod(indices.shape), source.dtype.itemsize
    if count:
        arrays = source.view(WORDS[size]), indices, target.view(WORDS[size])
        grid = (grid_size(blocks_for(count, THREADS), MOST_BLOCKS),)
        sizes = (count, n, indices.shape[dim], prod(indices.shape[dim + 1 :]))
        load_kernels(device, "along.cu").launch(f"{name}_{size}", grid, (THREADS,), *arrays, *sizes)


@register(along, when=of_words, why="numbers of 1, 4 or 8 bytes")
class along_cuda:
    """y = x at the indices along dim >= 0."""

    @staticmethod
    def forward(x: Array, indices: Array, dim: int) -> tuple[Array, None]:
        device = device_of(x)
        y = device.empty(indices.shape, dtype_name(x))
        copy_along(device, "along", dense(x), dense(indices), y, dim, x.shape[dim])
        return y, None


@register(put_along, when=of_words, why="numbers of 1, 4 or 8 bytes")
class put_along_cuda:
    """Zeros, and y at the indices along dim >= 0."""

    @staticmethod
    def forward(y: Array, indices: Array, dim: int, n: int) -> tuple[Array, None]:
        x = namespaces[type(y)].zeros((*y.shape[:dim], n, *y.shape[dim + 1 :]), dtype=y.dtype)
        copy_along(device_of(y), "put_along", dense(y), dense(indices), x, dim, n)
        return x, None
