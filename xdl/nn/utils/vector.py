"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from xdl.errors import ShapeError
from xdl.functional.shape.shape import cat
from xdl.nn.base.collections import tensors
from xdl.tensor import Tensor, no_grad


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The values of all parameters end to end (n,), on the tape. Raises ShapeError for none."""
    return cat([p.reshape(-1) for p in tensors("parameters_to_vector", parameters)])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Writes a vector (n,) into the parameters, in place. Raises ShapeError unless it has exactly their elements."""
    every = tensors("vector_to_parameters", parameters)
    size = sum(prod(p.shape) for p in every)
    if vec.shape != (size,):
        raise ShapeError("vector_to_parameters", f"vec ({size},)", vec.shape)
    at = 0
    with no_grad():
        for p in every:
            p[...] = vec[at : at + prod(p.shape)].reshape(p.shape)
            at += prod(p.shape)
