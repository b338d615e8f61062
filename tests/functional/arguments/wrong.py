"""Calls with wrong arguments: those of the table's cases, each argument in turn another that cannot be meant.

A function either takes the argument, or raises one of xdl's errors. Anything else, such as an IndexError from
inside, is a fault: it does not say which argument of which function was wrong.
"""

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

import xdl
from tests.functional.cases import CASES
from tests.functional.namespaces import Xdl
from xdl.errors import XdlError

HUGE = 1 << 70
MADE = {  # right calls of what makes tensors
    "arange": ((0, 5, 2), {}),
    "as_tensor": (([1, 2],), {}),
    "bartlett_window": ((5,), {}),
    "bernoulli": ((xdl.full((3,), 0.5),), {}),
    "blackman_window": ((5,), {}),
    "empty": ((2, 3), {}),
    "empty_like": ((xdl.ones(2),), {}),
    "eye": ((2, 3), {}),
    "finfo": (("float32",), {}),
    "from_numpy": ((np.ones(2),), {}),
    "full": (((2, 3), 1.5), {}),
    "full_like": ((xdl.ones(2), 3), {}),
    "hamming_window": ((5,), {}),
    "hann_window": ((5,), {}),
    "iinfo": (("int8",), {}),
    "linspace": ((0.0, 1.0, 3), {}),
    "logspace": ((0.0, 1.0, 3), {}),
    "manual_seed": ((3,), {}),
    "multinomial": ((xdl.ones(3), 2), {}),
    "normal": ((0.0, 1.0, (2,)), {}),
    "ones": ((2, 3), {}),
    "ones_like": ((xdl.ones(2),), {}),
    "promote_types": (("int8", "float32"), {}),
    "rand": ((2, 3), {}),
    "rand_like": ((xdl.ones(2),), {}),
    "randint": ((0, 5, (2,)), {}),
    "randint_like": ((xdl.ones(2), 5), {}),
    "randn": ((2, 3), {}),
    "randn_like": ((xdl.ones(2),), {}),
    "randperm": ((3,), {}),
    "result_type": ((xdl.ones(2), 3), {}),
    "tensor": (([[1.0, 2.0]],), {}),
    "zeros": ((2, 3), {}),
    "zeros_like": ((xdl.ones(2),), {}),
}
NUMBERS = (-1, 0, 3, -7, HUGE, -HUGE, 1.5, float("nan"), float("inf"), True, None, "cats", [], [0, 0], (7, -9))


class Recorder(Xdl):
    """xdl's namespace, which notes the calls of one function."""

    def __init__(self, name):
        self.name, self.calls = name, []

    def __getattr__(self, name):
        function = getattr(xdl.functional, name)
        if name != self.name:
            return function

        def call(*args, **kwargs):
            self.calls.append((args, kwargs))
            return function(*args, **kwargs)

        return call


def calls(most: int = 3) -> dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]]:
    """Function -> the arguments of up to `most` right calls, of different cases."""
    pair = (xdl.ones(2, 3), xdl.ones(2, 3))
    found: dict[str, list[Any]] = {name: [(pair, {})] for name in ("allclose", "equal")}
    found |= {
        name: [(pair[:1], {})] for name in ("is_complex", "is_contiguous", "is_floating_point", "is_tensor", "numel")
    }
    found["broadcast_shapes"] = [(((2, 1), (3,)), {})]
    for case in CASES:
        known = found.setdefault(case.name, [])
        if len(known) < most and hasattr(xdl.functional, case.name):
            recorder = Recorder(case.name)
            case.call(recorder, *[recorder.tensor(x, False) for x in case.inputs("float32")])
            known += [
                made for made in recorder.calls[:1] if spelt_as_declared(getattr(xdl.functional, case.name), *made)
            ]
    found |= {name: found[name[:-1]] for name in xdl.functional.__all__ if name.endswith("_")}
    return {name: made for name, made in found.items() if made}


def spelt_as_declared(function, args, kwargs) -> bool:
    """Whether the keywords are the function's own, not other names for them."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def tensors(t) -> Iterator[Any]:
    """What stands in a tensor's place: other ranks, sizes, dtypes and values, and no tensors."""
    yield xdl.tensor(1.0)
    yield xdl.tensor(-1)
    yield xdl.zeros(0)
    yield xdl.zeros(2, 0, 3)
    yield xdl.ones(2, 3, 1, 2, 3, 1)
    for dtype in ("bool", "int8", "uint8", "int64", "float64"):
        yield t.detach().to(dtype)
    yield t.unsqueeze(0)
    yield t.flatten()
    yield t[:0] if t.ndim else xdl.zeros(3)
    if t.dtype.startswith("float"):
        yield xdl.full(t.shape, float("nan"))
        yield xdl.full(t.shape, -3e38)
    else:
        yield xdl.full(t.shape, True) if t.dtype == "bool" else xdl.full(t.shape, 100, t.dtype)
    yield from (None, "cats", 3, -1.5, [], [1.0, 2.0], np.ones(3), object(), {"a": 1}, (t,))


def mutants(args, kwargs) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The calls in which one argument is another."""
    for i, value in enumerate(args):
        for other in others(value):
            yield (*args[:i], other, *args[i + 1 :]), kwargs
    for name, value in kwargs.items():
        for other in others(value):
            yield args, {**kwargs, name: other}


def others(value) -> Iterator[Any]:
    """What stands in the place of one argument."""
    if isinstance(value, xdl.Tensor):
        yield from tensors(value)
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], xdl.Tensor):
        yield from (type(value)([other, *value[1:]]) for other in tensors(value[0]))
        yield from ([], None, 3, value[0])
    elif not callable(value):
        yield from NUMBERS
        if isinstance(value, (list, tuple)) and value:
            yield from (type(value)([other, *value[1:]]) for other in NUMBERS)
            yield from (value[:-1], (*value, 1), value[0])
    yield xdl.ones(2)


def with_every_setting(function, args, kwargs):
    """The call with each setting that has a default given by name, so that it can be replaced too."""
    given = inspect.signature(function).bind_partial(*args, **kwargs).arguments
    named = dict(kwargs)
    for name, parameter in inspect.signature(function).parameters.items():
        plain = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        if plain and name not in given and parameter.default is not parameter.empty:
            named[name] = parameter.default
    return args, named


def faults(name: str, right) -> list[str]:
    """What went wrong inside, for each call of a function with one wrong argument."""
    function, found = getattr(xdl.functional, name, None) or getattr(xdl, name), []
    for args, kwargs in right:
        for wrong_args, wrong_kwargs in mutants(*with_every_setting(function, args, kwargs)):
            try:
                function(*wrong_args, **wrong_kwargs)
            except XdlError:
                continue
            except Exception as error:
                found.append(f"{shown(name, wrong_args, wrong_kwargs)}: {type(error).__name__}: {error!s:.80}")
    return found


def shown(name, args, kwargs) -> str:
    """A call in short."""
    parts = [*map(brief, args), *(f"{key}={brief(value)}" for key, value in kwargs.items())]
    return f"{name}({', '.join(parts)})"


def brief(value) -> str:
    """An argument in short."""
    return f"{value.dtype}{[*value.shape]}" if isinstance(value, xdl.Tensor) else f"{value!r:.30}"
