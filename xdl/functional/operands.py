"""What two operands of one elementwise operation must share: backend, promotable dtypes, broadcastable shapes.

The promotion table is the array API standard's, the same on every backend. Within one kind (bool, int, float)
the wider type wins: float32 with float64 gives float64; uint64 and a signed type have none that holds both, and
raise DtypeError. Kinds do not mix: int64 with float32 raises DtypeError, because the libraries disagree on the
answer. Numbers, Python's and NumPy's scalars, are weak: they take the tensor's type, and only a number that the type
cannot hold (2.5 with int64) raises.
"""

from __future__ import annotations

from numbers import Number
from typing import Any

from xdl import backend
from xdl.backend import Array, dtype_name, kinds, namespaces
from xdl.errors import BackendError, DataError, DtypeError, ShapeError
from xdl.tensor import Tensor

_RANK = {"bool": 0, "int": 1, "float": 2}


def operands(operation: str, a: Any, b: Any) -> tuple[Any, Any]:
    """The raw operands of `operation(a, b)`, at least one of them a Tensor, the other a Tensor or a number.

    Raises ShapeError, DtypeError or BackendError where they do not fit.
    """
    if isinstance(a, Tensor):
        x = a.data
        if isinstance(b, Tensor):
            y = b.data
            if x.dtype != y.dtype or type(x) is not type(y):
                _check_types(operation, a, b)
            if x.shape != y.shape:
                broadcast_shape(operation, x.shape, y.shape)
            return x, y
        return x, _weak(operation, b, x)
    if not isinstance(b, Tensor):
        raise DtypeError(operation, "at least one Tensor", f"{type(a).__name__} and {type(b).__name__}")
    return _weak(operation, a, b.data), b.data


def pair(operation: str, a: Any, b: Any, *allowed: str) -> tuple[Any, Any, Any]:
    """The namespace and the raw operands. Raises as `operands`, and DtypeError unless their kind is an allowed one."""
    x, y = operands(operation, a, b)
    array = x if isinstance(a, Tensor) else y
    if kinds[array.dtype] not in allowed:
        raise DtypeError(operation, f"dtypes of kind {' or '.join(allowed)}", backend.dtype_name(array))
    return namespaces[type(array)], x, y


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
    """Raises BackendError, naming both arguments, unless all given tensors live on one backend."""
    first: tuple[str, Tensor] | None = None
    for name, t in arguments.items():
        if t is None:
            continue
        if not isinstance(t, Tensor):
            raise DtypeError(operation, f"a Tensor as {name}", type(t).__name__, "Wrap it with xdl.tensor(...)")
        if first is None:
            first = (name, t)
        elif type(t.data) is not type(first[1].data):
            raise BackendError(
                operation,
                "arrays of one backend",
                f"{first[0]} on {backend.of(first[1].data).name!r} and {name} on {backend.of(t.data).name!r}",
            )


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
        if kinds[t.data.dtype] != "float":
            raise DtypeError(operation, f"a floating dtype as {name}", t.dtype, 'Convert with .to("float32")')
        if first is None:
            first = (name, t)
        elif t.data.dtype != first[1].data.dtype:
            raise DtypeError(operation, f"one dtype for {first[0]} and {name}", f"{first[1].dtype} and {t.dtype}")


def check_indices(operation: str, name: str, indices: Array, size: int, ignored: int | None = None) -> None:
    """Raises DataError for an index outside [0, size) that is not `ignored`.

    Only where looking costs no synchronization: on the host.
    """
    if not backend.of(indices).host_values or not indices.size:
        return
    if indices.min() >= 0 and indices.max() < size:
        return
    outside = (indices < 0) | (indices >= size)
    if ignored is not None:
        outside = outside & (indices != ignored)
    if outside.any():
        but = "" if ignored is None else f" or {ignored}, which is ignored"
        raise DataError(operation, f"{name} in [0, {size}){but}", int(indices[outside][0]))


def _check_types(operation: str, a: Tensor, b: Tensor) -> None:
    same_backend(operation, a=a, b=b)
    signs = {dtype_name(t.data).startswith("u") for t in (a, b) if kinds[t.data.dtype] == "int"}
    lost = "uint64" in (a.dtype, b.dtype) and len(signs) == 2
    if kinds[a.data.dtype] != kinds[b.data.dtype] or lost:
        raise DtypeError(
            operation,
            "dtypes of one kind (bool, int or float) with a common type",
            f"{a.dtype} and {b.dtype}",
            'Convert one with .to("float32")',
        )


def _weak(operation: str, number: Any, like: Array) -> Any:
    if not isinstance(number, (bool, int, float)):
        if not isinstance(number, Number) or not hasattr(number, "item"):
            raise DtypeError(
                operation, "a Tensor or a number", type(number).__name__, "Wrap arrays and lists with xdl.tensor(...)"
            )
        number = number.item()  # a NumPy scalar
    rank = 0 if isinstance(number, bool) else 1 if isinstance(number, int) else 2
    kind = kinds[like.dtype]
    if rank > _RANK[kind]:
        raise DtypeError(
            operation,
            f"a number that {backend.dtype_name(like)} holds",
            repr(number),
            'Convert the tensor with .to("float32")',
        )
    if rank == 0 and kind != "bool":
        return int(number) if kind == "int" else float(number)
    return float(number) if kind == "float" else number
