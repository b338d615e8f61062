"""Launches of pad.cu. Notation: x [planes, n0, n1, n2], y [planes, m0, m1, m2], (low, high) for each n."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.shape.pad import PadPair, Pairs, pad_pair

from ..launch import Device, launch_planes
from ..signature import REALS
from ..slots import PRIORITY, dense, device_of, register

MODES = {"constant": 0, "reflect": 1, "replicate": 2, "circular": 3}
PADDED = 3  # dimensions of a plane
Shape = tuple[int, ...]


def pad_forward(device: Device, x: Array, pairs: Pairs, mode: str, value: float) -> Array:
    """y for x of four dimensions, the first of which the three pairs leave as it is."""
    sizes, out = x.shape[1:], _padded(x.shape[1:], pairs)
    y = device.empty((x.shape[0], *out), dtype_name(x))
    numbers = (*sizes, *out, *(low for low, _ in pairs), MODES[mode], value)
    launch_planes(device, "pad.cu", "pad_forward", y.reshape(x.shape[0], 1, *out), (x, y), numbers)
    return y


def pad_backward(device: Device, g: Array, sizes: Shape, pairs: Pairs, mode: str) -> Array:
    """dx [planes, n0, n1, n2] from the gradient g of y. sizes: n0, n1, n2."""
    dx = device.empty((g.shape[0], *sizes), dtype_name(g))
    numbers = (*sizes, *g.shape[1:], *(low for low, _ in pairs), MODES[mode])
    launch_planes(device, "pad.cu", "pad_backward", dx.reshape(g.shape[0], 1, *sizes), (g, dx), numbers)
    return dx


@lru_cache(maxsize=1024)
def as_planes(shape: Shape, pairs: Pairs) -> tuple[Shape, Pairs] | None:
    """The same padding with four dimensions, the first of them unpadded, and the pairs of the others; None if none is.

    Unpadded dimensions beside each other become one.
    """
    sizes: list[int] = []
    amounts: list[tuple[int, int]] = []
    for n, pair in zip(shape, pairs, strict=True):
        if amounts and pair == amounts[-1] == (0, 0):
            sizes[-1] *= n
        else:
            sizes.append(n)
            amounts.append(pair)
    planes = sizes.pop(0) if amounts and amounts[0] == (0, 0) else 1
    amounts = amounts[len(amounts) - len(sizes) :]
    missing = PADDED - len(sizes)
    if missing < 0:
        return None
    return (planes, *(1,) * missing, *sizes), (*((0, 0),) * missing, *amounts)


def _fits(x: Array, pairs: Pairs, *_: Any) -> bool:
    return dtype_name(x) in REALS and as_planes(x.shape, pairs) is not None


@register(pad_pair, when=_fits, why="float32 and float64, at most three dimensions from the first padded to the last")
class pad_cuda:
    """y; saved: the shapes and the amounts."""

    @staticmethod
    def forward(x: Array, pairs: Pairs, mode: str, value: float) -> tuple[Array, Any]:
        planes = as_planes(x.shape, pairs)
        assert planes is not None
        shape, amounts = planes
        y = pad_forward(device_of(x), dense(x).reshape(shape), amounts, mode, value)
        return y.reshape(_padded(x.shape, pairs)), (x.shape, shape, amounts, mode)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        size, shape, amounts, mode = saved
        g_planes = dense(g).reshape(shape[0], *_padded(shape[1:], amounts))
        return (pad_backward(device_of(g), g_planes, shape[1:], amounts, mode).reshape(size),)


register(pad_pair, priority=PRIORITY - 1)(PadPair)


def _padded(shape: Shape, pairs: Pairs) -> Shape:
    return tuple([n + low + high for n, (low, high) in zip(shape, pairs, strict=True)])
