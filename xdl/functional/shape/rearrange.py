"""Moving, repeating, joining and splitting: built from reshape, permute, expand, indexing and cat.

Functions that only reorder or cut give views where they can; those that repeat or join give new values.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdl import backend
from xdl.backend import namespaces
from xdl.errors import SettingError, ShapeError
from xdl.functional.aliases import unshared
from xdl.functional.elementwise.convert import clone
from xdl.functional.index.select import integer_index, take
from xdl.functional.operands import broadcast_shape
from xdl.functional.reduce.reduce import dims_of
from xdl.functional.shape.shape import cat, expand, flatten, permute, reshape, sizes_of, transpose, unsqueeze
from xdl.tensor import Tensor

Ints = int | Sequence[int]


def view(input: Tensor, *shape: Ints) -> Tensor:
    """`reshape`: the same elements in another shape, sharing memory where the layout allows it."""
    return reshape(input, *shape)


def movedim(input: Tensor, source: int | tuple[int, ...], destination: int | tuple[int, ...]) -> Tensor:
    """Moves dimensions from source to destination; the others keep their order."""
    start, end = dims_of("movedim", input.ndim, source), dims_of("movedim", input.ndim, destination)
    if len(start) != len(end):
        raise ShapeError("movedim", "as many sources as destinations", f"{source} and {destination}")
    placed = dict(zip(end, start, strict=True))
    others = iter([d for d in range(input.ndim) if d not in start])
    return permute(input, [placed[d] if d in placed else next(others) for d in range(input.ndim)])


def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """`transpose`: exchanges two dimensions."""
    return transpose(input, axis0, axis1)


def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a vector or 0-d tensor as it is. Raises ShapeError for more dimensions."""
    if input.ndim > 2:
        raise ShapeError("t", "at most two dimensions", input.shape)
    return permute(input, tuple(range(input.ndim))[::-1])


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """x broadcast to other's shape."""
    return expand(input, other.shape)


def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """`expand`: x broadcast to a shape."""
    return expand(input, size)


def broadcast_shapes(*shapes: Ints) -> tuple[int, ...]:
    """The shape that shapes, or sizes of one dimension, broadcast to. Raises ShapeError."""
    return broadcast_shape("broadcast_shapes", (), *[sizes_of((shape,)) for shape in shapes])


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """All tensors, expanded to the shape that they broadcast to: views. Raises ShapeError."""
    shape = broadcast_shape("broadcast_tensors", (), *[t.shape for t in tensors])
    return tuple([expand(t, shape) for t in tensors])


def flip(input: Tensor, *each: Ints, dims: Ints | None = None) -> Tensor:
    """x with the order of its elements reversed along dims, given one by one or together: a copy."""
    reversed_dims = dims_of("flip", input.ndim, sizes_of(each if dims is None else (*each, dims)))
    steps = [slice(None, None, -1) if d in reversed_dims else slice(None) for d in range(input.ndim)]
    return clone(input[tuple(steps)])


def roll(input: Tensor, shifts: Ints, dims: Ints | None = None) -> Tensor:
    """y[(i + shift) % size] = x[i] along each of dims; without dims in the flattened x."""
    if dims is None:
        return roll(flatten(input), shifts, 0).reshape(input.shape)
    steps = sizes_of((shifts,))
    wanted = dims_of("roll", input.ndim, (dims,) if isinstance(dims, int) else tuple(dims))
    if len(steps) != len(wanted):
        raise ShapeError("roll", "as many shifts as dims", f"{shifts} and {dims}")
    for step, d in zip(steps, wanted, strict=True):
        if input.ndim and input.shape[d]:
            cut = -step % input.shape[d]
            every = (slice(None),) * d
            input = cat([input[(*every, slice(cut, None))], input[(*every, slice(cut))]], d)
    return input * 1 if not wanted else input


def repeat(input: Tensor, *repeats: Ints) -> Tensor:
    """x repeated along each dimension; one number per dimension of x, and more in front for new ones."""
    counts = sizes_of(repeats)
    if len(counts) < input.ndim or min(counts, default=0) < 0:
        raise ShapeError("repeat", f"at least {input.ndim} numbers of at least 0", counts)
    shape = (1,) * (len(counts) - input.ndim) + input.shape
    apart = reshape(input, [size for n in shape for size in (1, n)])
    wide = expand(apart, [size for pair in zip(counts, shape, strict=True) for size in pair])
    return unshared(reshape(wide, [count * n for count, n in zip(counts, shape, strict=True)]), input)


def tile(input: Tensor, *dims: Ints) -> Tensor:
    """`repeat`, with ones in front of dims where x has more dimensions."""
    counts = sizes_of(dims)
    return repeat(input, [1] * (input.ndim - len(counts)) + list(counts))


