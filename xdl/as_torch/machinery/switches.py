"""The switches of `torch.backends.cudnn` and its kin: they may be set, and change nothing: xdl has its own kernels."""

from __future__ import annotations

enabled = False
benchmark = False
deterministic = True
allow_tf32 = False


def is_available() -> bool:
    """False: xdl uses its own kernels."""
    return False


is_built = is_available


def version() -> None:
    """None."""


__all__ = ["allow_tf32", "benchmark", "deterministic", "enabled", "is_available", "is_built", "version"]
