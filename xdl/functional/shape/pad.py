"""Padding: more elements at the ends of dimensions.

    constant:   v v | a b c d | v v          reflect:    c b | a b c d | c b
    replicate:  a a | a b c d | d d          circular:   c d | a b c d | a b

`pad` = (left, right) of the last dimension, then of the one before, and so on. Negative amounts cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import SettingError, ShapeError, nearest
from xdl.functional.index.indexing import unslice
from xdl.functional.index.select import sum_at, take
from xdl.kernel import Kernel, Version
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor

Pair = tuple[int, int]
Pairs = tuple[Pair, ...]
# the source in [0, n) of position i, which counts from the first element that is there before padding
SOURCES: dict[str, Callable[[int, int], int]] = {
    "reflect": lambda i, n: (n - 1) - abs((n - 1) - abs(i)),
    "replicate": lambda i, n: min(max(i, 0), n - 1),
    "circular": lambda i, n: i % n,
}


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float = 0.0) -> Tensor:
    """x of any shape and dtype with padding, as the module docstring draws it; `value` is for mode "constant".

    Raises ShapeError for an odd count, cuts that leave a negative size, or more than x has to give ("reflect" takes
    less than the size, "circular" at most the size, "replicate" needs one element); SettingError for another mode.
    """
    if mode != "constant" and mode not in SOURCES:
        raise SettingError("pad", "a known mode", repr(mode), nearest(str(mode), [*SOURCES, "constant"]))
    if len(pad) % 2 or len(pad) > 2 * input.ndim:
        raise ShapeError("pad", f"an even number of amounts, at most {2 * input.ndim}", tuple(pad))
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)][::-1]
    pairs = [(0, 0)] * (input.ndim - len(pairs)) + pairs
    shape = tuple([size + low + high for size, (low, high) in zip(input.shape, pairs, strict=True)])
    if min(shape, default=0) < 0:
        raise ShapeError("pad", f"cuts that leave sizes of at least 0 from {input.shape}", tuple(pad))
    if mode != "constant":
        for n, amounts in zip(input.shape, pairs, strict=True):
            _check_source(mode, n, amounts, input.shape)
    return _padded(input, tuple(pairs), mode, value)


def _padded(x: Tensor, pairs: Pairs, mode: str, value: float) -> Tensor:
    version, y, saved = pad_pair(x.array, pairs, mode, value)
    return record(y, (edge(x),), partial(_pad_rule, version, saved, pairs, mode), saved, version)


def _pad_rule(
    version: Version, saved: Any, pairs: Pairs, mode: str, needs: Any, g: Any, y: Any, _: Any, x: Any
) -> tuple[Any]:
    """The backward pass in Tensors: padding is linear, so the gradient of its adjoint is padding by zeros again."""
    assert version.backward is not None
    (dx,) = version.backward(g.array, saved, needs)
    return (record(dx, (edge(g),), partial(_adjoint_rule, pairs, mode)),)


def _adjoint_rule(pairs: Pairs, mode: str, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (_padded(g, pairs, mode, 0.0) if isinstance(g, Tensor) else pad_pair(g, pairs, mode, 0.0)[1],)


def _check_source(mode: str, n: int, amounts: Pair, shape: tuple[int, ...]) -> None:
    amount = max(amounts)
    if not any(amounts):
        return
    most = {"reflect": n - 1, "replicate": amount if n else 0, "circular": n}[mode]
    start, stop = _around(n, amounts, mode)
    if amount > most or (stop <= start and n + sum(amounts)):
        raise ShapeError("pad", f"at most {most} elements of padding in mode {mode!r} for shape {shape}", amount)


def _around(n: int, amounts: Pair, mode: str) -> Pair:
    """What of a dimension of size n the padding repeats: "circular" goes around what a cut leaves, others reach over.

    (start, stop), from the amounts (low, high).
    """
    return (max(-amounts[0], 0), n - max(-amounts[1], 0)) if mode == "circular" else (0, n)


def _sources(x: Array, pairs: Pairs, mode: str) -> list[tuple[int, Array]]:
    """Of every dimension d that changes (d, the index in it that each place of y takes)."""
    ids = []
    for d, (n, (low, high)) in enumerate(zip(x.shape, pairs, strict=True)):
        if low or high:
            start, stop = _around(n, (low, high), mode)
            places = [start + SOURCES[mode](i - start, stop - start) for i in range(-low, n + high)]
            ids.append((d, backend.of(x).asarray(places, "int64")))
    return ids


def _parts(pairs: Pairs, shape: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """(inside, kept): constant padding has y[inside] = x[kept]."""
    ends = [(low, n + min(high, 0)) for n, (low, high) in zip(shape, pairs, strict=True)]
    inside = tuple([slice(max(low, 0), max(low + stop, 0)) for low, stop in ends])
    return inside, tuple([slice(max(-low, 0), max(stop, 0)) for low, stop in ends])


class PadPair:
    """y for x of any dtype, (low, high) of every dimension, a mode that has been checked; saved: the sources of y."""

    @staticmethod
    def forward(x: Array, pairs: Pairs, mode: str, value: float) -> tuple[Array, Any]:
        xp = namespaces[type(x)]
        if mode != "constant":
            y, sources = x, _sources(x, pairs, mode)
            for d, ids in sources:
                y = take(y, ids, d)
            return (xp.asarray(x, copy=True) if y is x else y), (x.shape, None, sources)
        inside, kept = _parts(pairs, x.shape)
        shape = tuple([n + low + high for n, (low, high) in zip(x.shape, pairs, strict=True)])
        y = xp.full(shape, value, dtype=x.dtype, device=x.device)
        y[inside] = x[kept]
        return y, (x.shape, (inside, kept), [])

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        shape, parts, sources = saved
        if parts is not None:
            return (unslice(g[parts[0]], parts[1], shape),)
        dx = g
        for d, ids in reversed(sources):
            dx = sum_at(dx, ids, d, shape[d])
        return (namespaces[type(g)].asarray(g, copy=True) if dx is g else dx,)


pad_pair = Kernel("pad", PadPair)
