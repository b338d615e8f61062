"""The different values of a tensor."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import kinds, namespaces
from xdl.functional.index.order import order_of
from xdl.tensor import Tensor


def unique(input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False) -> Any:
    """The different values of x (any shape), (n,), in ascending order also without `sorted`; no gradient.

    As a tuple with, in this order, where asked for: for each element of x the index of its value (int64, x's shape);
    how often each value occurs (int64, (n,)). Every nan is a value of its own. The size n is a value: a device has to
    be waited for.
    """
    if kinds[input.array.dtype] == "bool":
        values, *rest = unique(input.to("int64"), True, True, True)
        found = (values.to("bool"), *rest)
    else:
        found = _unique(input)
    chosen = [t for t, wanted in zip(found, (True, return_inverse, return_counts), strict=True) if wanted]
    return tuple(chosen) if len(chosen) > 1 else chosen[0]


def _unique(input: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    x, n = input.array, prod(input.shape)
    xp = namespaces[type(x)]
    flat = xp.reshape(x, (n,))
    if not n:
        none = xp.zeros(x.shape, dtype=xp.int64, device=x.device)
        return Tensor(flat), Tensor(none), Tensor(xp.reshape(none, (0,)))
    order = order_of(flat, 0, False)
    ordered = xp.take(flat, order)
    first = xp.concat([xp.ones(1, dtype=xp.bool, device=x.device), ordered[1:] != ordered[:-1]])
    (starts,) = xp.nonzero(first)
    ends = xp.concat([starts[1:], xp.full(1, n, dtype=starts.dtype, device=x.device)])
    number = xp.cumulative_sum(xp.astype(first, xp.int64)) - 1
    inverse = xp.take(number, order_of(order, 0, False))
    return Tensor(xp.take(ordered, starts)), Tensor(xp.reshape(inverse, x.shape)), Tensor(ends - starts)
