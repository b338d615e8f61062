"""Whole Jacobians and Hessians, one backward pass for each element of the output.

For an output of shape S and an argument of shape T the Jacobian has shape (*S, *T).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from xdl.creation import zeros, zeros_like
from xdl.func.traced import Argnums, Traced, by_argument, numbers, traced
from xdl.func.trees import Tree, filled
from xdl.functional import stack
from xdl.tensor import Tensor, no_grad

Function = Callable[..., Any]


def jacrev(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that gives the Jacobian of `func` by reverse passes.

    argnums: the number of the argument to differentiate by; for a tuple of numbers a tuple of Jacobians is returned
    has_aux: func returns (output, aux), and then (Jacobian, aux) is returned

    Where func returns a tuple, list or dict, it holds the Jacobians of each part. Raises KindError for arguments and
    outputs that are no Tensors, SettingError for argnums that are out of range.
    """
    return _jacobian("jacrev", func, argnums, has_aux, False)


def hessian(func: Function, argnums: Argnums = 0) -> Function:
    """The function that gives the Hessian of `func`: the Jacobian of its Jacobian.

    For an argument of shape T and an output without dimensions it has shape (*T, *T); for argnums of a tuple there is
    a tuple of tuples, Hessian[i][j]. Raises as `jacrev`.
    """
    return _jacobian("hessian", _jacobian("hessian", func, argnums, False, False), argnums, False, False)


def jacobian(func: Function, inputs: Tree, create_graph: bool = False, strict: bool = False) -> Tree:
    """The Jacobian of func(*inputs), or func(inputs) for one Tensor, at the inputs.

    A Tensor for one output and one input, a tuple where there are several of either, a tuple [output][input] for both.
    create_graph: keeps it on the tape where the inputs are;  strict: an input that does not matter is an error

    Raises KindError for what are no Tensors, GraphError if strict.
    """
    if isinstance(inputs, Tensor):
        argnums: Argnums = 0
        args: tuple[Any, ...] = (inputs,)
    else:
        args = tuple(inputs)
        argnums = tuple(range(len(args)))
    found = _jacobian("jacobian", func, argnums, False, strict)
    if create_graph:
        return found(*args)
    with no_grad():
        return found(*args)


def _jacobian(operation: str, func: Function, argnums: Argnums, has_aux: bool, strict: bool) -> Function:
    @wraps(func)
    def gives_jacobian(*args: Any, **kwargs: Any) -> Any:
        run = traced(operation, func, numbers(operation, argnums), has_aux, args, kwargs)
        rows = [by_argument(argnums, run.per_argument(_rows(operation, run, y, strict))) for y in run.outputs]
        found = filled(run.output, rows)
        return (found, run.shown(run.aux)) if has_aux else found

    return gives_jacobian


def _rows(operation: str, run: Traced, y: Tensor, strict: bool) -> list[Tensor]:
    """The Jacobians of one output by each handle."""
    if not y.dtype.startswith("float") or not y.numel():
        return [zeros(*y.shape, *t.shape, dtype=t.dtype, device=t.device) for t in run.handles]
    columns: list[list[Tensor]] = []
    for i in range(y.numel()):
        u = zeros_like(y)
        u.view(-1)[i] = 1.0
        columns.append(run.gradients([y], [u], create_graph=run.around, strict=strict))
    stacked = zip(run.handles, zip(*columns, strict=True), strict=True)
    return [stack(list(rows)).reshape((*y.shape, *t.shape)) for t, rows in stacked]
