"""The backward pass of broadcasting and conversion: a gradient gets the shape, dtype and memory of its own."""

from __future__ import annotations

from typing import Any

from xdl.backend import namespaces
from xdl.errors import ShapeError
from xdl.tensor import Tensor, enable_grad


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sums a gradient over the dimensions that its input was broadcast along."""
    extra = len(g.shape) - len(shape)
    axes = tuple([i for i, size in enumerate(g.shape) if i < extra or shape[i - extra] != size])
    if extra < 0 or any(shape[i - extra] != 1 for i in axes if i >= extra):
        raise ShapeError("backward", f"a gradient that broadcasts from the input's shape {tuple(shape)}", g.shape)
    if isinstance(g, Tensor):
        return g.sum(axes).reshape(shape)
    return namespaces[type(g)].reshape(namespaces[type(g)].sum(g, axis=axes), shape)


def cast(g: Any, dtype: Any) -> Any:
    """A gradient in the dtype, the namespace's own object, of what it belongs to."""
    if isinstance(g, Tensor):
        return g.to(str(dtype).rpartition(".")[2])
    return namespaces[type(g)].astype(g, dtype)


def own(g: Tensor) -> Tensor:
    """The gradient of a leaf in memory of its own: a rule may hand out one Tensor twice, or a view of the cotangent."""
    with enable_grad():
        return g.clone()
