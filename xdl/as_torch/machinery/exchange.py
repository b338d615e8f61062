"""`torch.utils.dlpack`: memory shared with other libraries."""

from __future__ import annotations

from typing import Any

from xdl.creation import from_dlpack as take
from xdl.tensor import Tensor


def to_dlpack(tensor: Tensor) -> Any:
    """A capsule of the tensor's memory, by PyTorch's older name for `tensor.__dlpack__()`."""
    return tensor.__dlpack__()


def from_dlpack(ext_tensor: Any) -> Tensor:
    """`xdl.from_dlpack`."""
    return take(ext_tensor)


__all__ = ["from_dlpack", "to_dlpack"]
