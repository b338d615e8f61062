"""Registering NumPy versions of slots: below what users register and below compiled kernels.

Of equal priorities the newest is tried first, so versions of one slot that could take the same arguments say which
comes first: a higher priority for the special one, or `Kernel.choose`.
"""

from __future__ import annotations

from collections.abc import Callable

from xdl.kernel import Kernel

PRIORITY = 10  # of all versions that say nothing else


def register(
    slot: Kernel,
    *,
    name: str | None = None,
    when: Callable[..., bool] | None = None,
    why: str = "",
    priority: int = PRIORITY,
) -> Callable[[type], type]:
    """Registers a version of a slot for NumPy, as `Kernel.register` does."""
    return slot.register("numpy", name=name, when=when, why=why, priority=priority)
