"""Registering compiled versions of slots for NumPy: above NumPy's own, below what users register.

A version takes arguments that fit if this process uses compiled versions at all. That is asked last, so that it is
decided at the first operation that has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from xdl.kernel import Kernel, Version

from . import choice
from .compiled import Compiled
from .played import again

PRIORITY = 20
LOOPS: dict[str, tuple[Compiled, ...]] = {}  # the name of a version -> the loops that it calls
SLOTS: list[Kernel] = []  # those that have one


def register(
    slot: Kernel,
    *loops: Compiled,
    when: Callable[..., bool],
    why: str,
    priority: int = PRIORITY,
    name: str | None = None,
    by_loops: bool = False,
) -> Callable[[type], type]:
    """Registers a version of a slot, as `Kernel.register` does.

    loops:    those that it calls
    by_loops: whether they do all of it, see played.py
    """

    def fits(*args: Any) -> bool:
        return when(*args) and choice.used()

    def add(pair: type) -> type:
        LOOPS[name or pair.__name__] = loops
        SLOTS.append(slot)
        played = partial(again, loops) if by_loops else None
        return slot.register("numpy", name=name, when=fits, why=why, priority=priority, again=played)(pair)

    return add


@contextmanager
def set_aside() -> Iterator[None]:
    """Inside, NumPy's own versions run, so that a report can show both. Not for use while anything else computes."""
    every = [list(slot.versions["numpy"]) for slot in SLOTS]
    _set([[v for v in versions if v.name not in LOOPS] for versions in every])
    try:
        yield
    finally:
        _set(every)


def _set(every: list[list[Version]]) -> None:
    for slot, versions in zip(SLOTS, every, strict=True):
        slot.versions["numpy"][:] = versions  # the list itself, which a choice knows
        slot.forget()
