"""Functions for rules: each takes arrays and returns an array, or takes a Tensor and records.

Rules use these beside operators and indexing, which arrays and Tensors share already.
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, namespaces
from xdl.tensor import Tensor

Either = Any  # a raw array or a Tensor: what comes in comes out


def raw(x: Either) -> Array:
    """The raw array behind x: for values that act as constants, such as masks and indices."""
    return x.data if isinstance(x, Tensor) else x


def constant(x: Array, like: Either) -> Either:
    """Either raw array in the form of `like`: itself, or a Tensor outside the tape."""
    return Tensor(x) if isinstance(like, Tensor) else x


def sum(x: Either, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> Either:
    """The sum over dimensions."""
    if isinstance(x, Tensor):
        return x.sum(dim, keepdim)
    return namespaces[type(x)].sum(x, axis=dim, keepdims=keepdim)


def reshape(x: Either, shape: tuple[int, ...]) -> Either:
    """x with another shape."""
    if isinstance(x, Tensor):
        return x.reshape(shape)
    return namespaces[type(x)].reshape(x, shape)


def permute(x: Either, dims: tuple[int, ...]) -> Either:
    """x with its dimensions reordered."""
    if isinstance(x, Tensor):
        return x.permute(dims)
    return namespaces[type(x)].permute_dims(x, dims)


def mT(x: Either) -> Either:
    """x with its last two dimensions exchanged."""
    if isinstance(x, Tensor):
        return x.mT
    return namespaces[type(x)].matrix_transpose(x)


def expand(x: Either, shape: tuple[int, ...]) -> Either:
    """x broadcast to a shape."""
    if isinstance(x, Tensor):
        return x.expand(shape)
    return namespaces[type(x)].broadcast_to(x, shape)


def where(condition: Array, a: Either, b: float) -> Either:
    """a where the raw condition holds, else the number b."""
    if isinstance(a, Tensor):
        return Tensor(condition).where(a, b)
    xp = namespaces[type(a)]
    return xp.where(condition, a, b)


def log(x: Either) -> Either:
    """The natural logarithm."""
    if isinstance(x, Tensor):
        return x.log()
    return namespaces[type(x)].log(x)


def exp(x: Either) -> Either:
    """e to the power of x."""
    if isinstance(x, Tensor):
        return x.exp()
    return namespaces[type(x)].exp(x)