def repeat_interleave(input: Tensor, repeats: int | Tensor, dim: int | None = None) -> Tensor:
    """Each element along dim repeated in place: a a b b; without dim in the flattened x.

    repeats: a number, or an integer Tensor (size,) with one for each place; then the result's size is a value, and
    a device has to be waited for. Raises DataError for one below 0.
    """
    if dim is None:
        return repeat_interleave(flatten(input), repeats, 0)
    (d,) = dims_of("repeat_interleave", input.ndim, dim)
    size = input.shape[d]
    if isinstance(repeats, int):
        if repeats < 0:
            raise ShapeError("repeat_interleave", "repeats of at least 0", repeats)
        wide = [*input.shape[: d + 1], repeats, *input.shape[d + 1 :]]
        whole = [*input.shape[:d], size * repeats, *input.shape[d + 1 :]]
        return unshared(reshape(expand(unsqueeze(input, d + 1), wide), whole), input)
    counts = integer_index("repeat_interleave", input, repeats)
    if repeats.ndim != 1 or repeats.shape[0] not in (1, size):
        raise ShapeError("repeat_interleave", f"repeats ({size},)", repeats.shape)
    backend.of(counts).check_values("repeat_interleave", "repeats of at least 0", counts < 0)
    xp = namespaces[type(counts)]
    ends = xp.cumulative_sum(xp.broadcast_to(counts, (size,)))
    total = int(Tensor(ends[-1])) if size else 0
    return take(input, xp.searchsorted(ends, xp.arange(total, device=ends.device), side="right"), d)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape along a new dimension."""
    if not tensors:
        raise ShapeError("stack", "at least one tensor", "none")
    for i, tensor in enumerate(tensors):
        if tensor.shape != tensors[0].shape:
            raise ShapeError("stack", f"tensors[{i}] of shape {tensors[0].shape}", tensor.shape)
    return cat([unsqueeze(tensor, dim) for tensor in tensors], dims_of("stack", tensors[0].ndim + 1, dim)[0])


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors joined along dimension 1, or 0 for vectors; 0-d tensors count as (1,)."""
    parts = [reshape(tensor, 1) if tensor.ndim == 0 else tensor for tensor in tensors]
    return cat(parts, 0 if parts and parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors joined along dimension 0; vectors count as rows (1, n)."""
    return cat([reshape(tensor, 1, tensor.array.size) if tensor.ndim < 2 else tensor for tensor in tensors])


def split(tensor: Tensor, split_size_or_sections: Ints, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of x along dim: parts of one size, the last perhaps smaller, or of given sizes that sum to x's."""
    (d,) = dims_of("split", tensor.ndim, dim)
    size = tensor.shape[d] if tensor.ndim else 1
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        if step < 0 or (step == 0 and size):
            raise ShapeError("split", "a split size of at least 1", step)
        sections = [min(step, size - start) for start in range(0, size, step or 1)] or [0]
    else:
        sections = list(split_size_or_sections)
        if sum(sections) != size or min(sections, default=0) < 0:
            raise ShapeError("split", f"sections that sum to {size}", sections)
    every, start, parts = (slice(None),) * d, 0, []
    for section in sections:
        parts.append(tensor[(*every, slice(start, start + section))])
        start += section
    return tuple(parts)


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` views of x along dim, of equal size but for the last."""
    if chunks < 1:
        raise ShapeError("chunk", "at least one chunk", chunks)
    (d,) = dims_of("chunk", input.ndim, dim)
    size = input.shape[d]
    return split(input, -(-size // chunks), d) if size else split(input, [0] * chunks, d)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The views x[i] along dim."""
    (d,) = dims_of("unbind", input.ndim, dim)
    return tuple([input[(*(slice(None),) * d, i)] for i in range(input.shape[d])])


def meshgrid(*tensors: Tensor | Sequence[Tensor], indexing: str = "ij") -> tuple[Tensor, ...]:
    """Coordinates of a grid from vectors: the i-th result varies along dimension i.

    indexing "xy" exchanges the first two dimensions, as for x across and y down. Raises ShapeError, SettingError.
    """
    given = [t for group in tensors for t in ([group] if isinstance(group, Tensor) else group)]
    if indexing not in ("ij", "xy"):
        raise SettingError("meshgrid", "indexing 'ij' or 'xy'", repr(indexing))
    if any(t.ndim > 1 for t in given):
        raise ShapeError("meshgrid", "vectors", [t.shape for t in given])
    places = list(range(len(given)))
    if indexing == "xy" and len(given) > 1:
        places[:2] = 1, 0
    shapes = [[t.array.size if d == place else 1 for d in places] for place, t in enumerate(given)]
    full = broadcast_shape("meshgrid", *[tuple(shape) for shape in shapes])
    return tuple([expand(reshape(t, shape), full) for t, shape in zip(given, shapes, strict=True)])
