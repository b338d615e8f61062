"""Products of vectors, matrices and tensors, all made of `matmul`.

All operands share one floating dtype and one backend, else DtypeError or BackendError.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdl.errors import ShapeError
from xdl.functional.operands import broadcast_shape, floating, same_backend
from xdl.functional.products.linear import matmul
from xdl.functional.reduce.reduce import dims_of
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """y[b] = x[b] m[b] for x (B, N, K), m (B, K, M): y (B, N, M). Raises ShapeError."""
    _ndims("bmm", (3, 3), input=input, mat2=mat2)
    if input.shape[0] != mat2.shape[0]:
        raise ShapeError("bmm", "input.shape[0] == mat2.shape[0]", f"{input.shape} and {mat2.shape}")
    return matmul(input, mat2)


@composite
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """y = x m for x (N, K), m (K, M): y (N, M). Raises ShapeError."""
    _ndims("mm", (2, 2), input=input, mat2=mat2)
    return matmul(input, mat2)


@composite
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """y = x v for x (N, K), v (K,): y (N,). Raises ShapeError."""
    _ndims("mv", (2, 1), input=input, vec=vec)
    return matmul(input, vec)


@composite
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """y = sum of a_i b_i for vectors a and b (n,): y 0-d. Raises ShapeError."""
    _ndims("dot", (1, 1), input=input, tensor=tensor)
    return matmul(input, tensor)


@composite
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """y = beta x + alpha a b for a (N, K), b (K, M), and x that broadcasts to (N, M). Raises ShapeError.

    With beta = 0 x is not read: its nan and infinities do not count.
    """
    _ndims("addmm", (2, 2), mat1=mat1, mat2=mat2)
    floating("addmm", input=input, mat1=mat1)
    product = matmul(mat1, mat2)
    if broadcast_shape("addmm", input.shape, product.shape) != product.shape:
        raise ShapeError("addmm", f"input that broadcasts to {product.shape}", input.shape)
    scaled = product if alpha == 1 else product * alpha
    return scaled if beta == 0 else scaled + (input if beta == 1 else input * beta)


@composite
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """y[i, j] = a_i b_j for vectors a (N,), b (M,) of any numbers: y (N, M). Raises ShapeError."""
    same_backend("outer", input=input, vec2=vec2)
    if input.ndim != 1 or vec2.ndim != 1:
        raise ShapeError("outer", "two vectors", f"{input.shape} and {vec2.shape}")
    return input.unsqueeze(1) * vec2


@composite
def inner(input: Tensor, other: Tensor) -> Tensor:
    """y = the products of the rows: a (..., K), b (---, K) give y (..., ---); a 0-d operand multiplies. ShapeError."""
    if input.ndim == 0 or other.ndim == 0:
        floating("inner", input=input, other=other)
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise ShapeError("inner", "input.shape[-1] == other.shape[-1]", f"{input.shape} and {other.shape}")
    return tensordot(input, other, ([-1], [-1]))


@composite
def tensordot(a: Tensor, b: Tensor, dims: int | Sequence[Sequence[int]] = 2) -> Tensor:
    """y = the sum of a b over pairs of dimensions; the other dimensions of a stand first, then those of b.

    dims: the dimensions of a and those of b, paired in order; a number n means the last n of a and first n of b.
    Raises ShapeError where two of a pair differ in size.
    """
    floating("tensordot", a=a, b=b)
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise ShapeError("tensordot", f"dims in [0, {min(a.ndim, b.ndim)}]", dims)
        dims = (range(a.ndim - dims, a.ndim), range(dims))
    da, db = dims_of("tensordot", a.ndim, tuple(dims[0])), dims_of("tensordot", b.ndim, tuple(dims[1]))
    if [a.shape[d] for d in da] != [b.shape[d] for d in db]:
        raise ShapeError("tensordot", f"equal sizes over dims {tuple(da)} and {tuple(db)}", f"{a.shape} and {b.shape}")
    free_a, free_b = [[d for d in range(x.ndim) if d not in used] for x, used in ((a, da), (b, db))]
    rows, columns = [a.shape[d] for d in free_a], [b.shape[d] for d in free_b]
    n = prod([a.shape[d] for d in da])
    left = a.permute([*free_a, *da]).reshape(prod(rows), n)
    right = b.permute([*db, *free_b]).reshape(n, prod(columns))
    return matmul(left, right).reshape(*rows, *columns)


@composite
def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: y[i N + k, j M + l] = a[i, j] b[k, l] for b (N, M), and so for any dimensions."""
    n = max(input.ndim, other.ndim)
    a, b = [x.reshape((1,) * (n - x.ndim) + x.shape) for x in (input, other)]
    product = a.reshape([size for m in a.shape for size in (m, 1)]) * b.reshape([s for m in b.shape for s in (1, m)])
    return product.reshape([p * q for p, q in zip(a.shape, b.shape, strict=True)])


def _ndims(operation: str, wanted: tuple[int, ...], **operands: Tensor) -> None:
    """Raises ShapeError unless each operand has its number of dimensions, DtypeError as `floating`."""
    floating(operation, **operands)
    for (name, x), ndim in zip(operands.items(), wanted, strict=True):
        if x.ndim != ndim:
            raise ShapeError(operation, f"{name} of {ndim} dimensions", x.shape)
