"""Functions for rules: each takes arrays and returns an array, or takes a Tensor and records.

Rules use these beside operators and indexing, which arrays and Tensors share already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel
from xdl.tensor import Tensor

Either = Any  # a raw array or a Tensor: what comes in comes out


def raw(x: Either) -> Array:
    """The raw array behind x: for values that act as constants, such as masks and indices."""
    return x.array if isinstance(x, Tensor) else x


def constant(x: Array, like: Either) -> Either:
    """Either raw array in the form of `like`: itself, or a Tensor outside the tape."""
    return Tensor(x) if isinstance(like, Tensor) else x


def given(d: Either | None, like: Either) -> Either:
    """The gradient d of one of several results, or zeros like an array or a Tensor where nobody used that result."""
    return constant(namespaces[type(raw(like))].zeros_like(raw(like)), like) if d is None else d


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
        return a.where(Tensor(condition), b)
    xp = namespaces[type(a)]
    return xp.where(condition, a, b)


class ClipReference:
    """y = x, or the bound that it is beyond: low, high, either of which may be None; nan where x is."""

    @staticmethod
    def forward(x: Array, low: float | None, high: float | None) -> tuple[Array, None]:
        xp = namespaces[type(x)]
        if low is not None:
            x = xp.maximum(x, low)
        return x if high is None else xp.minimum(x, high), None


clip_slot = Kernel("clip", ClipReference)


def clip(x: Either, low: float | None, high: float | None) -> Either:
    """x, or the bound that it is beyond; one of the bounds may be None."""
    return x.clamp(low, high) if isinstance(x, Tensor) else clip_slot(x, low, high)[1]


class MatmulReference:
    """y = a b over the last two dimensions, the others broadcast; both have at least two."""

    @staticmethod
    def forward(a: Array, b: Array) -> tuple[Array, None]:
        return a @ b, None


matmul_slot = Kernel("matmul", MatmulReference)


def matmul(a: Either, b: Either) -> Either:
    """a b for stacks of matrices."""
    return a @ b if isinstance(a, Tensor) else matmul_slot(a, b)[1]


def sigmoid(x: Either) -> Either:
    """1 / (1 + e**-x) = z / (1 + z) for z = e**x, cut off where the sum is z, so that no x overflows."""
    if isinstance(x, Tensor):
        return x.sigmoid()
    z = namespaces[type(x)].exp(clip(x, None, 80.0))
    return z / (z + 1)


def _named(name: str) -> Callable[[Either], Either]:
    """The function of one operand that Tensor and the array namespace both call by this name."""

    def function(x: Either) -> Either:
        if isinstance(x, Tensor):
            return getattr(x, name)()
        return getattr(namespaces[type(x)], name)(x)

    function.__name__ = name
    function.__doc__ = f"{name} of each element."
    return function


exp, log, sqrt, abs = _named("exp"), _named("log"), _named("sqrt"), _named("abs")
sin, cos, sinh, cosh, tanh = _named("sin"), _named("cos"), _named("sinh"), _named("cosh"), _named("tanh")
