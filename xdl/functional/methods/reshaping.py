"""The methods that give the tensor itself another shape or order: `x.unsqueeze_(0)`.

They return x, which becomes a view of what it was. Tensors that share its memory keep their shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, cast

from xdl.backend import namespaces
from xdl.creation.filled import sizes
from xdl.errors import GraphError
from xdl.functional.aliases import become
from xdl.functional.shape.shape import squeeze, transpose, unsqueeze
from xdl.tensor import written

if TYPE_CHECKING:
    from xdl.tensor import Tensor


class Reshaping:
    """All raise GraphError for a leaf that requires grad, and as the functions without the underscore."""

    def squeeze_(self, dim: int | tuple[int, ...] | None = None) -> Tensor:
        """Removes the dimensions of size 1, all or those among dim."""
        return become(_of(self), lambda x: squeeze(x, dim))

    def unsqueeze_(self, dim: int) -> Tensor:
        """Adds a dimension of size 1 at position dim."""
        return become(_of(self), lambda x: unsqueeze(x, dim))

    def transpose_(self, dim0: int, dim1: int) -> Tensor:
        """Exchanges two dimensions."""
        return become(_of(self), lambda x: transpose(x, dim0, dim1))

    def swapaxes_(self, axis0: int, axis1: int) -> Tensor:
        """`transpose_`, by NumPy's name."""
        return self.transpose_(axis0, axis1)

    swapdims_ = swapaxes_

    def t_(self) -> Tensor:
        """The transpose of a matrix; a tensor of fewer dimensions stays. Raises ShapeError for more."""
        return become(_of(self), lambda x: x.t())

    def resize_(self, *shape: int | Sequence[int]) -> Tensor:
        """Gives x another size: its first elements stay, in memory where they are as many, and others are 0.

        Raises GraphError for a tensor on the tape, ShapeError.
        """
        x = _of(self)
        if x.requires_grad:
            raise GraphError("resize_", "a tensor outside the tape", "one that requires grad", "Call detach() first")
        wanted = sizes("resize_", shape, None)
        xp, old, n = namespaces[type(x.array)], x.array, prod(wanted)
        if n != old.size:
            flat = xp.zeros(n, dtype=old.dtype, device=old.device)
            flat[: old.size] = xp.reshape(old, (-1,))[:n]
            x.array, x._view, x._written = flat, None, None
        x.array = xp.reshape(x.array, wanted)
        written([x])
        return x

    def resize_as_(self, the_template: Tensor) -> Tensor:
        """`resize_` to another tensor's shape."""
        return self.resize_(the_template.shape)


def _of(methods: Reshaping) -> Tensor:
    return cast("Tensor", methods)
