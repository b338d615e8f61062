"""Clipping of gradients, in place, by their norm (Pascanu, Mikolov and Bengio 2013) or value by value.

Nothing is read from the device: the total norm is a Tensor, and clipping multiplies by a factor computed there. All
gradients of one dtype go through a slot together: on a GPU a launch takes sixteen of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.creation import zeros
from xdl.errors import NonFiniteError, SettingError
from xdl.functional import either
from xdl.functional.operands import same_backend
from xdl.nn.base.collections import tensors as tensors_of
from xdl.optim.clip_slots import limit_parts, parts_norm, scale_parts
from xdl.tensor import Tensor, written

Tensors = Tensor | Iterable[Tensor]


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scales all gradients by min(1, max_norm / (norm + 1e-6)); returns the norm that they had together, 0-d.

    norm_type: p of (sum |g|**p)**(1/p), above 0; inf for the largest |g|
    error_if_nonfinite: raises NonFiniteError for a norm that is nan or infinite, which waits for the device

    foreach: accepted for PyTorch's sake, as in the functions below

    Parameters without a gradient are left out. Raises BackendError for parameters of two backends, KindError for a
    set, whose order would change the last digits from run to run.
    """
    given = _with_gradient("clip_grad_norm_", parameters)
    total = get_total_norm([Tensor(either.raw(p._grad)) for p in given], norm_type, error_if_nonfinite)
    clip_grads_with_norm_(given, max_norm, total)
    return total


def get_total_norm(
    tensors: Tensors, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """The norm of all elements of all tensors together, 0-d, in the widest of their dtypes; 0.0 for none.

    Integers count as float64. norm_type and error_if_nonfinite as in `clip_grad_norm_`.
    """
    if not norm_type > 0:
        raise SettingError("get_total_norm", "norm_type: a number above 0, or inf", repr(norm_type))
    given = tensors_of("get_total_norm", tensors)
    if not given:
        return zeros()
    same_backend("get_total_norm", **{f"tensor {i}": t for i, t in enumerate(given)})
    arrays = [t.array for t in given]
    xp = namespaces[type(arrays[0])]
    dtype = xp.result_type(*arrays)
    dtype = dtype if kinds[dtype] == "float" else xp.float64
    norm = xp.empty((), dtype=dtype, device=arrays[0].device)
    parts_norm(norm, [xp.astype(x, dtype, copy=False) for x in arrays], norm_type)
    result = Tensor(norm)
    if error_if_nonfinite and not abs(float(result)) < inf:
        raise NonFiniteError("clip_grad_norm_", "gradients with a finite norm", float(result))
    return result


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scales all gradients by min(1, max_norm / (total_norm + 1e-6)), with a norm from `get_total_norm`."""
    given = _with_gradient("clip_grads_with_norm_", parameters)
    gradients = _writable(given)
    for group in _groups(gradients):
        xp = namespaces[type(group[0])]
        scale_parts(xp.astype(total_norm.array, group[0].dtype, copy=False), group, max_norm)
    _keep(given, gradients)


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Limits every element of every gradient to [-clip_value, clip_value]. Raises SettingError for a negative one."""
    if not clip_value >= 0:
        raise SettingError("clip_grad_value_", "clip_value: a number of at least 0", repr(clip_value))
    given = _with_gradient("clip_grad_value_", parameters)
    gradients = _writable(given)
    for first, *others in _groups(gradients):
        limit_parts(first, others, clip_value)
    _keep(given, gradients)


def _with_gradient(operation: str, parameters: Tensors) -> list[Tensor]:
    return [p for p in tensors_of(operation, parameters) if p._grad is not None]


def _groups(arrays: list[Array]) -> list[list[Array]]:
    """The arrays by backend and dtype, in their order."""
    found: dict[Any, list[Array]] = {}
    for x in arrays:
        found.setdefault((type(x), x.dtype), []).append(x)
    return list(found.values())


def _writable(given: list[Tensor]) -> list[Array]:
    """Their gradients: the arrays themselves, or new ones where NumPy holds a scalar."""
    gradients = [either.raw(p._grad) for p in given]
    return [g if g.shape else namespaces[type(g)].asarray(g) for g in gradients]


def _keep(given: list[Tensor], gradients: list[Array]) -> None:
    """Keeps what was written as the gradients."""
    for p, g in zip(given, gradients, strict=True):
        if isinstance(p._grad, Tensor):
            p._grad.array = g
            written([p._grad])
        else:
            p._grad = g
