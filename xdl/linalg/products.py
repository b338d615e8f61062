"""Products of matrices and vectors."""

from __future__ import annotations

from collections.abc import Sequence

from xdl.backend import namespaces
from xdl.errors import SettingError, ShapeError
from xdl.functional.index.diagonal import diagonal as diagonal_of
from xdl.functional.operands import floating
from xdl.functional.products.linear import matmul
from xdl.functional.products.vectors import cross as cross_along
from xdl.linalg.matrices import square
from xdl.linalg.solving import inv
from xdl.observe import composite
from xdl.tensor import Tensor

__all__ = ["cross", "diagonal", "matmul", "matrix_power", "multi_dot", "vecdot"]


@composite
def matrix_power(A: Tensor, n: int) -> Tensor:
    """A**n of A (..., m, m) by repeated squares; n = 0 gives the identity, n < 0 powers of the inverse.

    Raises ShapeError, DtypeError, SettingError unless n is whole, DataError where A is singular and n < 0.
    """
    square("matrix_power", A)
    if not isinstance(n, int) or isinstance(n, bool):
        raise SettingError("matrix_power", "a whole number n", repr(n))
    if n == 0:
        xp, a = namespaces[type(A.array)], A.array
        unit = xp.eye(a.shape[-1], dtype=a.dtype, device=a.device)
        return Tensor(xp.asarray(xp.broadcast_to(unit, a.shape), copy=True))
    power, bits, product = A if n > 0 else inv(A), abs(n), None
    while True:
        if bits & 1:
            product = power if product is None else matmul(product, power)
        bits >>= 1
        if not bits:
            assert product is not None
            return product
        power = matmul(power, power)


@composite
def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of two or more matrices in the order that takes the fewest multiplications (Cormen et al., 15.2).

    The first may be a vector (a row), the last one too (a column). Raises ShapeError, DtypeError, SettingError for
    fewer than two.
    """
    if len(tensors) < 2:
        raise SettingError("multi_dot", "at least two tensors", len(tensors))
    floating("multi_dot", **{f"tensors_{i}": t for i, t in enumerate(tensors)})
    parts = list(tensors)
    row, column = parts[0].ndim == 1, parts[-1].ndim == 1
    parts[0] = parts[0].unsqueeze(0) if row else parts[0]
    parts[-1] = parts[-1].unsqueeze(-1) if column else parts[-1]
    for i, part in enumerate(parts):
        if part.ndim != 2 or (i and part.shape[0] != parts[i - 1].shape[1]):
            expected = "matrices whose neighbours fit (the first and the last may be vectors)"
            raise ShapeError("multi_dot", expected, [t.shape for t in tensors])
    y = _chain(parts, _splits([parts[0].shape[0], *[part.shape[1] for part in parts]]), 0, len(parts) - 1)
    y = y.squeeze(-1) if column else y
    return y.squeeze(0) if row else y


def _splits(sizes: list[int]) -> dict[tuple[int, int], int]:
    """(i, j) -> where the product of the matrices i to j is cut, for matrices (sizes[i], sizes[i + 1])."""
    n = len(sizes) - 1
    cost, cut = {(i, i): 0 for i in range(n)}, {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            ways = {k: cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)}
            cut[i, j] = min(ways, key=ways.__getitem__)
            cost[i, j] = ways[cut[i, j]]
    return cut


def _chain(parts: list[Tensor], cut: dict[tuple[int, int], int], i: int, j: int) -> Tensor:
    if i == j:
        return parts[i]
    return matmul(_chain(parts, cut, i, cut[i, j]), _chain(parts, cut, cut[i, j] + 1, j))


def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """`xdl.cross`: the vector products along dim, whose size is 3; both broadcast. Raises ShapeError, DtypeError."""
    return cross_along(input, other, dim)


@composite
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The sums of x y along dim; both broadcast. Raises ShapeError."""
    return (x * y).sum(dim)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """`xdl.diagonal` of the last two dimensions: the elements [..., i, i + offset]. Raises ShapeError."""
    return diagonal_of(A, offset, dim1, dim2)
