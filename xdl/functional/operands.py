"""What two operands of one elementwise operation must share: backend, dtype, broadcastable shapes.

Different dtypes are converted to the common one of `xdl.promotion`, on every backend alike, before the operation; the
conversion of a floating tensor is on the tape, so that each gradient has its tensor's dtype. Operands that have one
dtype already pass without a call. A number stays one, of the category that the operation computes in.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import isfinite
from typing import Any

from xdl import backend, observe
from xdl.backend import Array, kinds, namespaces
from xdl.errors import BackendError, DtypeError, ShapeError
from xdl.functional.elementwise.convert import cast
from xdl.promotion import DEFAULTS, higher, number_kind, promote_types, result_type
from xdl.tensor import Tensor

PYTHON = {"bool": bool, "int": int, "float": float}
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def operands(operation: str, a: Any, b: Any) -> tuple[str, Any, Any, Any, Any]:
    """kind, a, b, x, y of `operation(a, b)`: the category of the common dtype ("bool", "int" or "float"), the operands
    in it, and their raw arrays. At least one operand is a Tensor; a number is its own raw operand.

    Raises ShapeError, BackendError, or DtypeError where there is no common dtype, or a number that it cannot hold.
    """
    if isinstance(a, Tensor):
        x = a.array
        if isinstance(b, Tensor):
            y = b.array
            if x.dtype != y.dtype or type(x) is not type(y):
                a, b = promoted(operation, input=a, other=b)
                x, y = a.array, b.array
            elif backend.several_cards:
                same_backend(operation, input=a, other=b)
            if x.shape != y.shape:
                broadcast_shape(operation, x.shape, y.shape)
            return kinds[x.dtype], a, b, x, y
        if backend.several_cards:
            computes(operation, "input", a)
        a, b = _with_number(operation, a, b)
        return kinds[a.array.dtype], a, b, a.array, b
    if not isinstance(b, Tensor):
        raise DtypeError(operation, "at least one Tensor", f"{type(a).__name__} and {type(b).__name__}")
    b, a = _with_number(operation, b, a)
    return kinds[b.array.dtype], a, b, a, b.array


def pair(operation: str, a: Any, b: Any, *allowed: str) -> tuple[Any, Any, Any, Any, Any]:
    """The namespace, and a, b, x, y of `operands`. Raises as it does, and DtypeError unless the kind is allowed.

    Where only "float" is, integers and bools are converted to float32.
    """
    kind, a, b, x, y = operands(operation, a, b)
    if kind not in allowed:
        if allowed != ("float",):
            array = x if isinstance(a, Tensor) else y
            raise DtypeError(operation, f"dtypes of kind {' or '.join(allowed)}", backend.dtype_name(array))
        floats = [cast(t, "float32") if isinstance(t, Tensor) else float(t) for t in (a, b)]
        _, a, b, x, y = operands(operation, *floats)
    return namespaces[type(x if isinstance(a, Tensor) else y)], a, b, x, y


def promoted(operation: str, **pair: Tensor) -> list[Tensor]:
    """Two tensors in their common dtype. Raises DtypeError, and BackendError naming the arguments."""
    same_backend(operation, **pair)
    first, second = pair.values()
    dtype = result_type(first, second)
    return [cast(first, dtype), cast(second, dtype)]


def in_common_dtype(tensors: Sequence[Tensor]) -> list[Tensor]:
    """All tensors in the dtype that holds each of them. Raises DtypeError where there is none."""
    dtype = reduce(promote_types, [t.dtype for t in tensors])
    return [cast(t, dtype) for t in tensors]


def broadcast_shape(operation: str, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that all shapes broadcast to. Raises ShapeError naming the dimension that does not fit."""
    ndim = max(map(len, shapes))
    out = []
    for i in range(-ndim, 0):
        sizes = {shape[i] for shape in shapes if len(shape) >= -i} - {1}
        if len(sizes) > 1:
            listed = " and ".join(str(tuple(s)) for s in shapes)
            raise ShapeError(operation, f"shapes that broadcast (equal sizes or 1 in dimension {i})", listed)
        out.append(sizes.pop() if sizes else 1)
    return tuple(out)


def same_backend(operation: str, **arguments: Tensor | None) -> None:
    """Raises BackendError, naming both arguments, unless all given tensors live on one backend, and on one card."""
    first: tuple[str, Tensor] | None = None
    for name, t in arguments.items():
        if t is None:
            continue
        if not isinstance(t, Tensor):
            raise no_tensor(operation, name, t)
        if first is None:
            first = (name, t)
        elif type(t.array) is not type(first[1].array):
            raise BackendError(
                operation,
                "arrays of one backend",
                f"{first[0]} on {backend.of(first[1].array).name!r} and {name} on {backend.of(t.array).name!r}",
            )
        elif backend.several_cards and t.device != first[1].device:
            raise BackendError(
                operation,
                "arrays of one card",
                f"{first[0]} on {first[1].device} and {name} on {t.device}",
                f'Move one with .to("{first[1].device}")',
            )
    if backend.several_cards and first is not None:
        computes(operation, *first)


