"""The tensors that a module holds: parameters, which it learns, and buffers, which belong to its state."""

from __future__ import annotations

from xdl.creation import zeros
from xdl.errors import KindError
from xdl.functional.aliases import same
from xdl.tape import record
from xdl.tensor import Tensor, write_clock


class Parameter(Tensor):
    """A tensor that a module learns, in the memory of `data`: it requires a gradient unless told otherwise.

    data: (0,) by default. Raises KindError for what is no Tensor, DtypeError for integers that require a gradient.
    """

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        data = _tensor("Parameter", zeros(0) if data is None else data)
        super().__init__(data.array, requires_grad)
        self._written = write_clock(data)


class UninitializedParameter(Parameter):
    """The parameter of a lazy layer (`lazy.py`) before its first input: empty, and no optimizer takes it."""

    __slots__ = ()


class Buffer(Tensor):
    """A tensor that belongs to a module's state and is not learned, such as a running mean; in the memory of `data`.

    persistent: whether state_dict has it. Raises KindError for what is no Tensor.
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Tensor, persistent: bool = True) -> None:
        super().__init__(_tensor("Buffer", data).array)
        self._written = write_clock(data)
        self.persistent = persistent


class Registered(Buffer):
    """A buffer that was registered as a plain Tensor: under another name, or in another module, it is that again."""

    __slots__ = ()


def as_buffer(t: Tensor, persistent: bool) -> Buffer:
    """t as a buffer: a view of it, on the tape where t is, so that gradients pass through what a module remembers."""
    buffer = Registered(t, persistent)
    if t.requires_grad:
        seen = record(t.array, (t.node or t,), _remembered_rule)
        buffer.node, buffer.requires_grad = seen.node, seen.requires_grad
        same(buffer, t)
    return buffer


def _remembered_rule(needs: object, g: object, y: object, saved: object, x: object) -> tuple[object]:
    return (g,)


def _tensor(operation: str, data: Tensor) -> Tensor:
    if not isinstance(data, Tensor):
        raise KindError(operation, "a Tensor as data", type(data).__name__, "Make one with xdl.tensor(data)")
    return data
