"""The backward pass of broadcasting: a gradient is summed over the dimensions that its input lacked."""

from __future__ import annotations

from typing import Any

from xdl.backend import namespaces
from xdl.errors import ShapeError
from xdl.tensor import Tensor


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sums a gradient over the dimensions that its input was broadcast along."""
    extra = len(g.shape) - len(shape)
    axes = tuple([i for i, size in enumerate(g.shape) if i < extra or shape[i - extra] != size])
    if extra < 0 or any(shape[i - extra] != 1 for i in axes if i >= extra):
        raise ShapeError("backward", f"a gradient that broadcasts from the input's shape {tuple(shape)}", g.shape)
    if isinstance(g, Tensor):
        return g.sum(axes).reshape(shape)
    return namespaces[type(g)].reshape(namespaces[type(g)].sum(g, axis=axes), shape)
