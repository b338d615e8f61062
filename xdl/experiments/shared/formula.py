"""Functions of one or several variables from text: "x**3 - 3*x"; see `expression` for what is understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdl.creation import tensor
from xdl.errors import SettingError, expect
from xdl.experiments.shared.expression import read
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

Function = Callable[..., Tensor]


def formula(setting: str, text: str, names: Sequence[str] = ("x",)) -> Function:
    """The function of the named variables that a text stands for, by elements of float64 Tensors.

    setting: whose value the text is, for messages

    Raises SettingError for what is no expression, and for one of other variables.
    """
    steps = read(text)
    strangers = [step.name for step in steps if step.operation is None and step.name not in names]
    expected = f"an expression of {' and '.join(names)}"
    expect(not strangers, SettingError, setting, expected, f"{', '.join(strangers)} in it")

    def function(*given: Tensor) -> Tensor:
        values: list[Tensor] = []
        for step in steps:
            if step.operation is None:
                values.append(given[names.index(step.name)])
            else:
                values.append(step.operation(*[values[i] for i in step.inputs]))
        return values[-1]

    return function


def evaluated(f: Function, xs: Sequence[float]) -> list[float]:
    """f at each x."""
    with no_grad():
        found: list[float] = f(tensor(list(xs), dtype="float64")).tolist()
    return found


def derivatives(f: Function, xs: Sequence[float], order: int = 1) -> list[list[float]]:
    """f, f', f'', ... up to an order, each at all xs, from the tape."""
    x = tensor(list(xs), dtype="float64", requires_grad=True)
    y = f(x)
    found = [y]
    for _ in range(order):
        (slope,) = grad(found[-1].sum(), [x], create_graph=True) if found[-1].requires_grad else (None,)
        found.append(x * 0 if slope is None else slope)
    return [one.tolist() for one in found]


def at(f: Function, x: float, order: int = 1) -> list[float]:
    """[f(x), f'(x), f''(x), ...] up to an order. Raises SettingError where one is not finite."""
    found = [values[0] for values in derivatives(f, [x], order)]
    fits = all(abs(value) < float("inf") for value in found)
    expect(fits, SettingError, "at", "a place where the function and its derivatives are finite", f"{found} at {x:g}")
    return found
