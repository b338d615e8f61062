"""Copies, and conversion of element types."""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import dtype_of, kinds, namespaces
from xdl.tape import record
from xdl.tensor import Tensor


def clone(input: Tensor) -> Tensor:
    """A copy of x, in memory of its own; dy/dx = 1."""
    x = input.array
    return record(namespaces[type(x)].asarray(x, copy=True), (input.node or input,), _clone_rule)


def _clone_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g,)


def to(input: Tensor, dtype: str) -> Tensor:
    """x in another dtype ("float32", "int64", ...); x itself if it has it already. Between floating dtypes dy/dx = 1.

    Raises DtypeError for an unknown name.
    """
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
        return (to(g, str(dtype).rpartition(".")[2]),)
    return (namespaces[type(g)].astype(g, dtype),)
