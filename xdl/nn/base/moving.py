"""Converting and moving all that a module holds: the tensors stay the same objects, with new arrays."""

from __future__ import annotations

from typing import Any, Self

from xdl import backend
from xdl.backend import kinds
from xdl.devices import Device, moved
from xdl.errors import DtypeError
from xdl.functional.elementwise.convert import cast, wanted
from xdl.nn.base.walking import Walker
from xdl.tensor import Tensor, no_grad, written


class Mover(Walker):
    """What converts and moves. Make optimizers afterwards: they hold the arrays that were there."""

    def to(self, *where: Any, dtype: Any = None, device: Any = None, non_blocking: bool = False) -> Self:
        """Converts floating parameters, buffers and gradients to a dtype, and moves all to a device.

        where: a dtype, a device, both, or a Tensor that has them: to("float64"), to("cuda"), to("cpu", "float64")
        non_blocking: accepted for PyTorch's sake

        Each tensor stays the same object. Raises DtypeError for a dtype that is not floating, BackendError for a
        device that is not there, both before anything changes.
        """
        del non_blocking
        dtype, device, _ = wanted(where, dtype, device)
        place = None if device is None else Device(device)
        there = backend.load("numpy") if place is None else place.backend
        if dtype is not None and kinds[cast(Tensor(there.asarray([], "float32")), dtype).array.dtype] != "float":
            raise DtypeError(f"{type(self).__name__}.to", "a floating dtype", repr(dtype))
        with no_grad():
            for t in (*self.parameters(), *self.buffers()):
                t.array, grad = _converted(t, dtype, place), t.grad
                t.grad = None if grad is None else Tensor(_converted(grad, dtype, place))
                written([t])
        return self

    def type(self, dst_type: Any) -> Self:
        """`to(dst_type)`: integer buffers, such as counts, stay as they are."""
        return self.to(dtype=dst_type)

    def double(self) -> Self:
        """`to("float64")`."""
        return self.to(dtype="float64")

    def float(self) -> Self:
        """`to("float32")`."""
        return self.to(dtype="float32")

    def half(self) -> Self:
        """Raises DtypeError: xdl has no half precision."""
        return self.to(dtype="float16")

    def bfloat16(self) -> Self:
        """Raises DtypeError: xdl has no half precision."""
        return self.to(dtype="bfloat16")

    def cpu(self) -> Self:
        """`to("cpu")`: all on the NumPy backend."""
        return self.to(device="cpu")

    def cuda(self, device: Any = None) -> Self:
        """`to("cuda")`: all on the current card, or on that of a number. Raises BackendError where there is none."""
        return self.to(device="cuda" if device is None else device)


def _converted(t: Tensor, dtype: Any, place: Device | None) -> Any:
    """The array of a tensor in that dtype, if it is floating, and there."""
    y = t.array if place is None else moved(t.array, place)
    return cast(Tensor(y), dtype).array if dtype is not None and kinds[y.dtype] == "float" else y
