"""Penalties on the size of parameters, to be added to a loss: loss + weight * l1_penalty(model.parameters()).

Weight decay of an optimizer without momentum, w p added to each gradient, is the same as w / 2 * l2_penalty.
"""

from __future__ import annotations

from collections.abc import Iterable

from xdl.errors import SettingError
from xdl.nn.base.collections import tensors
from xdl.tensor import Tensor


def l1_penalty(parameters: Tensor | Iterable[Tensor]) -> Tensor:
    """y = sum |p| over all elements of all parameters, 0-d; dy/dp = sign p, 0 at 0 (Tibshirani 1996).

    Raises SettingError for no parameters.
    """
    return _sum("l1_penalty", [p.abs().sum() for p in tensors("l1_penalty", parameters)])


def l2_penalty(parameters: Tensor | Iterable[Tensor]) -> Tensor:
    """y = sum p**2 over all elements of all parameters, 0-d; dy/dp = 2 p (Hoerl and Kennard 1970).

    Raises SettingError for no parameters.
    """
    return _sum("l2_penalty", [(p * p).sum() for p in tensors("l2_penalty", parameters)])


def _sum(operation: str, parts: list[Tensor]) -> Tensor:
    if not parts:
        raise SettingError(operation, "at least one parameter", "none")
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
