"""A recorded step as Python: one line for each call, and a function of all lines.

    v4, s5 = linear_activation(x0, c1, c2, ('relu',))
    v6, s7 = cross_entropy(v4, x3, ...)
    del v4

x inputs, v arrays, s what a forward keeps for its backward, d keys and steps of streams, c constants: parameters,
buffers and whatever else lives on between the calls. A name is deleted after its last line: its memory is free for the
next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from keyword import iskeyword
from math import isfinite
from typing import Any, NamedTuple

from xdl.capture.launches import FROZEN
from xdl.errors import BackendError

NAME = "captured_step"
WHERE = "<captured step>"  # the file that its lines are in, by tracebacks
VARIABLE = re.compile("[xvsdc][0-9]+")
ANEW = (
    "What a step makes of tensors is recorded, and an array that it makes beside them would stay as it was. A gradient "
    "that it adds to has to begin in it: call zero_grad() there"
)


class Named:
    """A value of the run that is recorded, and its name in the program."""

    __slots__ = ("name", "value")

    def __init__(self, value: Any, name: str) -> None:
        self.value, self.name = value, name


class Drawn(int):
    """The step of a stream of random numbers, which every call of the program draws anew, and its name there."""

    name: str


class Key(tuple[int, ...]):
    """The key of a stream, likewise: it follows the seed."""

    name: str


class Line(NamedTuple):
    """target = call; made: the names in the target that are new; used: those in the call; play: see staying.py."""

    target: str
    call: str
    made: list[str]
    used: set[str]
    play: Any = None

    def __str__(self) -> str:
        return f"{self.target} = {self.call}" if self.target else self.call


class Program:
    """Lines, and the objects that they name.

    array_types: of the backend; the first is an array, the others numbers
    """

    def __init__(self, array_types: tuple[type, ...]) -> None:
        self.array, *self.scalars = array_types
        self.lines: list[Line] = []
        self.objects: dict[str, Any] = {"partial": partial, "slice": slice, NAME: None}
        self.constants: list[Any] = []
        self.kept: list[Any] = []  # numbers that functions among the arguments hold
        self._names: dict[int, str] = {}
        self._counted = 0

    def new(self, kind: str) -> str:
        """A name that is not taken."""
        self._counted += 1
        return f"{kind}{self._counted}"

    def constant(self, array: Any) -> str:
        """The name of an array that lives on between the calls."""
        if id(array) not in self._names:
            self.constants.append(array)
            self._names[id(array)] = name = f"c{len(self.constants)}"
            self.objects[name] = array
        return self._names[id(array)]

    def reads(self, array: Any) -> bool:
        """Whether a line reads this array."""
        return any(self.constant(array) in line.used for line in self.lines)

    def bound(self, thing: Any, wish: str) -> str:
        """The name of an object: the wish, with a number behind it where that is taken by another one."""
        if id(thing) not in self._names:
            wish = name = re.sub(r"\W", "_", f"{wish}_" if VARIABLE.fullmatch(wish) else wish)
            number = 1
            while name in self.objects or iskeyword(name) or not name.isidentifier():
                number += 1
                name = f"{wish}_{number}" if wish.isidentifier() else f"_{number}"
            self._names[id(thing)], self.objects[name] = name, thing
        return self._names[id(thing)]

    def add(self, call: str, used: Iterable[str], target: str = "", made: Iterable[Any] = (), play: Any = None) -> None:
        """The next line."""
        self.lines.append(Line(target, call, [named.name for named in made], set(used), play))

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[str, set[str]]:
        """name(*args, **kwargs) as text, and the names of arrays and numbers in it."""
        used: set[str] = set()
        parts = [self.text(a, used) for a in args] + [f"{key}={self.text(a, used)}" for key, a in kwargs.items()]
        return f"{name}({', '.join(parts)})", used

    def text(self, thing: Any, used: set[str]) -> str:
        """An argument as text. Arrays without a name, and what is no plain value, become its objects."""
        kind = type(thing)
        if isinstance(thing, Named | Drawn | Key):
            used.add(thing.name)
            return thing.name
        if kind in (bool, int, str) or thing is None or thing is ... or (kind is float and isfinite(thing)):
            return "..." if thing is ... else repr(thing)
        if kind is slice:
            return (
                f"slice({self.text(thing.start, used)}, {self.text(thing.stop, used)}, {self.text(thing.step, used)})"
            )
        if kind is list:
            return f"[{', '.join([self.text(part, used) for part in thing])}]"
        if isinstance(thing, tuple):
            parts = listed([self.text(part, used) for part in thing])
            return f"({parts})" if kind is tuple else f"{self.bound(kind, kind.__name__)}(*({parts}))"
        if kind is dict:
            return f"{{{', '.join([f'{key!r}: {self.text(part, used)}' for key, part in thing.items()])}}}"
        if kind is partial:
            call, names = self.call("partial", thing.func, *thing.args, **thing.keywords)
            used |= names
            return call
        if kind is self.array:
            used.add(name := self.constant(thing))
            return name
        if kind in self.scalars:
            return f"{self.bound(kind, kind.__name__)}({thing.item()!r})"
        cells = [cell.cell_contents for cell in getattr(thing, "__closure__", None) or ()]
        self.kept += [content for content in cells if isinstance(content, bool | int | float | str)]
        path = f"{kind.__name__}.{getattr(thing, '__qualname__', kind.__qualname__)}".split(".")
        return self.bound(thing, [part for part in path if not part.startswith("<")][-1])

    def function(self, inputs: list[str], outputs: list[str]) -> Callable[..., tuple[Any, ...]]:
        """The lines as a function of arrays, which returns the outputs by these names."""
        namespace = dict(self.objects)
        exec(compile(self.source(inputs, outputs), WHERE, "exec"), namespace)
        return namespace[NAME]  # type: ignore[no-any-return]

    def source(self, inputs: list[str], outputs: list[str]) -> str:
        """The function as text."""
        last: dict[str, int] = {}
        for i, line in enumerate(self.lines):
            last |= dict.fromkeys([*line.made, *line.used], i)
        ends: dict[int, list[str]] = {}
        for name, i in last.items():
            if name not in outputs and name not in self.objects:
                ends.setdefault(i, []).append(name)
        body = []
        for i, line in enumerate(self.lines):
            body += [str(line), *([f"del {', '.join(ends[i])}"] if i in ends else [])]
        body.append(f"return {listed(outputs) or '()'}")
        return "\n    ".join([f"def {NAME}({', '.join(inputs)}):", *body]) + "\n"


def listed(parts: list[str]) -> str:
    """The parts of a tuple as text."""
    return f"{parts[0]}," if len(parts) == 1 else ", ".join(parts)


def refuse_unlike(before: Program, after: Program) -> None:
    """Raises BackendError that names the first line in which two runs differ, or what they make anew.

    The last line of both is the only one that leaves gradients, so none of two runs goes on where the other ends.
    """
    for a, b in zip(before.lines, after.lines, strict=False):
        if str(a) != str(b):
            raise BackendError("capture", "the same calls in every run of a step", f"{a} and then {b}")
    for x, y in zip(before.kept, after.kept, strict=False):
        if x != y:
            raise BackendError("capture", "the same numbers in every run of a step", f"{x!r} and then {y!r}", FROZEN)
    for i, (x, y) in enumerate(zip(before.constants, after.constants, strict=False), 1):
        line = next((line for line in after.lines if f"c{i}" in line.used), None)
        if x is not y and line is not None:
            found = f"one of shape {tuple(y.shape)} that is made anew, in {line}"
            raise BackendError("capture", "arrays that live on from run to run", found, ANEW)