def computes(operation: str, name: str, t: Tensor) -> None:
    """Raises BackendError unless the tensor lives on the card that computes."""
    home, there = backend.of(t.array).home, t.device
    if home not in (None, there.index):
        hint = f'Move it with .to("cuda:{home}"), or compute there: xdl.use("{there}")'
        raise BackendError(operation, f"arrays of the card that computes, cuda:{home}", f"{name} on {there}", hint)


def no_tensor(operation: str, name: str, found: Any) -> DtypeError:
    """The error for an argument that is no Tensor."""
    return DtypeError(operation, f"a Tensor as {name}", type(found).__name__, "Wrap it with xdl.tensor(...)")


def check_tensors(operation: str, **arguments: Any) -> None:
    """Raises DtypeError, naming the argument, for one that is no Tensor."""
    for name, found in arguments.items():
        if not isinstance(found, Tensor):
            raise no_tensor(operation, name, found)


def floating(operation: str, **arguments: Tensor | None) -> None:
    """Raises DtypeError, naming the argument, unless all given tensors hold one floating dtype on one backend."""
    same_backend(operation, **arguments)
    one_floating(operation, **arguments)


def one_floating(operation: str, **arguments: Tensor | None) -> None:
    """`floating`, for tensors that are known to live on one backend."""
    first: tuple[str, Tensor] | None = None
    for name, t in arguments.items():
        if t is None:
            continue
        if kinds[t.array.dtype] != "float":
            raise DtypeError(operation, f"a floating dtype as {name}", t.dtype, 'Convert with .to("float32")')
        if first is None:
            first = (name, t)
        elif t.array.dtype != first[1].array.dtype:
            raise DtypeError(operation, f"one dtype for {first[0]} and {name}", f"{first[1].dtype} and {t.dtype}")


def in_one_floating(operation: str, **arguments: Tensor) -> list[Tensor]:
    """All tensors in the floating dtype that holds each of them; those of one dtype as they are.

    Raises BackendError, and DtypeError, naming the argument, unless at least one of them is floating.
    """
    same_backend(operation, **arguments)
    tensors = list(arguments.values())
    dtype = tensors[0].array.dtype
    for t in tensors:
        if t.array.dtype != dtype:
            tensors = in_common_dtype(tensors)
            break
    if kinds[tensors[0].array.dtype] != "float":
        one_floating(operation, **arguments)
    return tensors


def one_dtype(operation: str, **arguments: Tensor) -> None:
    """Raises DtypeError, naming both arguments, unless all tensors hold the first one's dtype; BackendError."""
    same_backend(operation, **arguments)
    (first, expected), *others = arguments.items()
    for name, t in others:
        if t.array.dtype != expected.array.dtype:
            raise DtypeError(operation, f"one dtype for {first} and {name}", f"{expected.dtype} and {t.dtype}")


def one_number(operation: str, t: Tensor, value: float) -> Any:
    """A number as t's dtype has it; as a bool, whether it is 0. Raises DtypeError for 1.5 or 300 in int8."""
    kind = kinds[t.array.dtype]
    if number_kind(value, operation) == "float" and kind == "int" and (not isfinite(value) or int(value) != value):
        raise DtypeError(operation, f"a value that {t.dtype} holds", value, 'Convert the tensor with .to("float32")')
    return _with_number(operation, t, PYTHON[kind](value))[1]


def check_indices(operation: str, name: str, indices: Array, size: int, ignored: int | None = None) -> None:
    """Raises DataError for an index outside [0, size) that is not `ignored`; on a device where values are read next."""
    backend.of(indices).check_range(operation, name, indices, 0, size, ignored)


def _with_number(operation: str, t: Tensor, number: Any) -> tuple[Tensor, Any]:
    """A Tensor and a number as operands: the number counts only where its category is higher.

    Of comparisons, a whole number that the dtype cannot hold makes it int64. Else it raises DtypeError.
    """
    kind = kinds[t.array.dtype]
    if type(number) is not float:
        wanted = number_kind(number, operation)
        number = PYTHON[wanted](number)
    else:
        wanted = "float"
    if wanted is not kind:
        if higher(wanted, kind):
            t, kind = cast(t, DEFAULTS[wanted]), wanted
        number = PYTHON[kind](number)
    if observe.launches is not None:
        observe.given(operation, number=number)
    if kind == "int" and not _holds(t, number):
        t = _wider(operation, t, number)
    return t, number


def _holds(t: Tensor, number: int) -> bool:
    limits = namespaces[type(t.array)].iinfo(t.array.dtype)
    return bool(limits.min <= number <= limits.max)


def _wider(operation: str, t: Tensor, number: int) -> Tensor:
    if operation in COMPARISONS and _holds(wide := cast(t, "int64"), number):
        return wide
    hint = "Convert the tensor to a dtype that holds it"
    raise DtypeError(operation, f"a number that {t.dtype} holds", number, hint)
