"""Products of stacks of matrices in as few calls of the device's BLAS as can be, without a copy.

out = a b (+ out)    a [..., M, K]   b [..., K, N]   out [..., M, N]

A BLAS takes matrices by columns. A matrix in rows is its transpose in columns: the call asks for out^T = b^T a^T, and
a flag tells it of a transposed view. A stack is one stride from matrix to matrix: 0 where one matrix meets many. Where
the leading dimensions of an operand do not fall into one stride (weights [groups] that meet [images, groups]), one of
them is walked in a loop: that which makes the fewest calls.

What the calls look like depends on shapes and strides alone, so it is worked out once for each of them.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import prod
from typing import NamedTuple, Protocol

from xdl.backend import NAMED, Array, dtype_name
from xdl.errors import ShapeError
from xdl.kernel import get_precision

from ..sizes import check_size

Layout = tuple[tuple[int, ...], tuple[int, ...]]  # of an array: shape, and strides in elements


class Product(NamedTuple):
    """One call of a strided, batched product. Triples are of a, b and out.

    transposed: whether the matrices of a and of b lie transposed in memory
    rows:       elements from a row in memory to the next
    strides:    elements from a matrix to the next
    starts:     bytes from the beginning of the array
    batch:      how many matrices
    """

    dtype: str
    m: int
    n: int
    k: int
    transposed: tuple[bool, bool]
    rows: tuple[int, ...]
    strides: tuple[int | None, ...]
    starts: tuple[int, ...]
    accumulate: bool
    batch: int


class Blas(Protocol):
    """The device, as far as a product needs it."""

    def address(self, x: Array) -> int:
        """Where the array begins."""

    def product(self, call: Product, a: int, b: int, out: int, tf32: bool) -> None:
        """Queues the product of the matrices at these addresses."""

    def empty(self, shape: tuple[int, ...], dtype: str) -> Array:
        """An uninitialised array in C order."""

    def copy(self, source: Array, target: Array) -> None:
        """Copies between two arrays of one shape."""


def multiply(device: Blas, a: Array, b: Array, out: Array, accumulate: bool = False) -> None:
    """out = a @ b, or out += a @ b. Products of float32 are TF32 where `set_precision` allows it.

    Raises ShapeError for an out whose rows are not dense.
    """
    a, b = (x if _matrix(_layout(x)) is not None else _copy(device, x) for x in (a, b))
    if not prod(out.shape):
        return
    if not a.shape[-1]:
        if not accumulate:
            out[...] = 0
        return
    tf32, at = get_precision() == "tf32", [device.address(x) for x in (a, b, out)]
    for call in calls(dtype_name(out), _layout(a), _layout(b), _layout(out), accumulate):
        at_a, at_b, at_out = (begin + start for begin, start in zip(at, call.starts, strict=True))
        device.product(call, at_a, at_b, at_out, tf32)


@lru_cache(4096)
def calls(dtype: str, a: Layout, b: Layout, out: Layout, accumulate: bool) -> list[Product]:
    """The calls that make a product of arrays of these layouts."""
    return _calls(dtype, (a, b, out), (0, 0, 0), accumulate)


def _calls(dtype: str, layouts: tuple[Layout, ...], starts: tuple[int, ...], accumulate: bool) -> list[Product]:
    a, b, out = layouts
    batch, (m, n), k = out[0][:-2], out[0][-2:], a[0][-1]
    side_a, side_b, side_out = _matrix(a), _matrix(b), _matrix(out)
    if side_a is None or side_b is None or side_out is None or side_out.transposed:
        raise ShapeError("gemm", "an out with dense rows", f"strides {out[1]} for shape {out[0]}")
    strides = tuple(_stride(x, batch) for x in layouts)
    if None in strides:
        walked = [_walk(dtype, layouts, starts, accumulate, i - len(batch) - 2) for i in range(len(batch))]
        return min(walked, key=len)
    transposed, rows = (side_a.transposed, side_b.transposed), (side_a.rows, side_b.rows, side_out.rows)
    check_size("gemm", "rows or columns", max(m, n, k, *rows, prod(batch)))
    return [Product(dtype, m, n, k, transposed, rows, strides, starts, accumulate, prod(batch))]


def _walk(
    dtype: str, layouts: tuple[Layout, ...], starts: tuple[int, ...], accumulate: bool, dim: int
) -> list[Product]:
    """The calls for each place of a batch dimension, which is counted from the end."""
    found, size = [], NAMED[dtype].itemsize
    for i in range(layouts[2][0][dim]):
        parts, ahead = zip(*(_part(x, dim, i) for x in layouts), strict=True)
        begin = tuple(start + size * n for start, n in zip(starts, ahead, strict=True))
        found += _calls(dtype, parts, begin, accumulate)
    return found


def _layout(x: Array) -> Layout:
    size = x.itemsize
    return x.shape, tuple([stride // size for stride in x.strides])


class Side(NamedTuple):
    """Whether the matrices of an operand lie transposed in memory, and the elements from a row there to the next."""

    transposed: bool
    rows: int


def _matrix(x: Layout) -> Side | None:
    """How the matrices lie, or None if neither their rows nor their columns are dense."""
    (rows, columns), (down, along) = x[0][-2:], x[1][-2:]
    if (along == 1 or columns == 1) and (rows == 1 or down >= columns):
        return Side(False, max(1, columns, down if rows > 1 else 1))
    if (down == 1 or rows == 1) and (columns == 1 or along >= rows):
        return Side(True, max(1, rows, along if columns > 1 else 1))
    return None


def _stride(x: Layout, batch: tuple[int, ...]) -> int | None:
    """The elements from one matrix of the batch to the next, or None where they differ. 0: one matrix for all."""
    missing = len(batch) - len(x[0]) + 2
    sizes, strides = (1,) * missing + x[0][:-2], (0,) * missing + x[1][:-2]
    walked = [(n, 0 if size == 1 else s) for n, size, s in zip(batch, sizes, strides, strict=True) if n > 1]
    if any(outer != n * inner for (_, outer), (n, inner) in pairwise(walked)):
        return None
    return walked[-1][1] if walked else 0


def _part(x: Layout, dim: int, i: int) -> tuple[Layout, int]:
    """The layout at i of a batch dimension (counted from the end), and how many elements ahead it begins."""
    shape, strides = x
    if -dim > len(shape):
        return x, 0
    ahead = i * strides[dim] if shape[dim] > 1 else 0
    return ((*shape[:dim], *shape[dim + 1 :]), (*strides[:dim], *strides[dim + 1 :])), ahead


def _copy(device: Blas, x: Array) -> Array:
    copy = device.empty(x.shape, dtype_name(x))
    device.copy(x, copy)
    return copy
