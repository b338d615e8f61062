"""`torch.distributed.nn`: the operations of several processes as functions, in a process that is alone."""

from __future__ import annotations

from typing import Any

from xdl.tensor import Tensor


def all_reduce(tensor: Tensor, op: Any = "sum", group: Any = None) -> Tensor:
    """The tensor itself."""
    return tensor


def broadcast(tensor: Tensor, src: int, group: Any = None) -> Tensor:
    """The tensor itself."""
    return tensor


def all_gather(tensor: Tensor, group: Any = None) -> tuple[Tensor, ...]:
    """The tensor alone."""
    return (tensor,)


__all__ = ["all_gather", "all_reduce", "broadcast"]
