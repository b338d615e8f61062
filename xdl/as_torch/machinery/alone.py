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


class ReduceOp:
    """How results of several processes are joined."""

    SUM, AVG, PRODUCT, MIN, MAX = "sum", "avg", "product", "min", "max"


class Work:
    """What an operation with `async_op` returns: it is done."""

    def wait(self) -> bool:
        """True."""
        return True


def all_reduce(tensor: Any, op: str = "sum", group: Any = None, async_op: bool = False) -> Work | None:
    """Nothing changes: the sum over one process is its own."""
    return Work() if async_op else None


def broadcast(tensor: Any, src: int = 0, group: Any = None, async_op: bool = False) -> Work | None:
    """The same."""
    return Work() if async_op else None


def reduce(tensor: Any, dst: int = 0, op: str = "sum", group: Any = None, async_op: bool = False) -> Work | None:
    """The same."""
    return Work() if async_op else None


def broadcast_object_list(object_list: list[Any], src: int = 0, **_: Any) -> None:
    """The same."""


def all_gather(tensor_list: list[Any], tensor: Any, group: Any = None, async_op: bool = False) -> Work | None:
    """Writes the tensor into the one of the list."""
    (place,) = tensor_list
    place.copy_(tensor)
    return Work() if async_op else None


def all_gather_object(object_list: list[Any], obj: Any, group: Any = None) -> None:
    """Puts the object into the list's one place."""
    object_list[:] = [obj]


def get_backend(group: Any = None) -> str:
    """ "gloo", PyTorch's for processes on CPUs."""
    return "gloo"


def init_process_group(*_: Any, **__: Any) -> None:
    """Raises BackendError: there is one process."""
    raise BackendError("torch.distributed.init_process_group", "a script in one process", "several")


__all__ = ["ReduceOp", "Work", "all_gather", "all_gather_object", "all_reduce", "broadcast", "broadcast_object_list"]
__all__ += ["get_backend", "reduce"]
__all__ += ["barrier", "destroy_process_group", "get_rank", "get_world_size", "init_process_group"]
__all__ += ["is_available", "is_initialized"]
