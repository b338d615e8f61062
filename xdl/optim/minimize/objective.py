"""The function that is minimized: its value and gradient at vectors, evaluated as one and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl import tape
from xdl.backend import Array, namespaces
from xdl.errors import DataError, GraphError, KindError, SettingError, ShapeError
from xdl.func import hessian
from xdl.func.numerical import number
from xdl.optim.minimize.vectors import array_like
from xdl.tensor import Tensor, enable_grad, no_grad

Jac = bool | Callable[..., Any] | None


@dataclass(frozen=True)
class Point:
    """A point x (n,), the value there, and the gradient (n,)."""

    x: Array
    fun: float
    gradient: Array


class Objective:
    """f and its derivatives at vectors (n,), which f gets as Tensors of a shape.

    f:    f(x, *args) -> a number; with jac True (number, gradient)
    jac:  None: the gradient comes from the tape; True: from f; a function: jac(x, *args) -> gradient
    hess: None: the Hessian comes from the tape; a function: hess(x, *args) -> matrix (n, n)

    nfev counts the pairs of value and gradient, nhev the Hessians.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        jac: Jac,
        hess: Callable[..., Any] | None,
        shape: tuple[int, ...],
    ) -> None:
        for name, value in (("f", f), ("hess", hess), ("jac", None if isinstance(jac, bool) else jac)):
            if not (callable(value) or (value is None and name != "f")):
                raise KindError("minimize", f"a function as {name}", type(value).__name__)
        self.f, self.args, self.shape = f, args, shape
        self.jac, self.hess = jac, hess
        self.nfev = self.nhev = 0

    def at(self, x: Array) -> Point:
        """Value and gradient at x, in one evaluation. Raises ShapeError, KindError, GraphError as f's results are."""
        self.nfev += 1
        value, gradient = self._pair(x)
        return Point(x, value, namespaces[type(x)].reshape(gradient, (-1,)))

    def _pair(self, x: Array) -> tuple[float, Array]:
        if not self.jac:
            return self._from_tape(x)
        with no_grad():
            found = self.f(self._shaped(x), *self.args)
            if self.jac is True:
                if not isinstance(found, tuple) or len(found) != 2:
                    raise KindError(
                        "minimize", "an f that returns (value, gradient), as jac=True says", type(found).__name__
                    )
                found, gradient = found
            else:
                gradient = self.jac(self._shaped(x), *self.args)
        return number("minimize", found), array_like("minimize", "a gradient", gradient, x, self.shape)

    def _from_tape(self, x: Array) -> tuple[float, Array]:
        leaf = self._shaped(x).requires_grad_()
        with enable_grad():
            y = self.f(leaf, *self.args)
        if not isinstance(y, Tensor) or not y.requires_grad:
            found = type(y).__name__ if not isinstance(y, Tensor) else "one that does not"
            hint = "Give the gradient as jac=, or compute with Tensors"
            raise GraphError("minimize", "an f whose result is a Tensor that depends on x", found, hint)
        if y.numel() != 1:
            raise ShapeError("minimize", "a function that returns one number", f"shape {y.shape}")
        (g,) = tape.grad(y, leaf)
        return float(y.item()), leaf.array * 0 if g is None else g.array

    def hessian(self, x: Array) -> Array:
        """The Hessian (n, n) at x, symmetric. Raises GraphError where neither hess nor a tape of f gives it."""
        self.nhev += 1
        xp, n = namespaces[type(x)], x.shape[0]
        if self.hess is not None:
            with no_grad():
                found = self.hess(self._shaped(x), *self.args)
            h = array_like("minimize", "a Hessian", found, x, (n, n))
        else:
            h = xp.reshape(hessian(self._value)(self._shaped(x)).array, (n, n))
        return (h + xp.matrix_transpose(h)) * 0.5

    def _value(self, x: Tensor) -> Tensor:
        found = self.f(x, *self.args)
        y = found[0] if self.jac is True and isinstance(found, tuple) else found
        if not isinstance(y, Tensor) or not y.requires_grad:
            raise GraphError(
                "minimize", "an f of Tensors, whose Hessian the tape gives", type(y).__name__, "Give hess="
            )
        return y.reshape(())

    def _shaped(self, x: Array) -> Tensor:
        return Tensor(namespaces[type(x)].asarray(namespaces[type(x)].reshape(x, self.shape), copy=True))


def check_start(x0: Tensor) -> None:
    """Raises ShapeError for a start without elements, DataError for one that is not finite."""
    if not x0.numel():
        raise ShapeError("minimize", "x0 of at least one element", x0.shape)
    if not bool(x0.isfinite().all()):
        raise DataError("minimize", "a finite x0", "nan or infinity")


def positive(name: str, value: float, low: float = 0.0, high: float = float("inf")) -> float:
    """An option that lies between two numbers. Raises SettingError."""
    if not (isinstance(value, int | float) and low < value < high):
        raise SettingError("minimize", f"{name}: a number above {low:g} and below {high:g}", repr(value))
    return value
