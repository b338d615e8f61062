"""What a wrong argument gets: an error of xdl that names the operation and the argument, never Python's from inside.

    sum = typed(sum)
    sum(3)              DtypeError: sum: expected a Tensor as input, found int
    sum(x, dim="rows")  SettingError: sum: expected int | tuple[int, ...] | None as dim, found 'rows'

The function is called as it is. Only where something breaks inside, its arguments are held against its annotations,
and the first that does not fit is named; where all fit, it is their values that do not. The functions of the innermost
loops check themselves, and are not wrapped.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from xdl.errors import BackendError, DtypeError, SettingError, ShapeError, XdlError
from xdl.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])

RAW = (ArithmeticError, AttributeError, LookupError, RecursionError, StopIteration, TypeError, ValueError)
OTHER_CARD = re.compile(r"array resides \((\d+)\) .* current device \((\d+)\)")  # of CuPy's warning, which raises
NAMES = {  # what annotations abbreviate
    "Dim": "int | tuple[int, ...] | None",
    "Operand": "Tensor | float",
    "Pair": "int | tuple[int, int]",
    "Size": "int | Sequence[int]",
}
OTHER = {"axis": "dim", "keepdims": "keepdim", "x": "input", "x1": "input", "x2": "other"}  # as in NumPy
MANY = ("shape", "size", "sizes", "dims", "repeats")  # keywords of PyTorch's for arguments given one by one
KINDS: dict[str, tuple[type, ...]] = {
    "Tensor": (Tensor,),
    "float": (float, int),
    "int": (int,),
    "bool": (bool,),
    "str": (str,),
    "None": (type(None),),
}


def typed(function: F) -> F:
    """The function, with xdl's errors for wrong arguments."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except XdlError:
            raise
        except Warning as warning:
            raise on_other_card(function.__name__, warning) from warning
        except RAW as error:
            other = respelled(function, args, kwargs)
            if other is None:
                raise explained(function, args, kwargs, error) from error
        return call(*other[0], **other[1])

    return cast(F, call)


def on_other_card(operation: str, warning: Warning) -> Exception:
    """What to raise in place of CuPy's warning of an array on a card that does not compute; other warnings stay."""
    found = OTHER_CARD.search(str(warning))
    if found is None:
        return warning
    there, home = (f"cuda:{number}" for number in found.groups())
    hint = f'Move it with .to("{home}"), or compute there: xdl.use("{there}")'
    return BackendError(operation, f"arrays of the card that computes, {home}", f"one of {there}", hint)


def respelled(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """The arguments with `axis` and `keepdims` as `dim` and `keepdim`, and what is given one by one, such as the sizes
    of `reshape`, out of its keyword; None where there is nothing of the kind. The right spelling never comes here.
    """
    parameters = inspect.signature(function).parameters
    many = [name for name, one in parameters.items() if one.kind is one.VAR_POSITIONAL]
    named = {}
    for name, value in kwargs.items():
        right = OTHER.get(name, name)
        if name in parameters and name not in many:
            right = name
        if right != name and right in kwargs:
            return None
        if right in many or (many and right in MANY):
            args = (*args, value)
        else:
            named[right] = value
    changed = len(named) < len(kwargs) or set(named) != set(kwargs)
    return (args, named) if changed and set(named) <= set(parameters) else None


def explained(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception
) -> Exception:
    """What to raise in place of an error from inside; the error itself where Python could not call the function."""
    operation = function.__name__
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return error
    parameters = bound.signature.parameters
    for name, value in bound.arguments.items():
        parameter = parameters[name]
        values = value if parameter.kind is parameter.VAR_POSITIONAL else (value,)
        for one in values:
            if not fits(one, str(parameter.annotation)):
                return _wrong(operation, name, str(parameter.annotation), one)
    said = " ".join(str(error).split()) or type(error).__name__
    return ShapeError(operation, "arguments whose values fit each other", f"{_described(bound.arguments)} ({said})")


def fits(value: Any, annotation: str) -> bool:
    """Whether a value is of a type that an annotation names; True for annotations that are not understood."""
    return any(_is(value, part) for part in _alternatives(annotation))


def _is(value: Any, part: str) -> bool:
    if part in NAMES:
        return fits(value, NAMES[part])
    if part in KINDS:
        is_number = isinstance(value, bool) and part in ("int", "float")
        return isinstance(value, KINDS[part]) and not is_number
    outer, bracket, inner = part.partition("[")
    if bracket and outer in ("Sequence", "tuple", "list"):
        kinds = [kind for kind in _alternatives(inner.removesuffix("]"), ",") if kind != "..."]
        many = isinstance(value, list | tuple)
        return many and all(fits(one, kinds[min(i, len(kinds) - 1)]) for i, one in enumerate(value))
    return True


def _alternatives(annotation: str, between: str = "|") -> list[str]:
    """The parts of an annotation, not those inside brackets."""
    parts, depth = [""], 0
    for character in annotation:
        depth += (character == "[") - (character == "]")
        if character == between and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _wrong(operation: str, name: str, annotation: str, value: Any) -> Exception:
    for short, long in NAMES.items():
        annotation = annotation.replace(short, long)
    found = f"{value!r:.60}"
    if annotation == "Tensor":
        return DtypeError(operation, f"a Tensor as {name}", type(value).__name__, "Wrap it with xdl.tensor(...)")
    return SettingError(operation, f"{annotation} as {name}", found)


def _described(arguments: dict[str, Any]) -> str:
    def short(value: Any) -> str:
        return f"{value.dtype} {value.shape}" if isinstance(value, Tensor) else f"{value!r:.40}"

    return ", ".join(f"{name} {short(value)}" for name, value in arguments.items())
