"""The methods that the functions give to Tensor.

`Methods` declares them for type checkers and readers, a family a file; `bind` sets each to the function of its name.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from xdl.functional.methods import in_place, number_first, operators
from xdl.functional.methods.conversions import Conversions
from xdl.functional.methods.elementwise import Elementwise
from xdl.functional.methods.exchange import Exchange
from xdl.functional.methods.in_place import InPlace
from xdl.functional.methods.matrices import Matrices
from xdl.functional.methods.operators import Operators
from xdl.functional.methods.places import Places
from xdl.functional.methods.products import Products
from xdl.functional.methods.reductions import Reductions
from xdl.functional.methods.reshaping import Reshaping
from xdl.functional.methods.shapes import Shapes
from xdl.functional.methods.telling import Telling

if TYPE_CHECKING:
    from xdl.tensor import Tensor

FAMILIES = (Elementwise, Reductions, Products, Shapes, Places)


class Methods(
    Operators,
    InPlace,
    Conversions,
    Telling,
    Exchange,
    Matrices,
    Reshaping,
    Elementwise,
    Reductions,
    Products,
    Shapes,
    Places,
):
    """All of them, and `backward`."""

    # fmt: off
    def backward(self, gradient: Tensor | None = None, retain_graph: bool | None = None,
                 create_graph: bool = False) -> None: ...
    # fmt: on


def bind(tensor: type, functions: dict[str, Callable[..., Any]]) -> None:
    """Sets every operator and method of Tensor."""
    operators.bind(tensor, functions)
    in_place.bind(tensor, functions)
    for name in ("backward", *(name for family in FAMILIES for name in vars(family))):
        if name in functions:
            setattr(tensor, name, functions[name])
    for family in (Conversions, Telling, Exchange, Matrices, Reshaping):
        for name, method in vars(family).items():
            if isinstance(method, FunctionType | property):
                setattr(tensor, name, method)
    tensor.unfold = functions["unfold_copy"]  # type: ignore[attr-defined]  # functional.unfold: columns of images
    transpose, where = functions["transpose"], functions["where"]
    tensor.where = lambda self, condition, other: where(condition, self, other)  # type: ignore[attr-defined]
    tensor.mT = property(lambda self: transpose(self, -2, -1))  # type: ignore[attr-defined]
    tensor.T = property(lambda self: self.permute(tuple(range(self.ndim))[::-1]))  # type: ignore[attr-defined]
    number_first.bind(tensor)
