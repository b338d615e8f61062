"""`torch.distributed` of a process that is alone: rank 0 of 1."""

from __future__ import annotations

from typing import Any

from xdl.errors import BackendError


def is_available() -> bool:
    """False: xdl computes in one process."""
    return False


is_initialized = is_available


def get_rank(group: Any = None) -> int:
    """0."""
    return 0


def get_world_size(group: Any = None) -> int:
    """1."""
    return 1


def barrier(*_: Any, **__: Any) -> None:
    """Nothing to wait for."""


def destroy_process_group(group: Any = None) -> None:
    """Nothing to end."""


def init_process_group(*_: Any, **__: Any) -> None:
    """Raises BackendError: there is one process."""
    raise BackendError("torch.distributed.init_process_group", "a script in one process", "several")


__all__ = ["barrier", "destroy_process_group", "get_rank", "get_world_size", "init_process_group"]
__all__ += ["is_available", "is_initialized"]
