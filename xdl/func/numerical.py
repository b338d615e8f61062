"""Gradients by two-sided differences, element by element: (f(x + h) - f(x - h)) / (2 h), with an error O(h**2).

They cost two evaluations an element, and need nothing of the function: it may use arrays of any kind. The best h is
about the cube root of the precision, where the error of the difference meets that of rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import BackendError, DtypeError, KindError, SettingError, ShapeError
from xdl.nn.base.collections import ordered
from xdl.tensor import Tensor, no_grad, written

STEPS = {"float64": 6e-6, "float32": 5e-3}  # the cube roots of the precisions


def numerical_gradient(function: Callable[..., Any], arrays: Sequence[Any], eps: float | None = None) -> list[Any]:
    """The gradients of function(*arrays), which returns one number, by each of the arrays.

    arrays: a list of Tensors or raw arrays, float64 or float32, of any shapes; they are copied, and stay as they are
    eps:    h; without one 6e-6 for float64, 5e-3 for float32

    Returns Tensors for Tensors and arrays for arrays. Raises KindError for what is neither, DtypeError for integers,
    SettingError for eps that is not positive, ShapeError for a result of several elements.
    """
    own = [_copy(x) for x in _checked("numerical_gradient", arrays, eps)]
    return _differences("numerical_gradient", lambda: function(*own), own, eps)


def numerical_gradients_of(loss: Callable[[], Any], parameters: Sequence[Any], eps: float | None = None) -> list[Any]:
    """The gradients of loss(), which returns one number, by each of the parameters that it reads.

    Each element is moved in place and set back. Otherwise as `numerical_gradient`:

        numerical_gradients_of(lambda: criterion(model(x), y), list(model.parameters()))
    """
    given = _checked("numerical_gradients_of", parameters, eps)
    for i, x in enumerate(given):
        if not backend.writable(_raw(x)):
            raise KindError("numerical_gradients_of", f"memory that can be written as number {i}", "read-only memory")
    return _differences("numerical_gradients_of", loss, given, eps)


def _differences(operation: str, evaluate: Callable[[], Any], arrays: list[Any], eps: float | None) -> list[Any]:
    gradients = []
    with no_grad():
        for x in arrays:
            raw = _raw(x)
            h = STEPS[backend.dtype_name(raw)] if eps is None else eps
            g = namespaces[type(raw)].zeros_like(raw)
            for place in product(*map(range, raw.shape)):
                g[place] = _slope(operation, evaluate, x, place, h)
            gradients.append(Tensor(g) if isinstance(x, Tensor) else g)
    return gradients


def _slope(operation: str, evaluate: Callable[[], Any], x: Any, place: tuple[int, ...], h: float) -> float:
    """The difference quotient by one element of x, over the way that it really went."""
    raw = _raw(x)
    kept = _element(raw, place)
    places, values = [], []
    try:
        for moved in (kept + h, kept - h):
            _write(x, place, moved)
            places.append(_element(raw, place))
            values.append(number(operation, evaluate()))
    finally:
        _write(x, place, kept)
    if places[0] == places[1]:
        raise SettingError(operation, f"eps that moves {kept} in its dtype", h)
    return (values[0] - values[1]) / (places[0] - places[1])


def _element(raw: Array, place: tuple[int, ...]) -> float:
    return float(Tensor(namespaces[type(raw)].asarray(raw[place])))


def _write(x: Any, place: tuple[int, ...], value: float) -> None:
    _raw(x)[place] = value
    if isinstance(x, Tensor):
        written([x])


def number(operation: str, value: Any) -> float:
    """What a function returned as a Python number. Raises ShapeError unless it is one."""
    shape = getattr(value, "shape", None)
    if isinstance(value, int | float) or (shape is not None and prod(shape) == 1):
        return float(value.item() if shape else value)
    found = type(value).__name__ if shape is None else f"shape {tuple(shape)}"
    raise ShapeError(operation, "a function that returns one number", found)


def _checked(operation: str, arrays: Sequence[Any], eps: float | None) -> list[Any]:
    if eps is not None and not (isinstance(eps, int | float) and eps > 0):
        raise SettingError(operation, "eps: a number above 0", repr(eps))
    if isinstance(arrays, Tensor):
        raise KindError(operation, "a list of Tensors or arrays", "one Tensor", "Give [x]")
    given = ordered(operation, arrays)
    for i, x in enumerate(given):
        try:
            namespaces[type(_raw(x))]
        except BackendError as error:
            raise KindError(operation, f"a Tensor or an array as number {i}", type(x).__name__) from error
        if (dtype := backend.dtype_name(_raw(x))) not in STEPS:
            raise DtypeError(operation, f"float64 or float32 as number {i}", dtype)
    return given


def _raw(x: Any) -> Any:
    return x.array if isinstance(x, Tensor) else x


def _copy(x: Any) -> Any:
    raw = _raw(x)
    own = namespaces[type(raw)].asarray(raw, copy=True)
    return Tensor(own) if isinstance(x, Tensor) else own
