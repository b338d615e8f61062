"""Calls of loops on memory that stays, again and again without the interpreter between them.

    y, played = again(loops, forward, (x, w, b))       y = forward(x, w, b), which calls some of the loops
    played()                                           y anew, from what lies in x, w and b now

A call is a row of numbers, as threads give them to one another (loops/team/jobs.py). Only such a forward or backward
pass can be played whose loops do all of it: it makes arrays, which loops fill from arrays that it was given, and no
number that a loop gets depends on values. Whether its arrays are all filled is tried: they are overwritten, and have to
be as before when the calls were played.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from .compiled import MADE, Compiled
from .sharing import REALS
from .team import FLOAT, WIDTH, job

play = Compiled("team.team.play", "int64, int64, int64", "int64")
MOST = 1 << 16  # bytes that stay; of larger arrays Python's share is small
Call = tuple[Callable[..., Any], tuple[Any, ...]]


class Played:
    """Calls, each with the arrays that it takes."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self.calls = list(calls)
        self._table = np.empty((len(calls), WIDTH), np.int64)
        self._rows = self._table.ctypes.data, len(calls), 8 * WIDTH
        self._play = play[FLOAT]
        self._write()

    def __call__(self) -> None:
        """Makes the calls. Raises MemoryError where one finds no memory to work in."""
        if self._play(*self._rows):
            self._write()
            raise MemoryError("a compiled loop found no memory to work in")

    def __add__(self, following: Played) -> Played:
        return Played([*self.calls, *following.calls])

    def takes_whole(self, x: np.ndarray) -> bool:
        """Whether no call takes other arrays over the memory of x than x."""
        return all(a is x or not np.may_share_memory(a, x) for _, args in self.calls for a in _arrays(args))

    def moved(self, places: Iterable[tuple[np.ndarray, np.ndarray]]) -> Played:
        """The same calls with other arrays. places: pairs of an array and what is taken in its place."""
        other = {id(x): y for x, y in places}
        return Played([(loop, tuple([other.get(id(a), a) for a in args])) for loop, args in self.calls])

    def _write(self) -> None:
        for i, (loop, given) in enumerate(self.calls):
            address, split, dtype = job(loop)
            alone = slice(split.parted, split.parted + split.own)
            arguments = *given[: alone.start], *(a[None] for a in given[alone]), *given[alone.stop :]
            plain = [give(x) for give, x in zip(split.rest, arguments[alone.stop :], strict=True)]
            split[dtype](0, address, len(given[0]), self._table[i : i + 1], (*arguments[: alone.stop], *plain))


class Heard:
    """Stands for a loop, `heard`, and notes its calls. Another thread may hold it longer: to share the loop out,
    `team.job` takes the loop itself."""

    def __init__(self, loop: Callable[..., Any], calls: list[Call]) -> None:
        self.heard, self._calls = loop, calls

    def __call__(self, *args: Any) -> Any:
        self._calls.append((self.heard, args))
        return self.heard(*args)


def again(loops: Iterable[Compiled], function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Played | None]:
    """function(*args), and what computes the same on the same memory again: None where that is not the loops' alone."""
    calls: list[Call] = []
    every = [(loop, dtype, made) for loop in loops for dtype, made in list(loop.items())]
    for loop, dtype, made in every:
        loop[dtype] = Heard(made, calls)
    try:
        result = function(*args)
    finally:
        for loop, dtype, made in every:
            loop[dtype] = made
    return result, _tried(calls, list(_arrays(args)), list(_arrays(result)))


def _tried(calls: list[Call], given: list[np.ndarray], results: list[np.ndarray]) -> Played | None:
    """The calls, if they alone fill the results from what was given."""
    new = [a for a in results if not _shares(a, given)]
    known = all(_shares(a, [*given, *new]) for _, args in calls for a in _arrays(args) if a.size)
    if not new or not known or any(a.dtype not in REALS for a in new) or sum(a.nbytes for a in new) > MOST:
        return None
    if any(MADE[loop][0].split is None for loop, _ in calls):
        return None
    played, before = Played(calls), [a.copy() for a in new]
    for a, b in zip(new, before, strict=True):
        bits = f"u{a.itemsize}"  # all of them are others, also those of nan
        np.invert(b.view(bits), out=a.view(bits))
    played()
    if all(a.tobytes() == b.tobytes() for a, b in zip(new, before, strict=True)):
        return played
    for a, b in zip(new, before, strict=True):
        a[...] = b
    return None


def _shares(a: np.ndarray, others: list[np.ndarray]) -> bool:
    return any(np.may_share_memory(a, b) for b in others)


def _arrays(thing: Any) -> Iterator[np.ndarray]:
    """All arrays in nested tuples and lists."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from _arrays(part)
