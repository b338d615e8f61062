"""Registering compiled versions of slots for NumPy: above NumPy's own, below what users register.

A version takes arguments that fit if this process uses compiled versions at all. That is asked last, so that it is
decided at the first operation that has one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl.kernel import Kernel

from . import choice
from .compiled import Compiled

PRIORITY = 20
LOOPS: dict[str, tuple[Compiled, ...]] = {}  # the name of a version -> the loops that it calls


def register(
    slot: Kernel, *loops: Compiled, when: Callable[..., bool], why: str, priority: int = PRIORITY
) -> Callable[[type], type]:
    """Registers a version of a slot, as `Kernel.register` does. loops: those that it calls."""

    def fits(*args: Any) -> bool:
        return when(*args) and choice.used()

    def add(pair: type) -> type:
        LOOPS[pair.__name__] = loops
        return slot.register("numpy", when=fits, why=why, priority=priority)(pair)

    return add
