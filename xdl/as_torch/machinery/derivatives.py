"""`torch.autograd.functional`: derivatives of functions at a point, by `xdl.func`.

inputs are one tensor or a tuple of them, and so is v, of the inputs' shapes, or for `vjp` of the outputs'. v may be
left out where they have one element, and is 1 then. create_graph: keeps the results on the tape. strict: an input that
does not matter is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xdl
from xdl import func as derivatives
from xdl.func import hvp, jacobian

Function = Callable[..., Any]


def vjp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """(outputs, v^T J)."""
    outputs, product = derivatives.vjp(func, *_several(inputs))
    found = product(_given(v, outputs), create_graph=create_graph)
    return _result(outputs, create_graph), _result(_like(inputs, found), create_graph)


def jvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """(outputs, J v)."""
    outputs, found = derivatives.jvp(func, _several(inputs), _several(_given(v, inputs)), strict=strict)
    return _result(outputs, create_graph), _result(found, create_graph)


def hessian(func: Function, inputs: Any, create_graph: bool = False, strict: bool = False, **_: Any) -> Any:
    """The Hessian; a tuple of tuples [input][input] for a tuple of inputs."""
    given = _several(inputs)
    by = 0 if isinstance(inputs, xdl.Tensor) else tuple(range(len(given)))
    return _result(derivatives.hessian(func, by)(*given), create_graph)


def vhp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """(output, v^T H), which is (H v)^T."""
    return hvp(func, inputs, v, create_graph, strict)


def _several(given: Any) -> tuple[Any, ...]:
    return (given,) if isinstance(given, xdl.Tensor) else tuple(given)


def _like(inputs: Any, found: tuple[Any, ...]) -> Any:
    return found[0] if isinstance(inputs, xdl.Tensor) else found


def _given(v: Any, like: Any) -> Any:
    return xdl.ones_like(like) if v is None and isinstance(like, xdl.Tensor) and like.numel() == 1 else v


def _result(found: Any, create_graph: bool) -> Any:
    if isinstance(found, tuple):
        return tuple(_result(part, create_graph) for part in found)
    return found if create_graph else found.detach()


__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
