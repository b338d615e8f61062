"""The operators of Tensor, and the function that each one is.

`Operators` declares them for type checkers and readers; `bind` sets each to its function, so that `a + b` is
`add(a, b)` with no call between; `a == None` is False, and not a comparison of elements.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from xdl.tensor import Tensor

    Operand: TypeAlias = Tensor | float

FUNCTIONS = {
    "__add__": "add",
    "__radd__": "add",
    "__sub__": "sub",
    "__mul__": "mul",
    "__rmul__": "mul",
    "__truediv__": "div",
    "__pow__": "pow",
    "__matmul__": "matmul",
    "__mod__": "remainder",
    "__floordiv__": "floor_divide",
    "__and__": "bitwise_and",
    "__rand__": "bitwise_and",
    "__or__": "bitwise_or",
    "__ror__": "bitwise_or",
    "__xor__": "bitwise_xor",
    "__rxor__": "bitwise_xor",
    "__invert__": "bitwise_not",
    "__neg__": "neg",
    "__abs__": "abs",
    "__eq__": "eq",
    "__ne__": "ne",
    "__lt__": "lt",
    "__le__": "le",
    "__gt__": "gt",
    "__ge__": "ge",
    "__getitem__": "getitem",
    "__setitem__": "setitem",
}
REVERSED = ("__sub__", "__truediv__", "__pow__", "__mod__", "__floordiv__")


class Operators:
    """Each operator is the function of `xdl.functional` that `FUNCTIONS` names."""

    # fmt: off
    def __add__(self, other: Operand) -> Tensor: ...
    def __radd__(self, other: Operand) -> Tensor: ...
    def __sub__(self, other: Operand) -> Tensor: ...
    def __rsub__(self, other: Operand) -> Tensor: ...
    def __mul__(self, other: Operand) -> Tensor: ...
    def __rmul__(self, other: Operand) -> Tensor: ...
    def __truediv__(self, other: Operand) -> Tensor: ...
    def __rtruediv__(self, other: Operand) -> Tensor: ...
    def __pow__(self, other: Operand) -> Tensor: ...
    def __rpow__(self, other: Operand) -> Tensor: ...
    def __matmul__(self, other: Tensor) -> Tensor: ...
    def __mod__(self, other: Operand) -> Tensor: ...
    def __rmod__(self, other: Operand) -> Tensor: ...
    def __floordiv__(self, other: Operand) -> Tensor: ...
    def __rfloordiv__(self, other: Operand) -> Tensor: ...
    def __and__(self, other: Operand) -> Tensor: ...
    def __rand__(self, other: Operand) -> Tensor: ...
    def __or__(self, other: Operand) -> Tensor: ...
    def __ror__(self, other: Operand) -> Tensor: ...
    def __xor__(self, other: Operand) -> Tensor: ...
    def __rxor__(self, other: Operand) -> Tensor: ...
    def __invert__(self) -> Tensor: ...
    def __neg__(self) -> Tensor: ...
    def __abs__(self) -> Tensor: ...
    def __eq__(self, other: object) -> Tensor: ...  # type: ignore[override]
    def __ne__(self, other: object) -> Tensor: ...  # type: ignore[override]
    def __lt__(self, other: Operand) -> Tensor: ...
    def __le__(self, other: Operand) -> Tensor: ...
    def __gt__(self, other: Operand) -> Tensor: ...
    def __ge__(self, other: Operand) -> Tensor: ...
    def __getitem__(self, key: Any) -> Tensor: ...
    def __setitem__(self, key: Any, value: Any) -> None: ...
    # fmt: on


def bind(tensor: type, functions: dict[str, Callable[..., Any]]) -> None:
    """Sets every operator of Tensor."""
    for operator, name in FUNCTIONS.items():
        setattr(tensor, operator, functions[name])
    for operator, without in (("__eq__", False), ("__ne__", True)):
        setattr(tensor, operator, _with_none(functions[FUNCTIONS[operator]], without))
    for operator in REVERSED:
        setattr(tensor, f"__r{operator[2:]}", _reversed(functions[FUNCTIONS[operator]]))


def _reversed(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """The operator of a tensor on the right: 2 - x is sub(2, x)."""
    return lambda self, other: function(other, self)


def _with_none(function: Callable[..., Any], answer: bool) -> Callable[[Any, Any], Any]:
    """The comparison, which answers for None, that a tensor never is, as `x == None` in older code asks."""
    return lambda self, other: answer if other is None else function(self, other)
