"""Shape: functions that move elements and compute nothing. Results share memory with the input where they can.

A view shares the input's write clock, so that an in-place write through either is seen by the tape.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError, ShapeError
from xdl.functional import either
from xdl.functional.operands import broadcast_shape, same_backend
from xdl.functional.reduce import dims_of
from xdl.tape import edge, record
from xdl.tensor import Tensor, write, write_clock


def _view(y: Array, x: Tensor, rule: Any) -> Tensor:
    out = record(y, (x.node or x,), rule)
    out._written = write_clock(x)
    return out


def reshape(input: Tensor, *shape: int | Sequence[int]) -> Tensor:
    """The same elements in another shape, C order; one size may be -1. Raises ShapeError if the counts differ."""
    wanted = _sizes(shape)
    old = tuple(input.data.shape)
    known = prod(size for size in wanted if size != -1)
    holes = wanted.count(-1)
    if holes > 1 or (holes and (known == 0 or prod(old) % known)) or (not holes and prod(old) != known):
        raise ShapeError("reshape", f"a shape of {prod(old)} elements (from {old})", wanted)
    return _view(namespaces[type(input.data)].reshape(input.data, wanted), input, partial(_reshape_rule, old))


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
    """Splits dimension dim into several of these sizes, one of which may be -1: the way back from `flatten`.

    Raises ShapeError unless their product is the dimension's size.
    """
    (d,) = dims_of("unflatten", input.ndim, dim)
    size, known = input.shape[d], prod(n for n in sizes if n != -1)
    if not sizes or (size % known if known and -1 in sizes else size != known):
        raise ShapeError("unflatten", f"sizes whose product is {size}", tuple(sizes))
    return reshape(input, *input.shape[:d], *[size // known if n == -1 else n for n in sizes], *input.shape[d + 1 :])


def permute(input: Tensor, *dims: int | Sequence[int]) -> Tensor:
    """Reorders the dimensions: y.shape[i] = x.shape[dims[i]]. Raises ShapeError unless dims names each once."""
    order = dims_of("permute", input.ndim, _sizes(dims))
    if len(order) != input.ndim:
        raise ShapeError("permute", f"{input.ndim} dims", order)
    inverse = tuple([order.index(i) for i in range(len(order))])
    return _view(namespaces[type(input.data)].permute_dims(input.data, order), input, partial(_permute_rule, inverse))


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
    wanted = _sizes(shape)
    extra = len(wanted) - input.ndim
    full = tuple([input.shape[i - extra] if size == -1 and i >= extra else size for i, size in enumerate(wanted)])
    if extra < 0 or broadcast_shape("expand", input.shape, full) != full:
        raise ShapeError("expand", f"a shape that {input.shape} broadcasts to", wanted)
    return _view(namespaces[type(input.data)].broadcast_to(input.data, full), input, _expand_rule)


def _expand_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g,)


def squeeze(input: Tensor, dim: int | tuple[int, ...] | None = None) -> Tensor:
    """Removes the dimensions of size 1, all or those among dim."""
    dims = dims_of("squeeze", input.ndim, dim) if input.ndim else ()
    return reshape(input, [size for i, size in enumerate(input.shape) if not (i in dims and size == 1)])


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Adds a dimension of size 1 at position dim."""
    (d,) = dims_of("unsqueeze", input.ndim + 1, dim)
    return reshape(input, [*input.shape[:d], 1, *input.shape[d:]])


def getitem(input: Tensor, key: Any) -> Tensor:
    """x[key] for integers, slices (positive steps or negative), None and ...: a view.

    Raises ShapeError for an index out of range or too many, DtypeError for another kind of key.
    """
    full = _full_key(input, key)
    return _view(input.data[full], input, partial(_getitem_rule, tuple(input.data.shape), full))


