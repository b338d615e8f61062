"""Launches of put_items.cu. Notation: ids int64 [n], values [n, D], x [V, D]."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional.index.assign import put_items
from xdl.functional.index.indexing import read
from xdl.tensor import Tensor

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..slots import dense, device_of, flag_of, register

THREADS = 256
WORDS = {1: "uint8", 4: "uint32", 8: "uint64"}  # how a number of so many bytes is copied


def put_rows(device: Device, x: Array, ids: Array, values: Array, writers: Array, bad_index: Array) -> None:
    """x[ids] = values in place. writers: int32 [V] of -1; bad_index: uint32 [1], becomes 1 for an index outside."""
    (rows, width), count = x.shape, ids.shape[0]
    if rows * width and count:
        kernels = load_kernels(device, "put_items.cu")
        kernels.launch("find_writers", (blocks_for(count, THREADS),), (THREADS,), ids, writers, bad_index, count, rows)
        size = x.dtype.itemsize
        words = values.view(WORDS[size]), ids, writers, x.view(WORDS[size])
        threads = min(THREADS, 32 * blocks_for(width, 32))
        grid = (blocks_for(width, threads), grid_size(count))
        kernels.launch(f"put_rows_{size}", grid, (threads,), *words, count, rows, width)


def of_words(x: Array, *_: Any) -> bool:
    """Whether kernels can copy numbers of x's size."""
    return x.dtype.itemsize in WORDS


@register(put_items, when=of_words, why="numbers of 1, 4 or 8 bytes")
class put_items_cuda:
    """x[parts] = value: rows of x where the key is one array for its first dimension, else single elements."""

    @staticmethod
    def forward(x: Array, parts: tuple[Any, ...], value: Any) -> tuple[Array, None]:
        xp, target = namespaces[type(x)], dense(x)
        if _of_rows(x, parts):
            ids, shape, table = parts[0], (*parts[0].shape, *x.shape[1:]), (x.shape[0], prod(x.shape[1:]))
        else:
            ids = read(Tensor(xp.reshape(xp.arange(x.size, dtype=xp.int64), x.shape)), parts).array
            shape, table = ids.shape, (x.size, 1)
        if ids.size and x.size:
            if isinstance(value, bool | int | float):
                values = xp.full((ids.size, table[1]), value, dtype=x.dtype)
            else:
                values = dense(xp.broadcast_to(value, shape)).reshape(ids.size, table[1])
            writers = xp.full((table[0],), -1, dtype=xp.int32)
            device, flat = device_of(x), target.reshape(table)
            put_rows(device, flat, dense(ids).reshape(ids.size), values, writers, flag_of(x))
            if target is not x:
                device.copy(target, x)
        return x, None


def _of_rows(x: Array, parts: tuple[Any, ...]) -> bool:
    """Whether the key is an array for the first dimension and all of the others."""
    first, *others = parts
    whole = [
        isinstance(part, slice) and part == slice(0, size, 1) for part, size in zip(others, x.shape[1:], strict=False)
    ]
    return hasattr(first, "shape") and len(others) == x.ndim - 1 and all(whole)
