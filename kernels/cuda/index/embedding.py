"""Launches of embedding.cu and sort.cu. Notation: tokens int64 [n], weight [V, D], y [n, D]."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.index.embedding import embedding_pair
from xdl.functional.index.select import sum_at_slot

from ..launch import Device, blocks_for, launch_planes, load_kernels
from ..signature import REALS
from ..sizes import check_size
from ..slots import dense, device_of, flag_of, register

THREADS = 256


def embedding_forward(device: Device, weight: Array, tokens: Array, bad_token: Array) -> Array:
    """y = weight[tokens]. bad_token: uint32 [1], becomes 1 where a token is outside [0, V)."""
    count, (vocabulary, width) = tokens.shape[0], weight.shape
    y = device.empty((count, width), dtype_name(weight))
    arrays = (weight, tokens, y, bad_token)
    launch_planes(device, "embedding.cu", "embedding_forward", y.reshape(count, 1, width), arrays, (vocabulary, width))
    return y


def embedding_backward(device: Device, g: Array, tokens: Array, vocabulary: int) -> Array:
    """dweight [V, D] from the gradient g [n, D] of y; tokens outside [0, V) take no part."""
    count, width = g.shape
    dweight = device.empty((vocabulary, width), dtype_name(g))
    order = sort_positions(device, tokens, vocabulary)
    if vocabulary * width:
        kernels = load_kernels(device, "embedding.cu", dtype_name(g))
        threads = min(THREADS, 32 * blocks_for(width, 32))
        kernels.launch("embedding_backward", (vocabulary,), (threads,), g, tokens, order, dweight, count, width)
    return dweight


def sort_positions(device: Device, tokens: Array, vocabulary: int) -> Array:
    """int32 positions that sort the tokens, equal ones in their order; tokens outside [0, vocabulary) last."""
    count = tokens.shape[0]
    check_size("embedding", "tokens", count)
    if not count:
        return device.empty((0,), "int32")
    blocks = blocks_for(count, THREADS)
    kernels = load_kernels(device, "sort.cu")
    counts = device.empty((256, blocks), "int32")
    order, other = None, [device.empty((count,), "int32") for _ in range(2)]
    for shift in range(0, max(1, vocabulary.bit_length()), 8):
        kernels.launch("radix_count", (blocks,), (THREADS,), tokens, order, counts, count, vocabulary, shift)
        kernels.launch("radix_offsets", (1,), (THREADS,), counts, blocks)
        target = other.pop()
        numbers = (count, vocabulary, shift)
        kernels.launch("radix_scatter", (blocks,), (THREADS,), tokens, order, counts, target, *numbers)
        if order is not None:
            other.append(order)
        order = target
    return order


@register(embedding_pair)
class embedding_cuda:
    """y = w[ids]; saved: ids and V. An index outside sets the backend's flag."""

    @staticmethod
    def forward(w: Array, ids: Array) -> tuple[Array, Any]:
        tokens = _int64(ids)
        return embedding_forward(device_of(w), dense(w), tokens, flag_of(w)), (tokens, w.shape[0])

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array, None]:
        return embedding_backward(device_of(g), dense(g), *saved), None


def _real(x: Array, *_: Any) -> bool:
    return dtype_name(x) in REALS


@register(sum_at_slot, when=_real, why="float32 and float64")
class sum_at_cuda:
    """y[:, v] = the sum of x[:, i] (A, n, B) over ids[i] = v, in the order of i."""

    @staticmethod
    def forward(x: Array, ids: Array, v: int) -> tuple[Array, None]:
        a, n, b = x.shape
        rows = dense(x.transpose(1, 0, 2)).reshape(n, a * b)
        y = embedding_backward(device_of(x), rows, _int64(ids), v)
        return dense(y.reshape(v, a, b).transpose(1, 0, 2)), None


def _int64(ids: Array) -> Array:
    xp = namespaces[type(ids)]
    return dense(xp.astype(ids, xp.int64, copy=False))
