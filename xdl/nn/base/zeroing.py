"""Gradients begin anew: forgotten, or set to zero in place."""

from __future__ import annotations

from collections.abc import Iterable

from xdl.backend import namespaces
from xdl.tensor import Tensor, written


def zero_grad(parameters: Iterable[Tensor], set_to_none: bool = True) -> None:
    """Forgets the gradients of parameters, or writes zeros into those that are there, off the tape."""
    for p in parameters:
        g = p._grad
        if set_to_none or g is None:
            p._grad = None
        elif isinstance(g, Tensor):
            g.node, g.requires_grad = None, False
            _zero(g)
        else:
            p._grad = _zero(Tensor(g))


def _zero(g: Tensor) -> object:
    """Zeros in the array of g, which is returned; in a new one where it has no dimensions, and may be a scalar."""
    if g.array.shape:
        g.array[...] = 0
    else:
        g.array = namespaces[type(g.array)].zeros_like(g.array)
    written([g])
    return g.array
