"""Clipping of gradients, in place, by their norm (Pascanu, Mikolov and Bengio 2013) or value by value.

Nothing is read from the device: the total norm is a Tensor, and clipping multiplies by a factor computed there.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

from xdl.backend import Array, namespaces
from xdl.creation import zeros
from xdl.errors import NonFiniteError, SettingError
from xdl.functional import either
from xdl.functional.operands import same_backend
from xdl.nn.base.collections import tensors as tensors_of
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

    norm_type and error_if_nonfinite as in `clip_grad_norm_`.
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
    parts = xp.stack([xp.astype(xp.asarray(_part(xp, x, norm_type)), dtype, copy=False) for x in arrays])
    total = xp.max(parts) if norm_type == inf else xp.sum(parts) ** (1 / norm_type)
    result = Tensor(xp.asarray(total))
    if error_if_nonfinite and not abs(float(result)) < inf:
        raise NonFiniteError("clip_grad_norm_", "gradients with a finite norm", float(result))
    return result


def _part(xp: Any, x: Array, p: float) -> Array:
    """sum |x|**p of one array, or its largest |x| for p = inf; 0-d."""
    if p == inf:
        return xp.max(xp.abs(x)) if x.size else xp.sum(x)
    if p == 2:
        flat = xp.reshape(x, (-1,))
        return xp.vecdot(flat, flat)
    return xp.sum(xp.abs(x) if p == 1 else xp.abs(x) ** p)


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scales all gradients by min(1, max_norm / (total_norm + 1e-6)), with a norm from `get_total_norm`."""
    xp = namespaces[type(total_norm.array)]
    factor = xp.asarray(xp.clip(max_norm / (total_norm.array + 1e-6), max=1.0))
    for p in _with_gradient("clip_grads_with_norm_", parameters):
        g = either.raw(p._grad)
        g *= xp.astype(factor, g.dtype, copy=False)
        _keep(p, g)


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Limits every element of every gradient to [-clip_value, clip_value]. Raises SettingError for a negative one."""
    if not clip_value >= 0:
        raise SettingError("clip_grad_value_", "clip_value: a number of at least 0", repr(clip_value))
    for p in _with_gradient("clip_grad_value_", parameters):
        g = either.raw(p._grad)
        clipped = namespaces[type(g)].clip(g, -clip_value, clip_value)
        if g.shape:
            g[...] = clipped
        _keep(p, g if g.shape else clipped)


def _with_gradient(operation: str, parameters: Tensors) -> list[Tensor]:
    return [p for p in tensors_of(operation, parameters) if p._grad is not None]


def _keep(p: Tensor, g: Array) -> None:
    """Keeps g as p's gradient: its own array again, or a new one where NumPy holds a scalar."""
    if isinstance(p._grad, Tensor):
        p._grad.array = g
        written([p._grad])
    else:
        p._grad = g
