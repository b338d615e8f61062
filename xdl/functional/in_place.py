"""In place: `x.add_(y)` and `x += y` write the result into x's own memory, where everything that shares it sees it.

Outside the tape, and in no_grad(), that is all. On the tape x then stands for the result, as in PyTorch, and so do the
tensors that share its memory (`aliases.py`). The nodes of the result and of x read x's former values from copies, so
that no gradient is lost; whoever else needs them for its backward pass raises GraphError there.

A leaf that requires grad cannot be written on the tape, nor can memory that is read-only or holds an element twice.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from xdl.backend import kinds, namespaces
from xdl.errors import DtypeError, ShapeError
from xdl.functional.aliases import check_writable, rebase, spare
from xdl.functional.elementwise.convert import cast, clone, to
from xdl.promotion import higher
from xdl.tensor import Tensor, recording, written

Function = Callable[..., Tensor]


def in_place(function: Function) -> Function:
    """The function `f_(x, ...)` that writes f(x, ...) into x and returns x.

    Raises as f does; ShapeError for a result of another shape, DtypeError for one of a higher category (a float into
    integers), GraphError for a tensor that cannot be written.
    """
    name = f"{function.__name__}_"

    def write(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        old = former(input, *args, *kwargs.values())
        args = tuple([old if a is input else a for a in args])
        return store(name, input, function(old, *args, **kwargs))

    write.__name__ = write.__qualname__ = name
    write.__doc__ = f"`{function.__name__}`, written into x itself, as `xdl.functional.in_place` says; returns x."
    return write


def former(t: Tensor, *others: Any) -> Tensor:
    """What an in-place operation reads: t itself, or on the tape a copy in t's place on it."""
    if not recording.get() or not any(getattr(other, "requires_grad", False) for other in (t, *others)):
        return t
    spare(t)
    old = Tensor(namespaces[type(t.array)].asarray(t.array, copy=True))
    old.node, old.requires_grad = t.node, t.requires_grad
    return old


def store(operation: str, t: Tensor, y: Tensor) -> Tensor:
    """Writes y's values into t, which takes y's place on the tape; returns t. Raises as `in_place` says."""
    check_writable(operation, t)
    if y.array.shape != t.array.shape:
        raise ShapeError(operation, f"a result of the tensor's shape {t.shape}", y.shape)
    if higher(kinds[y.array.dtype], kinds[t.array.dtype]):
        raise DtypeError(operation, f"a result that {t.dtype} holds", y.dtype)
    y = cast(y, t.dtype)
    t.array[...] = y.array
    written([t])
    if recording.get() and (y.requires_grad or t.requires_grad):
        rebase(t, y.node)
    return t


def copy_(input: Tensor, src: Tensor) -> Tensor:
    """Writes src's values, from any device, broadcast and converted to x's dtype, into x; returns x.

    Raises as `in_place` says.
    """
    y = to(src, dtype=input.dtype, device=input.device).expand(input.shape)
    return store("copy_", input, clone(y))


def zero_(input: Tensor) -> Tensor:
    """Writes 0 into every element of x; returns x."""
    return fill_(input, 0)


def fill_(input: Tensor, value: float | Tensor) -> Tensor:
    """Writes a number or a 0-d tensor into every element of x; returns x."""
    input[...] = value
    return input


def fill_diagonal_(input: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """Writes a number into the elements [i, i, ...] of x; returns x. Raises ShapeError, and as `in_place` says.

    wrap: in a matrix of more rows than columns the diagonal begins again one row below its end
    """
    shape = input.shape
    if len(shape) < 2 or (len(shape) > 2 and len({*shape}) > 1):
        raise ShapeError("fill_diagonal_", "a matrix, or more dimensions of one size", shape)
    x = input.array
    place = namespaces[type(x)].arange(x.size, device=x.device)
    step = 1 + sum([prod(shape[i + 1 :]) for i in range(len(shape) - 1)])
    end = x.size if wrap or len(shape) > 2 else shape[1] ** 2
    mask = namespaces[type(x)].reshape((place % step == 0) & (place < end), shape)
    return input.masked_fill_(Tensor(mask), fill_value)
