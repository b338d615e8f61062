"""What scripts ask `torch.cuda` beside what `xdl.cuda` answers."""

from __future__ import annotations

from typing import Any

import xdl
from xdl.as_torch.generator import seed
from xdl.errors import BackendError, expect

seed_all = seed


def empty_cache() -> None:
    """Nothing: CuPy's pool serves the next arrays."""


def current_device() -> int:
    """The number of the current card. Raises BackendError where there is none."""
    expect(xdl.cuda.is_available(), BackendError, "torch.cuda.current_device", "a card that works", "none")
    return int(xdl.device("cuda").index or 0)


def set_device(device: Any) -> None:
    """New arrays go to that card from here on."""
    xdl.use(f"cuda:{device}" if isinstance(device, int) else str(device))


def get_device_name(device: Any = None) -> str:
    """What the card is called. Raises BackendError where there is none."""
    return f"card {current_device()}"


def max_memory_allocated(device: Any = None) -> int:
    """Bytes that arrays on the card hold now; xdl keeps no peak."""
    return xdl.cuda.memory_allocated()


def memory_reserved(device: Any = None) -> int:
    """The same."""
    return xdl.cuda.memory_allocated()


def reset_peak_memory_stats(device: Any = None) -> None:
    """Nothing: there is no peak to forget."""


def is_bf16_supported() -> bool:
    """False: xdl has no half precision."""
    return False


__all__ = ["current_device", "empty_cache", "get_device_name", "is_bf16_supported", "max_memory_allocated"]
__all__ += ["memory_reserved", "reset_peak_memory_stats", "seed_all", "set_device"]
