"""The different values of a tensor."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import kinds, namespaces
from xdl.functional.index.order import order_of
from xdl.functional.reduce.reduce import dims_of
from xdl.observe import host_read
from xdl.tensor import Tensor


def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different values of x (any shape), (n,), in ascending order also without `sorted`; no gradient.

    As a tuple with, in this order, where asked for: for each element of x the index of its value (int64, x's shape);
    how often each value occurs (int64, (n,)). Every nan is a value of its own. The size n is a value: a device has to
    be waited for. dim: the different slices along it, in the order of their elements.
    """
    host_read("unique", input.array)
    if dim is not None:
        return _unique_slices(input, dim, return_inverse, return_counts)
    if kinds[input.array.dtype] == "bool":
        values, *rest = unique(input.to("int64"), True, True, True)
        found = (values.to("bool"), *rest)
    else:
        found = _unique(input)
    chosen = [t for t, wanted in zip(found, (True, return_inverse, return_counts), strict=True) if wanted]
    return tuple(chosen) if len(chosen) > 1 else chosen[0]


def _unique_slices(input: Tensor, dim: int, return_inverse: bool, return_counts: bool) -> Any:
    (d,) = dims_of("unique", input.ndim, dim)
    n = input.shape[d]
    moved = input.movedim(d, 0)
    rows = moved.reshape(n, prod(moved.shape[1:])).array
    xp = namespaces[type(rows)]
    keys = xp.astype(rows, xp.int64) if kinds[rows.dtype] == "bool" else rows
    order = xp.arange(n, device=rows.device)
    for column in range(keys.shape[1] - 1, -1, -1):  # stable sorts, the first element's last
        order = xp.take(order, order_of(xp.take(keys[:, column], order), 0, False))
    ordered = xp.take(keys, order, axis=0)
    first = xp.ones(n, dtype=xp.bool, device=rows.device)
    first[1:] = xp.any(ordered[1:, :] != ordered[:-1, :], axis=1)
    (starts,) = xp.nonzero(first)
    number = xp.cumulative_sum(xp.astype(first, xp.int64)) - 1
    values = input.index_select(d, Tensor(xp.take(order, starts)))
    ends = xp.concat([starts[1:], xp.full((min(n, 1),), n, dtype=starts.dtype, device=rows.device)])
    inverse = Tensor(xp.take(number, order_of(order, 0, False)))
    rest = [t for t, wanted in ((inverse, return_inverse), (Tensor(ends - starts), return_counts)) if wanted]
    return (values, *rest) if rest else values


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
