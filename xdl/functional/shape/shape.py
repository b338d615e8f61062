"""Shape: functions that move elements and compute nothing. Results share memory with the input where they can.

Views are made by `share`, so that an in-place write through either is seen by the tape.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

from xdl.backend import namespaces
from xdl.errors import ShapeError
from xdl.functional import either
from xdl.functional.aliases import share
from xdl.functional.operands import broadcast_shape, in_common_dtype, same_backend
from xdl.functional.reduce.reduce import dims_of
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor


def reshape(input: Tensor, *shape: int | Sequence[int]) -> Tensor:
    """The same elements in another shape, C order; one size may be -1. Raises ShapeError if the counts differ."""
    wanted = sizes_of(shape)
    old = tuple(input.array.shape)
    known = prod(size for size in wanted if size != -1)
    holes = wanted.count(-1)
    if holes > 1 or (holes and (known == 0 or prod(old) % known)) or (not holes and prod(old) != known):
        raise ShapeError("reshape", f"a shape of {prod(old)} elements (from {old})", wanted)
    y, rule = namespaces[type(input.array)].reshape(input.array, wanted), partial(_reshape_rule, old)
    return share(record(y, (input.node or input,), rule), input, rule, either.reshape, y.shape)


def _reshape_rule(shape: tuple[int, ...], needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (either.reshape(g, shape),)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Merges the dimensions start_dim to end_dim (inclusive) into one; a 0-d tensor becomes (1,)."""
    if input.ndim == 0:
        return reshape(input, 1)
    start, end = dims_of("flatten", input.ndim, start_dim)[0], dims_of("flatten", input.ndim, end_dim)[0]
    if start > end:
        raise ShapeError("flatten", "start_dim <= end_dim", f"{start_dim} and {end_dim} for shape {input.shape}")
    old = input.shape
    return reshape(input, *old[:start], prod(old[start : end + 1]), *old[end + 1 :])


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Splits dimension dim into several of these sizes, one of which may be -1: the inverse of `flatten`.

    Raises ShapeError unless their product is the dimension's size.
    """
    (d,) = dims_of("unflatten", input.ndim, dim)
    size, known = input.shape[d], prod(n for n in sizes if n != -1)
    if not sizes or (size % known if known and -1 in sizes else size != known):
        raise ShapeError("unflatten", f"sizes whose product is {size}", tuple(sizes))
    return reshape(input, *input.shape[:d], *[size // known if n == -1 else n for n in sizes], *input.shape[d + 1 :])


def permute(input: Tensor, *dims: int | Sequence[int]) -> Tensor:
    """Reorders the dimensions: y.shape[i] = x.shape[dims[i]]. Raises ShapeError unless dims names each once."""
    order = dims_of("permute", input.ndim, sizes_of(dims))
    if len(order) != input.ndim:
        raise ShapeError("permute", f"{input.ndim} dims", order)
    inverse = tuple([order.index(i) for i in range(len(order))])
    y, rule = namespaces[type(input.array)].permute_dims(input.array, order), partial(_permute_rule, inverse)
    return share(record(y, (input.node or input,), rule), input, rule, either.permute, order)


def _permute_rule(inverse: tuple[int, ...], needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (either.permute(g, inverse),)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchanges two dimensions."""
    (a,), (b,) = dims_of("transpose", input.ndim, dim0), dims_of("transpose", input.ndim, dim1)
    order = list(range(input.ndim))
    order[a], order[b] = b, a
    return permute(input, order)


def expand(input: Tensor, *shape: int | Sequence[int]) -> Tensor:
    """x broadcast to a shape (-1 keeps a size). Raises ShapeError if x does not broadcast to it."""
    wanted = sizes_of(shape)
    extra = len(wanted) - input.ndim
    full = tuple([input.shape[i - extra] if size == -1 and i >= extra else size for i, size in enumerate(wanted)])
    if extra < 0 or broadcast_shape("expand", input.shape, full) != full:
        raise ShapeError("expand", f"a shape that {input.shape} broadcasts to", wanted)
    y, rule = namespaces[type(input.array)].broadcast_to(input.array, full), _expand_rule
    return share(record(y, (input.node or input,), rule), input, rule, None)


def _expand_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g,)  # the engine sums over what was repeated


def squeeze(input: Tensor, dim: int | tuple[int, ...] | None = None) -> Tensor:
    """Removes the dimensions of size 1, all or those among dim."""
    dims = dims_of("squeeze", input.ndim, dim) if input.ndim else ()
    return reshape(input, [size for i, size in enumerate(input.shape) if not (i in dims and size == 1)])


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Adds a dimension of size 1 at position dim."""
    (d,) = dims_of("unsqueeze", input.ndim + 1, dim)
    return reshape(input, [*input.shape[:d], 1, *input.shape[d:]])


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Joins tensors along a dimension, in their common dtype (`promote_types`).

    Raises ShapeError unless all other sizes agree.
    """
    if not tensors:
        raise ShapeError("cat", "at least one tensor", "none")
    first = tensors[0]
    (d,) = dims_of("cat", first.ndim, dim) if first.ndim else (0,)
    for i, t in enumerate(tensors):
        same_backend("cat", **{"tensors_0": first, f"tensors_{i}": t})
        if (
            t.ndim != first.ndim
            or t.ndim == 0
            or any(a != b for j, (a, b) in enumerate(zip(t.shape, first.shape, strict=True)) if j != d)
        ):
            raise ShapeError("cat", f"tensors[{i}] of shape {first.shape} but for dim {dim}", t.shape)
    if len({t.array.dtype for t in tensors}) > 1:
        tensors = in_common_dtype(tensors)
    sizes = [t.shape[d] for t in tensors]
    y = namespaces[type(first.array)].concat([t.array for t in tensors], axis=d)
    return record(y, tuple([edge(t) for t in tensors]), partial(_cat_rule, d, sizes))


def _cat_rule(d: int, sizes: list[int], needs: Any, g: Any, y: Any, saved: Any, *inputs: Any) -> tuple[Any, ...]:
    before = (slice(None),) * d
    after = (slice(None),) * (len(g.shape) - d - 1)
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return tuple([g[(*before, slice(end - size, end), *after)] for size, end in zip(sizes, ends, strict=True)])


def sizes_of(given: tuple[Any, ...]) -> tuple[int, ...]:
    """Both spellings of a shape: f(x, 2, 3) and f(x, (2, 3))."""
    if len(given) == 1 and not isinstance(given[0], int):
        return tuple(given[0])
    return given