def _getitem_rule(shape: Any, key: Any, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (unslice(g, key, shape) if isinstance(g, Tensor) else _unslice(g, key, shape),)


def unslice(input: Tensor, key: Any, shape: tuple[int, ...]) -> Tensor:
    """The adjoint of `getitem`: zeros of `shape` with y[key] = x."""
    return record(_unslice(input.data, key, shape), (input.node or input,), partial(_unslice_rule, key))


def _unslice_rule(key: Any, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g[key],)


def _unslice(x: Array, key: Any, shape: tuple[int, ...]) -> Array:
    xp = namespaces[type(x)]
    y = xp.zeros(shape, dtype=x.dtype, device=x.device)
    if None in key:  # a new dimension is in x alone
        key = tuple([part for part in key if part is not None])
        x = xp.reshape(x, y[key].shape)
    y[key] = x
    return y


def setitem(input: Tensor, key: Any, value: Any) -> None:
    """x[key] = value in place, outside the tape (in no_grad() for a tensor that requires grad)."""
    full = _full_key(input, key)
    write(input)
    if isinstance(value, Tensor):
        same_backend("setitem", input=input, value=value)
        if kinds[value.data.dtype] != kinds[input.data.dtype]:
            raise DtypeError("setitem", f"a value of kind {input.dtype}", value.dtype)
        target = tuple(input.data[full].shape)
        if broadcast_shape("setitem", target, value.shape) != target:
            raise ShapeError("setitem", f"a value that broadcasts to {target}", value.shape)
    input.data[full] = value.data if isinstance(value, Tensor) else value


def _full_key(x: Tensor, key: Any) -> tuple[Any, ...]:
    """The key as a tuple with ... written out, checked."""
    parts = key if isinstance(key, tuple) else (key,)
    for part in parts:
        if not (part is None or part is Ellipsis or isinstance(part, slice | int)) or isinstance(part, bool):
            raise DtypeError("indexing", "integers, slices, None and ...", type(part).__name__)
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    if taken > x.ndim:
        raise ShapeError("indexing", f"at most {x.ndim} indices for shape {x.shape}", taken)
    rest = (slice(None),) * (x.ndim - taken)
    at = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    full = (*parts[:at], *rest, *(part for part in parts[at + 1 :]))
    sizes = iter(x.shape)
    return tuple([None if part is None else _within(part, next(sizes)) for part in full])


def _within(part: slice | int, size: int) -> slice | int:
    """An index that is in range, or a slice whose ends are."""
    if isinstance(part, int):
        if not -size <= part < size:
            raise ShapeError("indexing", f"an index in [{-size}, {size})", part)
        return part
    try:
        start, stop, step = part.indices(size)
    except (TypeError, ValueError) as error:
        raise DtypeError("indexing", "a slice of integers with a step other than 0", f"{part} ({error})") from error
    return slice(start, None if stop < 0 else stop, step)


def pad(input: Tensor, pad: Sequence[int], value: float = 0.0) -> Tensor:
    """Constant padding: `pad` = (left, right) of the last dimension, then of the one before, and so on.

    Negative amounts cut. Raises ShapeError for an odd count, or cuts that leave a negative size.
    """
    if len(pad) % 2 or len(pad) > 2 * input.ndim:
        raise ShapeError("pad", f"an even number of amounts, at most {2 * input.ndim}", tuple(pad))
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)][::-1]
    pairs = [(0, 0)] * (input.ndim - len(pairs)) + pairs
    shape = tuple([size + low + high for size, (low, high) in zip(input.shape, pairs, strict=True)])
    if min(shape, default=0) < 0:
        raise ShapeError("pad", f"cuts that leave sizes of at least 0 from {input.shape}", tuple(pad))
    inside = tuple([slice(max(low, 0), n - max(high, 0)) for n, (low, high) in zip(shape, pairs, strict=True)])
    kept = tuple([slice(max(-low, 0), n - max(-high, 0)) for n, (low, high) in zip(input.shape, pairs, strict=True)])
    x = input.data
    y = namespaces[type(x)].full(shape, value, dtype=x.dtype, device=x.device)
    y[inside] = x[kept]
    return record(y, (input.node or input,), partial(_pad_rule, inside, kept, input.shape))


def _pad_rule(inside: Any, kept: Any, shape: Any, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return _getitem_rule(shape, kept, needs, g[inside], y, saved, x)


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Joins tensors along a dimension. Raises ShapeError unless all other sizes agree."""
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
        if kinds[t.data.dtype] != kinds[first.data.dtype]:
            raise DtypeError("cat", f"tensors[{i}] of kind {first.dtype}", t.dtype)
    sizes = [t.shape[d] for t in tensors]
    y = namespaces[type(first.data)].concat([t.data for t in tensors], axis=d)
    return record(y, tuple([edge(t) for t in tensors]), partial(_cat_rule, d, sizes))


def _cat_rule(d: int, sizes: list[int], needs: Any, g: Any, y: Any, saved: Any, *inputs: Any) -> tuple[Any, ...]:
    before = (slice(None),) * d
    after = (slice(None),) * (len(g.shape) - d - 1)
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return tuple([g[(*before, slice(end - size, end), *after)] for size, end in zip(sizes, ends, strict=True)])


def _sizes(given: tuple[Any, ...]) -> tuple[int, ...]:
    """Both spellings of a shape: f(x, 2, 3) and f(x, (2, 3))."""
    if len(given) == 1 and not isinstance(given[0], int):
        return tuple(given[0])
    return given
