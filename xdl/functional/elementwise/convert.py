"""Copies, and conversion of element types and devices."""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl import observe
from xdl.backend import DTYPES, HALVES, dtype_of, kinds, known, named_dtype, namespaces
from xdl.devices import NAMES, Device, device_of, moved
from xdl.errors import DtypeError, nearest
from xdl.tape import record
from xdl.tensor import Tensor


def clone(input: Tensor) -> Tensor:
    """A copy of x, in memory of its own; dy/dx = 1."""
    x = input.array
    return record(namespaces[type(x)].asarray(x, copy=True), (input.node or input,), _clone_rule)


def _clone_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g,)


def to(
    input: Tensor,
    *where: Any,
    dtype: Any = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
) -> Tensor:
    """x in another dtype, on another device, or as another tensor: to("float64"), to("cuda"), to("cpu", "int64"),
    to(other). x itself where nothing changes, unless copy. dy/dx = 1 between floating dtypes; integers record nothing.

    non_blocking: accepted for PyTorch's sake; every copy is done when it returns

    Raises DtypeError for what is neither, BackendError.
    """
    del non_blocking
    dtype, device, copied = wanted(where, dtype, device)
    y = input if device is None else _at(input, Device(device))
    y = y if dtype is None else cast(y, dtype)
    return clone(y) if (copy or copied) and y is input else y


def wanted(where: tuple[Any, ...], dtype: Any, device: Any) -> tuple[Any, Any, bool]:
    """(dtype, device, copy) from the arguments of `to`; None for what was not given. Raises DtypeError as it does."""
    flags = [one for one in where if isinstance(one, bool)]  # PyTorch's non_blocking and copy, in this order
    for one in where[: len(where) - len(flags)]:
        if isinstance(one, Tensor):
            dtype, device = one.dtype, device_of(one.array)
        elif is_device(one):
            device = one
        elif one is not None:
            dtype = one
    return dtype, device, flags[1:] == [True]


def is_device(name: Any) -> bool:
    """Whether a device is meant, and no dtype. Raises DtypeError for a name that is neither."""
    if isinstance(name, Device) or (isinstance(name, int) and not isinstance(name, bool)):
        return True
    if not isinstance(name, str) or name in DTYPES or name in HALVES:
        return False
    if name.partition(":")[0] in {*known(), *NAMES}:
        return True
    names = {*DTYPES, *known()}
    raise DtypeError("to", "a dtype, a device or a Tensor", repr(name), nearest(name, names))


def _at(input: Tensor, device: Device) -> Tensor:
    x = input.array
    if observe.launches is not None:
        here = input.device
        if device.type != here.type or device.index not in (None, here.index):
            observe.host_read("to", x)
    y = moved(x, device)
    if y is x:
        return input
    return (
        record(y, (input.node or input,), partial(_at_rule, device_of(x))) if kinds[x.dtype] == "float" else Tensor(y)
    )


def _at_rule(device: Device, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (_at(g, device) if isinstance(g, Tensor) else moved(g, device),)


def cast(input: Tensor, dtype: Any) -> Tensor:
    """`to` for a dtype alone. Raises DtypeError for an unknown one."""
    x = input.array
    xp = namespaces[type(x)]
    wanted = dtype_of(xp, dtype)
    if x.dtype == wanted:
        return input
    y = xp.astype(x, wanted)
    if kinds[y.dtype] != "float" or kinds[x.dtype] != "float":
        return Tensor(y)
    return record(y, (input.node or input,), partial(_to_rule, x.dtype))


def _to_rule(dtype: Any, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    if isinstance(g, Tensor):
        return (cast(g, named_dtype(dtype)),)
    return (namespaces[type(g)].astype(g, dtype),)
