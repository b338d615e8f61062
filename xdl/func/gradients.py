"""grad and grad_and_value: the gradient of a function with one value, as a function."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from xdl.errors import ShapeError
from xdl.func.traced import Argnums, by_argument, numbers, traced

Function = Callable[..., Any]


def grad(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that gives the gradient of `func`, which returns a Tensor without dimensions.

    argnums: the number of the argument to differentiate by; for a tuple of numbers a tuple of gradients is returned
    has_aux: func returns (output, aux), and then (gradient, aux) is returned

    An argument that the output does not depend on gets zeros. Raises ShapeError for an output with dimensions,
    KindError for arguments and outputs that are no Tensors, SettingError for argnums that are out of range.
    """
    both = _gradient("grad", func, argnums, has_aux)

    @wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def grad_and_value(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that gives (gradient, output), with has_aux (gradient, (output, aux)); see `grad`."""
    return _gradient("grad_and_value", func, argnums, has_aux)


def _gradient(operation: str, func: Function, argnums: Argnums, has_aux: bool) -> Function:
    @wraps(func)
    def gradient_and_value(*args: Any, **kwargs: Any) -> Any:
        run = traced(operation, func, numbers(operation, argnums), has_aux, args, kwargs)
        if [y.shape for y in run.outputs] != [()]:
            found = [y.shape for y in run.outputs]
            raise ShapeError(operation, "a function that returns one Tensor without dimensions", f"shapes {found}")
        found = run.per_argument(run.gradients(run.outputs, create_graph=run.around))
        value, aux = run.shown(run.output), run.shown(run.aux)
        return by_argument(argnums, found), (value, aux) if has_aux else value

    return gradient_and_value
