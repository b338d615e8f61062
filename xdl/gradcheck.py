"""Numerical checks of gradients in float64, by directional derivatives.

For a function f, a point x, a direction v and a cotangent u, all random,

    u . (f(x + e v) - f(x - e v)) / (2 e)   ought to be   (the gradient of u . f at x) . v

One pair of evaluations tests every component of the gradient at once, with error O(e**2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xdl import random
from xdl.backend import namespaces
from xdl.errors import DtypeError, GraphError, XdlError
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

Function = Callable[..., Any]


class GradientError(XdlError, AssertionError):
    """A gradient that differs from the numerical derivative."""


def gradcheck(
    function: Function, inputs: Sequence[Any], eps: float = 1e-6, tolerance: float = 1e-6, seed: int = 0
) -> bool:
    """Checks the gradient of function(*inputs) with respect to each floating input that requires grad.

    function: returns a Tensor or several; inputs: float64 Tensors, or anything else as a constant.
    The error is relative to the larger of 1 and the derivative. Returns True, raises GradientError naming the
    input, DtypeError for an input that is not float64.
    """
    checked = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise GraphError("gradcheck", "an input that requires grad", "none")
    for i in checked:
        if inputs[i].dtype != "float64":
            raise DtypeError("gradcheck", f"float64 as input {i}", inputs[i].dtype, "float32 is too coarse")
    outputs = _outputs(function(*inputs))
    stream = random.Stream(seed, "gradcheck")
    cotangents = [_normal(stream, y) for y in outputs]
    gradients = grad(outputs, [inputs[i] for i in checked], cotangents, retain_graph=True)
    for i, g in zip(checked, gradients, strict=True):
        direction = _normal(stream, inputs[i])
        found = 0.0 if g is None else _dot(g, direction)
        expected = _slope(function, inputs, i, direction, cotangents, eps)
        if not abs(found - expected) <= tolerance * max(1.0, abs(expected)):
            raise GradientError("gradcheck", f"d/d input {i} along a random direction {expected:.9g}", f"{found:.9g}")
    return True


def gradgradcheck(
    function: Function, inputs: Sequence[Any], eps: float = 1e-6, tolerance: float = 1e-6, seed: int = 0
) -> bool:
    """Checks the gradient of the gradient, with respect to each input that requires grad and to the cotangents.

    First the gradient that records must equal the ordinary one, since they may take different ways.
    Raises as `gradcheck`.
    """
    checked = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    stream = random.Stream(seed, "gradgradcheck")
    outputs = _outputs(function(*inputs))
    cotangents = [_normal(stream, y).requires_grad_() for y in outputs]
    leaves = [inputs[i] for i in checked]
    plain = grad(outputs, leaves, cotangents, retain_graph=True)
    for i, g, recorded in zip(checked, plain, grad(outputs, leaves, cotangents, create_graph=True), strict=True):
        if (g is None) != (recorded is None) or (g is not None and not _equal(g, recorded, tolerance)):
            raise GradientError("gradgradcheck", f"the ordinary gradient of input {i} with create_graph", "another")

    def gradient(*arguments: Any) -> list[Tensor]:
        given, u = arguments[: len(inputs)], arguments[len(inputs) :]
        found = grad(_outputs(function(*given)), [given[i] for i in checked], u, create_graph=True)
        return [g for g in found if g is not None and g.requires_grad]

    return gradcheck(gradient, [*inputs, *cotangents], eps, tolerance, seed)


def _slope(
    function: Function, inputs: Sequence[Any], i: int, direction: Tensor, cotangents: list[Tensor], eps: float
) -> float:
    """The derivative of the cotangents' product with the outputs, along a direction of input i."""
    sums = []
    for step in (eps, -eps):
        with no_grad():
            moved = inputs[i] + direction * step
        arguments = [*inputs[:i], moved.requires_grad_(), *inputs[i + 1 :]]
        sums.append(sum(_dot(y, u) for y, u in zip(_outputs(function(*arguments)), cotangents, strict=True)))
    return (sums[0] - sums[1]) / (2 * eps)


def _outputs(result: Any) -> list[Tensor]:
    return [result] if isinstance(result, Tensor) else list(result)


def _normal(stream: random.Stream, like: Tensor) -> Tensor:
    """Standard normal values of like's shape, dtype and backend."""
    return Tensor(stream.normal(like.shape, like.dtype, like.array))


def _equal(a: Tensor, b: Tensor | None, tolerance: float) -> bool:
    if b is None or a.shape != b.shape:
        return False
    xp = namespaces[type(a.array)]
    if not a.array.size:
        return True
    largest, difference = (float(Tensor(xp.max(xp.abs(x)))) for x in (a.array, a.array - b.array))
    return difference <= tolerance * max(1.0, largest)


def _dot(a: Tensor, b: Tensor) -> float:
    xp = namespaces[type(a.array)]
    return float(Tensor(xp.sum(a.array * b.array)))
