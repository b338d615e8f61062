"""Views and copies by PyTorch's other names: parts along a dimension, layouts, turned and joined arrays."""

from __future__ import annotations

from collections.abc import Sequence

from xdl.backend import namespaces
from xdl.errors import ShapeError
from xdl.functional.elementwise.convert import clone
from xdl.functional.reduce.reduce import dims_of
from xdl.functional.shape.rearrange import flip, hstack, meshgrid, split, stack, vstack
from xdl.functional.shape.shape import cat, flatten, reshape, transpose
from xdl.observe import composite
from xdl.tensor import Tensor

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block_diag",
    "cartesian_prod",
    "column_stack",
    "contiguous",
    "dstack",
    "fliplr",
    "flipud",
    "is_contiguous",
    "narrow",
    "ravel",
    "reshape_as",
    "rot90",
    "row_stack",
    "select",
    "tensor_split",
    "view_as",
]


@composite
def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """The `length` elements from start on along dim: a view. A negative start counts from the end."""
    (d,) = dims_of("narrow", input.ndim, dim)
    size = input.shape[d]
    first = start + size if start < 0 else start
    if not 0 <= first <= first + length <= size:
        raise ShapeError("narrow", f"a start and a length inside a size of {size}", f"{start} and {length}")
    return input[(*(slice(None),) * d, slice(first, first + length))]


@composite
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """x[..., index, ...] at one place along dim, which goes: a view."""
    (d,) = dims_of("select", input.ndim, dim)
    return input[(*(slice(None),) * d, index)]


@composite
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """x in other's shape."""
    return reshape(input, other.shape)


reshape_as = view_as


@composite
def contiguous(input: Tensor) -> Tensor:
    """x itself where its elements lie in order in memory, else a copy of which they do."""
    return input if is_contiguous(input) else reshape(ravel(input), input.shape)


def is_contiguous(input: Tensor) -> bool:
    """Whether the elements lie in order, rows first, without gaps. True on backends that do not tell."""
    flags = getattr(input.array, "flags", None)
    return flags is None or bool(flags.c_contiguous)


@composite
def ravel(input: Tensor) -> Tensor:
    """x in one dimension: a view where the layout allows it."""
    return reshape(input, -1 if input.array.size else 0)


@composite
def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """x turned k quarters from the first of two dims towards the second: a copy. Raises ShapeError."""
    if len(dims) != 2 or not isinstance(k, int):
        raise ShapeError("rot90", "a whole number k and two dims", f"{k} and {tuple(dims)}")
    a, b = dims_of("rot90", input.ndim, tuple(dims))
    if k % 4 == 2:
        return flip(input, a, b)
    if k % 4 == 0:
        return clone(input)
    return transpose(flip(input, b), a, b) if k % 4 == 1 else flip(transpose(input, a, b), b)


@composite
def fliplr(input: Tensor) -> Tensor:
    """The columns in reversed order: a copy. Raises ShapeError for fewer than two dimensions."""
    if input.ndim < 2:
        raise ShapeError("fliplr", "at least two dimensions", input.shape)
    return flip(input, 1)


@composite
def flipud(input: Tensor) -> Tensor:
    """The rows in reversed order: a copy. Raises ShapeError for a 0-d tensor."""
    if input.ndim < 1:
        raise ShapeError("flipud", "at least one dimension", input.shape)
    return flip(input, 0)


@composite
def atleast_1d(input: Tensor) -> Tensor:
    """x with at least one dimension."""
    return input if input.ndim else reshape(input, 1)


@composite
def atleast_2d(input: Tensor) -> Tensor:
    """x with at least two dimensions, new ones in front."""
    return input if input.ndim > 1 else reshape(input, 1, input.array.size)


@composite
def atleast_3d(input: Tensor) -> Tensor:
    """x with at least three dimensions: (n,) becomes (1, n, 1), (n, m) becomes (n, m, 1)."""
    return input if input.ndim > 2 else reshape(input, *atleast_2d(input).shape, 1)


@composite
def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors joined along a third dimension, see `atleast_3d`."""
    return cat([atleast_3d(t) for t in tensors], 2)


@composite
def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors joined along dimension 1; vectors and 0-d tensors count as columns."""
    return hstack([t if t.ndim > 1 else reshape(t, t.array.size, 1) for t in tensors])


@composite
def row_stack(tensors: Sequence[Tensor]) -> Tensor:
    """`vstack`."""
    return vstack(tensors)


@composite
def tensor_split(input: Tensor, indices_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views of x along dim: n parts, the first ones larger by one where n does not divide, or cut at indices."""
    (d,) = dims_of("tensor_split", input.ndim, dim)
    if not input.ndim:
        raise ShapeError("tensor_split", "at least one dimension", input.shape)
    size = input.shape[d]
    if isinstance(indices_or_sections, int):
        n = indices_or_sections
        if not 1 <= n <= 1 << 20:
            raise ShapeError("tensor_split", "at least one section", n)
        return split(input, [size // n + (i < size % n) for i in range(n)], d)
    ends = [range(size)[: int(i)].stop for i in indices_or_sections] + [size]
    starts = [0, *ends[:-1]]
    every = (slice(None),) * d
    return tuple([input[(*every, slice(start, end))] for start, end in zip(starts, ends, strict=True)])


@composite
def block_diag(*tensors: Tensor) -> Tensor:
    """Matrices along the diagonal of a matrix of zeros; vectors count as rows. ShapeError for more dimensions."""
    blocks = [atleast_2d(t) for t in tensors]
    if any(block.ndim > 2 for block in blocks) or not blocks:
        raise ShapeError("block_diag", "at least one tensor, of at most two dimensions", [t.shape for t in tensors])
    width, left, rows = sum(block.shape[1] for block in blocks), 0, []
    for block in blocks:
        n, m = block.shape
        zeros = [_zeros(block, n, left), block, _zeros(block, n, width - left - m)]
        rows.append(cat(zeros, 1))
        left += m
    return cat(rows, 0)


@composite
def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All combinations of the vectors' elements (n1 n2 ..., number of vectors), the last varying fastest.

    One vector alone is given back. ShapeError for what is no vector.
    """
    if not tensors or any(t.ndim != 1 for t in tensors):
        raise ShapeError("cartesian_prod", "at least one vector, and nothing else", [t.shape for t in tensors])
    return stack([flatten(part) for part in meshgrid(*tensors)], -1) if len(tensors) > 1 else tensors[0]


def _zeros(like: Tensor, n: int, m: int) -> Tensor:
    x = like.array
    return Tensor(namespaces[type(x)].zeros((n, m), dtype=x.dtype, device=x.device))
