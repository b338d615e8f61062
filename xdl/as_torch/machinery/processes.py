"""`torch.multiprocessing`: Python's own processes, which share no Tensors."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import (
    Event,
    JoinableQueue,
    Lock,
    Manager,
    Pipe,
    Pool,
    Process,
    Queue,
    SimpleQueue,
    Value,
    cpu_count,
    get_context,
    get_start_method,
    set_start_method,
)
from typing import Any

from xdl.errors import BackendError, expect


def spawn(fn: Callable[..., Any], args: tuple[Any, ...] = (), nprocs: int = 1, join: bool = True, **_: Any) -> None:
    """fn(0, *args), in this process. Raises BackendError for several: xdl computes in one."""
    expect(nprocs == 1, BackendError, "torch.multiprocessing.spawn", "nprocs of 1: xdl computes in one process", nprocs)
    fn(0, *args)


def set_sharing_strategy(new_strategy: str) -> None:
    """Nothing: Tensors are not shared between processes."""


def get_sharing_strategy() -> str:
    """ "file_system"."""
    return "file_system"


__all__ = ["Event", "JoinableQueue", "Lock", "Manager", "Pipe", "Pool", "Process", "Queue", "SimpleQueue", "Value"]
__all__ += ["cpu_count", "get_context", "get_sharing_strategy", "get_start_method", "set_sharing_strategy"]
__all__ += ["set_start_method", "spawn"]
