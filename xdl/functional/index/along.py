"""Elements along one dimension by an index of their own in every row, and their way back.

x (..., n, ...)   indices (..., k, ...) int64 in [0, n)   y (..., k, ...)

along:      y[..., i, ...] = x[..., indices[..., i, ...], ...]
put_along:  x = 0, but x[..., indices[..., i, ...], ...] = y[..., i, ...]      for indices of which none occurs twice
"""

from __future__ import annotations

from math import prod

from xdl.backend import Array, namespaces
from xdl.functional.index.select import sum_at
from xdl.kernel import Kernel


class AlongReference:
    """`along` of the module docstring; dim >= 0."""

    @staticmethod
    def forward(x: Array, indices: Array, dim: int) -> tuple[Array, None]:
        return namespaces[type(x)].take_along_axis(x, indices, axis=dim), None


class PutAlongReference:
    """`put_along` of the module docstring, with n elements at dim >= 0."""

    @staticmethod
    def forward(y: Array, indices: Array, dim: int, n: int) -> tuple[Array, None]:
        xp, shape = namespaces[type(y)], (*y.shape[:dim], n, *y.shape[dim + 1 :])
        sums = sum_at(xp.reshape(y, (prod(y.shape),)), places(indices, shape, dim), 0, prod(shape))
        return xp.reshape(sums, shape), None


along = Kernel("along", AlongReference)
put_along = Kernel("put_along", PutAlongReference)


def places(indices: Array, shape: tuple[int, ...], dim: int) -> Array:
    """Where indices along dim point in a flattened array of this shape: (indices.size,)."""
    xp = namespaces[type(indices)]
    found = indices * prod(shape[dim + 1 :])
    for i, n in enumerate(indices.shape):
        if i != dim:
            steps = xp.arange(n, device=indices.device) * prod(shape[i + 1 :])
            found = found + xp.reshape(steps, (n,) + (1,) * (len(shape) - i - 1))
    return xp.reshape(found, (prod(indices.shape),))
