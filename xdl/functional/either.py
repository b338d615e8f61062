"""Functions for rules: each takes arrays and returns an array, or takes a Tensor and records.

Rules use these beside operators and indexing, which arrays and Tensors share already.
"""

from __future__ import annotations

from typing import Any, TypeVar

from xdl.backend import Array, namespaces
from xdl.tensor import Tensor

A = TypeVar("A")  # a raw array or a Tensor: what comes in comes out


def raw(x: Any) -> Array:
    """The raw array behind x: for values that act as constants, such as masks and indices."""
    return x.data if isinstance(x, Tensor) else x


def constant(x: Array, like: A) -> A:
    """A raw array in the form of `like`: itself, or a Tensor outside the tape."""
    return Tensor(x) if isinstance(like, Tensor) else x  # type: ignore[return-value]


def sum(x: Any, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> Any:
    """The sum over dimensions."""
    if isinstance(x, Tensor):
        return x.sum(dim, keepdim)
    return namespaces[type(x)].sum(x, axis=dim, keepdims=keepdim)


def reshape(x: A, shape: tuple[int, ...]) -> A:
    """x with another shape."""
    if isinstance(x, Tensor):
        return x.reshape(shape)
    return namespaces[type(x)].reshape(x, shape)  # type: ignore[no-any-return]


def permute(x: A, dims: tuple[int, ...]) -> A:
    """x with its dimensions reordered."""
    if isinstance(x, Tensor):
        return x.permute(dims)
    return namespaces[type(x)].permute_dims(x, dims)  # type: ignore[no-any-return]


def mT(x: A) -> A:
    """x with its last two dimensions exchanged."""
    if isinstance(x, Tensor):
        return x.mT
    return namespaces[type(x)].matrix_transpose(x)  # type: ignore[no-any-return]


def expand(x: A, shape: tuple[int, ...]) -> A:
    """x broadcast to a shape."""
    if isinstance(x, Tensor):
        return x.expand(shape)
    return namespaces[type(x)].broadcast_to(x, shape)  # type: ignore[no-any-return]


def where(condition: Array, a: A, b: float) -> A:
    """a where the raw condition holds, else the number b."""
    if isinstance(a, Tensor):
        return Tensor(condition).where(a, b)
    xp = namespaces[type(a)]
    return xp.where(condition, a, b)  # type: ignore[no-any-return]


def log(x: A) -> A:
    """The natural logarithm."""
    if isinstance(x, Tensor):
        return x.log()
    return namespaces[type(x)].log(x)  # type: ignore[no-any-return]


def exp(x: A) -> A:
    """e to the power of x."""
    if isinstance(x, Tensor):
        return x.exp()
    return namespaces[type(x)].exp(x)  # type: ignore[no-any-return]
