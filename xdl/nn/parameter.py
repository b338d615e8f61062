"""The tensors that a module holds: parameters, which it learns, and buffers, which belong to its state."""

from __future__ import annotations

from xdl.tensor import Tensor, write_clock


class Parameter(Tensor):
    """A tensor that a module learns: it requires a gradient unless told otherwise."""

    __slots__ = ()

    def __init__(self, data: Tensor, requires_grad: bool = True) -> None:
        super().__init__(data.array, requires_grad)
        self._written = write_clock(data)


class Buffer(Tensor):
    """A tensor that belongs to a module's state and is not learned, such as a running mean."""

    __slots__ = ("persistent",)

    def __init__(self, data: Tensor, persistent: bool = True) -> None:
        super().__init__(data.array)
        self._written = write_clock(data)
        self.persistent = persistent
