"""Tensors for other libraries, by the DLPack protocol (Python array API standard 2024.12).

Memory is shared where every consumer can use it. A copy goes out of memory that is read-only, since PyTorch writes into
it all the same, that several elements share, and that is passed through backwards: PyTorch 2.13 ends the process at a
negative stride.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import ExchangeError, GraphError

if TYPE_CHECKING:
    from xdl.tensor import Tensor


class Exchange:
    """What `from_dlpack` of NumPy, PyTorch, CuPy and others calls."""

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[Any, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """A capsule of the values: shared with this tensor, or a copy where that is asked for or needed.

        Raises GraphError for a tensor that requires grad, ExchangeError (a BufferError) where copy is False and a copy
        is needed, or where the array library cannot do what is asked: another device, a stream on the host.
        """
        x = cast("Tensor", self)
        if x.requires_grad:
            raise GraphError("__dlpack__", "a tensor outside the tape", "one that requires grad", "Call detach() first")
        array, shared = x.array, can_be_shared(x.array)
        if not shared and copy is False:
            expected = "writable memory with positive strides, or leave to copy"
            raise ExchangeError("__dlpack__", expected, "a view that is read-only, expanded or reversed")
        if not shared:
            array, copy = namespaces[type(array)].asarray(array, copy=True), None
        options = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
        try:
            return array.__dlpack__(**{name: value for name, value in options.items() if value is not None})
        except (BufferError, RuntimeError, ValueError) as error:
            raise ExchangeError("__dlpack__", "what the array library can export", str(error)) from error

    def __dlpack_device__(self) -> Any:
        """The type and the number of the device, by DLPack's numbers."""
        return cast("Tensor", self).array.__dlpack_device__()


def can_be_shared(x: Array) -> bool:
    """Whether the memory may be written and each element lies behind the one before."""
    if 0 in x.shape:
        return True
    steps = zip(x.shape, getattr(x, "strides", ()), strict=False)
    forward = all(step > 0 and step % x.dtype.itemsize == 0 for size, step in steps if size > 1)
    return forward and backend.writable(x)
