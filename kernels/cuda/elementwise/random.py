"""Launches of random.cu and dropout.cu. key: seed and stream, step: both as in xdl/random.py."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.elementwise.dropout import dropout_pair, scale
from xdl.functional.elementwise.dropout_add import dropout_add_slot
from xdl.random.philox import philox_words as philox_words_slot
from xdl.random.philox import word_pieces

from ..launch import Device, blocks_for, load_kernels
from ..slots import dense, device_of, register

THREADS = 256
ELEMENTS_PER_BLOCK = 4096


def philox_words(device: Device, key: tuple[int, int], step: int, first: int, count: int) -> Array:
    """`count` uint64 words of a step, from Philox block `first` on."""
    words = device.empty((count,), "uint64")
    if count:
        grid = (blocks_for(count, 4 * THREADS),)
        load_kernels(device, "random.cu").launch("philox_words", grid, (THREADS,), words, count, *key, step, first)
    return words


def dropout_forward(
    device: Device, x: Array, drop: int, scale: float, key: tuple[int, int], step: int, r: Array | None = None
) -> tuple[Array, Array]:
    """y and the mask of kept elements. drop: of 65536, how many lanes drop an element; r: what is added to y."""
    y, keep = device.empty(x.shape, dtype_name(x)), device.empty(x.shape, "bool")
    count = prod(x.shape)
    if count:
        kernels = load_kernels(device, "dropout.cu", dtype_name(x))
        grid = (blocks_for(count, ELEMENTS_PER_BLOCK),)
        kernels.launch("dropout_forward", grid, (THREADS,), x, r, y, keep, count, *key, step, drop, scale)
    return y, keep


def dropout_backward(device: Device, g: Array, keep: Array, scale: float) -> Array:
    """dx from the gradient g of y."""
    dx = device.empty(g.shape, dtype_name(g))
    count = prod(g.shape)
    if count:
        kernels = load_kernels(device, "dropout.cu", dtype_name(g))
        kernels.launch("dropout_backward", (blocks_for(count, THREADS),), (THREADS,), g, keep, dx, count, scale)
    return dx


@register(philox_words_slot)
class philox_words_cuda:
    """The words of one step."""

    @staticmethod
    def forward(like: Array, key: tuple[int, int], step: int, first: int, n: int) -> tuple[Array, None]:
        return philox_words(device_of(like), key, step, first, n), None


@register(word_pieces)
class word_pieces_cuda:
    """The words as they lie in memory, lowest bits first: no launch."""

    @staticmethod
    def forward(words: Array, bits: int) -> tuple[Array, None]:
        return dense(words).view(f"uint{bits}"), None


@register(dropout_pair)
class dropout_cuda:
    """y = x keep scale; saved: keep and drop."""

    @staticmethod
    def forward(x: Array, drop: int, key: tuple[int, int], step: int) -> tuple[Array, tuple[Array, int]]:
        y, keep = dropout_forward(device_of(x), dense(x), drop, scale(drop), key, step)
        return y, (keep, drop)

    @staticmethod
    def backward(g: Array, saved: tuple[Array, int], needs: Any) -> tuple[Array]:
        keep, drop = saved
        return (dropout_backward(device_of(g), dense(g), keep, scale(drop)),)


@register(dropout_add_slot)
class dropout_add_cuda:
    """y = r + x keep scale; saved: what gives dx, keep and drop."""

    @staticmethod
    def forward(
        x: Array, r: Array, drop: int, key: tuple[int, int], step: int
    ) -> tuple[Array, tuple[type, tuple[Array, int]]]:
        y, keep = dropout_forward(device_of(x), dense(x), drop, scale(drop), key, step, dense(r))
        return y, (dropout_cuda, (keep, drop))
