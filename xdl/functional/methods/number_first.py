"""Methods that also take their factor before the tensors, as PyTorch's did up to 1.4: `x.add_(2, y)`.

`x.add_(2, y)` is `x.add_(y, alpha=2)`, `x.addcmul_(2, a, b)` is `x.addcmul_(a, b, value=2)`. Optimizers that were
written then are full of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

FACTORS = {"add": (1, "alpha"), "sub": (1, "alpha"), "addcmul": (2, "value"), "addcdiv": (2, "value")}


def bind(tensor: type) -> None:
    """Wraps these methods of Tensor and those that write into it."""
    for name, (tensors, factor) in FACTORS.items():
        for method in (name, f"{name}_"):
            setattr(tensor, method, number_first(getattr(tensor, method), tensors, factor))


def number_first(method: Callable[..., Any], tensors: int, factor: str) -> Callable[..., Any]:
    """The method of so many tensors, with the keyword of the factor."""

    @wraps(method)
    def call(input: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) == tensors + 1 and isinstance(args[0], int | float):
            return method(input, *args[1:], **{factor: args[0]}, **kwargs)
        return method(input, *args, **kwargs)

    return call
