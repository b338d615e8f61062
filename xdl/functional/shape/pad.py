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
from xdl.backend import namespaces
from xdl.errors import SettingError, ShapeError, nearest
from xdl.functional.index.indexing import unslice
from xdl.functional.index.select import take
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor

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
    if mode == "constant":
        return _constant(input, pairs, shape, value)
    y = input
    for d, (low, high) in enumerate(pairs):
        if low or high:
            n = input.shape[d]
            _check_source(mode, n, max(low, high), input.shape)
            # "circular" goes around what a cut leaves, the others reach over the cut
            start, stop = (max(-low, 0), n - max(-high, 0)) if mode == "circular" else (0, n)
            places = [start + SOURCES[mode](i - start, stop - start) for i in range(-low, n + high)]
            y = take(y, backend.of(input.array).asarray(places, "int64"), d)
    return y


def _check_source(mode: str, n: int, amount: int, shape: tuple[int, ...]) -> None:
    most = {"reflect": n - 1, "replicate": amount if n else 0, "circular": n}[mode]
    if amount > most:
        raise ShapeError("pad", f"at most {most} elements of padding in mode {mode!r} for shape {shape}", amount)


def _constant(input: Tensor, pairs: list[tuple[int, int]], shape: tuple[int, ...], value: float) -> Tensor:
    inside = tuple([slice(max(low, 0), n - max(high, 0)) for n, (low, high) in zip(shape, pairs, strict=True)])
    kept = tuple([slice(max(-low, 0), n - max(-high, 0)) for n, (low, high) in zip(input.shape, pairs, strict=True)])
    x = input.array
    y = namespaces[type(x)].full(shape, value, dtype=x.dtype, device=x.device)
    y[inside] = x[kept]
    return record(y, (edge(input),), partial(_pad_rule, inside, kept, input.shape))


def _pad_rule(inside: Any, kept: Any, shape: Any, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (unslice(g[inside], kept, shape),)
