"""Memory that stays from call to call of a captured step, for calls of kernels that are played on it.

A version of a slot may say how it is done `again`: by its loops alone, on the same arrays. Then the arrays of the last
recorded run stay, and a line of the program becomes a row of numbers; neighbouring lines are played as one.

    v1, s2 = linear_activation(x0, c1, c2, ('relu',))          f[...] = x0
    v3, s4 = linear(v1, c3, c4)                                played()

What does not stay is copied before: inputs, and what lines give that are not played. An output that stays is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from xdl.backend import namespaces
from xdl.capture.program import Drawn, Key, Named, Program
from xdl.capture.recorded import plain


class Play(NamedTuple):
    """What stands for a line: copies of arrays that do not stay, (where to, name); then played(), which fills the
    values of names."""

    copies: list[tuple[Any, str]]
    played: Any
    values: dict[str, Any]


class Staying:
    """What stays of a run that is recorded. owner: its backend; stays: whether anything does."""

    def __init__(self, owner: Any, program: Program, stays: bool) -> None:
        self._owner, self._program, self._stays = owner, program, stays
        self._arrays: list[Any] = []
        self._names: set[str] = set()  # of the program, whose values stay
        self._copies: list[tuple[Any, str]] = []
        self._homes: dict[str, tuple[Any, Any, Any]] = {}  # of gradients by name: where they are, could be, for whom
        self._updates: list[Any] = []  # optimizers that made a step

    def run(self, again: Callable[..., tuple[Any, Any]] | None, function: Any, args: Any) -> tuple[Any, Any]:
        """function(*args) for recorded args, and what plays it: None where that cannot be."""
        if again is None or not self._stays or self._moves(args):
            return function(*plain(args)), None
        self._copies = []
        return again(function, self._given(args))

    def keep(self, played: Any, made: Iterable[Named]) -> Play | None:
        """Notes that what a line made stays, if it is played."""
        if played is None:
            return None
        values = {named.name: named.value for named in made}
        self._names |= set(values)
        self._arrays += [a for a in values.values() if isinstance(a, self._owner.array_types)]
        return Play(self._copies, played, values)

    def gather(self, optimizer: Any, gradients: Iterable[tuple[Any, Any]]) -> None:
        """An optimizer updates parameters by these gradients: what is played may write them where it gathers them,
        unless it gathers others there in the same step."""
        self._updates.append(optimizer)
        for p, g in gradients:
            if isinstance(g, Named) and g.name in self._names and (home := optimizer.gathered(p)) is not None:
                self._homes.setdefault(g.name, (g.value, home, optimizer))

    def _moves(self, thing: Any) -> bool:
        """Whether something among arguments neither stays nor can be copied: what a forward saved, random numbers."""
        if isinstance(thing, Drawn | Key):
            return True
        if isinstance(thing, tuple | list):
            return any(map(self._moves, thing))
        copied = isinstance(thing, Named) and isinstance(thing.value, self._owner.array_types[0])
        return isinstance(thing, Named) and not copied and thing.name not in self._names

    def own(self, x: Any) -> Any:
        """x, or a copy of it if the next call writes over it."""
        stays = any(self._owner.shares_memory(x, a) for a in self._arrays)
        return copied(x) if stays else x

    def _given(self, thing: Any) -> Any:
        """An argument with arrays that stay in it."""
        if isinstance(thing, tuple | list):
            parts = [self._given(part) for part in thing]
            return type(thing)(parts) if type(thing) in (tuple, list) else type(thing)(*parts)
        if not isinstance(thing, Named) or thing.name in self._names or thing.name in self._program.objects:
            return thing.value if isinstance(thing, Named) else thing
        place = copied(thing.value)
        self._copies.append((place, thing.name))
        return place

    def program(self, outputs: list[Named]) -> tuple[Program, list[str]]:
        """The program with what is played in the place of lines, and the names of its outputs: of copies where the
        next call writes over them."""
        program = copy(self._program)
        playing: list[Any] = []
        program.objects, program.lines = dict(program.objects), []
        homes = self._movable()
        for line in self._program.lines:
            if line.play is None:
                self._end(program, playing)
                program.lines.append(line)
                continue
            for place, name in line.play.copies:
                program.add(name, [name], f"{program.bound(place, 'f')}[...]")
            playing.append(line.play.played.moved(homes.values()))
            program.objects |= line.play.values
        self._end(program, playing)
        program.objects |= {name: home for name, (_, home) in homes.items()}
        names = [self._kept(program, y) for y in outputs]
        return program, names

    def _movable(self) -> dict[str, tuple[Any, Any]]:
        """The gradients that no line keeps under another name, and no output is."""
        plays = [line.play for line in self._program.lines if line.play is not None]
        homes = {}
        for name, (array, home, optimizer) in self._homes.items():
            others = [value for play in plays for other, value in play.values.items() if other != name]
            alone = not any(self._owner.shares_memory(array, a) for a in self._arrays_in(others))
            once = sum(other is optimizer for other in self._updates) == 1
            if alone and once and all(play.played.takes_whole(array) for play in plays):
                homes[name] = array, home
                self._arrays.append(home)
        return homes

    def _arrays_in(self, thing: Any) -> Iterator[Any]:
        """All arrays in nested tuples and lists."""
        if isinstance(thing, self._owner.array_types[0]):
            yield thing
        elif isinstance(thing, tuple | list):
            for part in thing:
                yield from self._arrays_in(part)

    def _end(self, program: Program, playing: list[Any]) -> None:
        """The lines that were played until here, as one."""
        if playing:
            program.add(f"{program.bound(reduce(add, playing), 'played')}()", ())
            playing.clear()

    def _kept(self, program: Program, y: Named) -> str:
        """The name of an output, or of its copy."""
        if self.own(y.value) is y.value:
            return y.name
        name = program.new("v")
        program.add(f"{program.bound(copied, 'copied')}({y.name})", [y.name], name, [Named(None, name)])
        return name


def copied(x: Any) -> Any:
    """A copy of an array."""
    return namespaces[type(x)].asarray(x, copy=True)
