"""The switches of `torch.backends.cudnn`: they may be set, and change nothing: xdl's kernels have no such choice."""

from __future__ import annotations

enabled = False
benchmark = False
deterministic = True
allow_tf32 = False


def is_available() -> bool:
    """False: xdl uses its own kernels."""
    return False


def version() -> None:
    """None."""


__all__ = ["allow_tf32", "benchmark", "deterministic", "enabled", "is_available", "version"]
