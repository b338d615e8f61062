"""`torch.amp`: accepted, and everything is computed in float32, which is said once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ContextDecorator
from typing import Any

from xdl.as_torch.said import once
from xdl.optim import Optimizer
from xdl.tensor import Tensor


class autocast(ContextDecorator):
    """A block, or a decorated function, that computes in float32 as everything else does."""

    def __init__(self, device_type: str = "cuda", dtype: Any = None, enabled: bool = True, **_: Any) -> None:  # noqa: ARG002
        if enabled:
            once("torch.autocast changes nothing: xdl computes in float32")

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class GradScaler:
    """Scales nothing: gradients in float32 do not vanish as those of half precision do."""

    def __init__(self, *_: Any, enabled: bool = True, **__: Any) -> None:
        self.enabled = enabled

    def scale(self, outputs: Tensor) -> Tensor:
        """The loss itself."""
        return outputs

    def unscale_(self, optimizer: Optimizer) -> None:
        """Nothing to undo."""

    def step(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
        """A step of the optimizer."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: float | None = None) -> None:
        """Nothing to change."""

    def get_scale(self) -> float:
        """1."""
        return 1.0

    def is_enabled(self) -> bool:
        """As it was made."""
        return self.enabled

    def state_dict(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Nothing."""


def is_autocast_enabled(device_type: str | None = None) -> bool:
    """False."""
    return False


is_autocast_available = is_autocast_cpu_enabled = is_autocast_cache_enabled = is_autocast_enabled


def get_autocast_dtype(device_type: str | None = None) -> str:
    """float32."""
    return "float32"


get_autocast_gpu_dtype = get_autocast_cpu_dtype = get_autocast_dtype


def set_autocast_enabled(*_: Any) -> None:
    """Nothing to switch."""


def clear_autocast_cache() -> None:
    """Nothing is kept."""


def custom_fwd(fwd: Callable[..., Any] | None = None, **_: Any) -> Any:
    """The function itself."""
    return (lambda given: given) if fwd is None else fwd


custom_bwd = custom_fwd

__all__ = ["GradScaler", "autocast", "clear_autocast_cache", "custom_bwd", "custom_fwd", "get_autocast_cpu_dtype"]
__all__ += ["get_autocast_dtype", "get_autocast_gpu_dtype", "is_autocast_available", "is_autocast_cache_enabled"]
__all__ += ["is_autocast_cpu_enabled", "is_autocast_enabled", "set_autocast_enabled"]
