"""Compiled loops: for each type of numbers a function of Numba's, made when it is first asked for.

    softmax = Compiled("rows.softmax", "T[:, ::1], T[:, ::1] |")      the loop `softmax` of loops/rows.py
    softmax[x.dtype](x, y)

Arguments before a mark | are arrays that threads may be given parts of, and between two marks such of which each part
gets one of its own.

Nothing here imports Numba before that. Then the loop's file is imported and the loop compiled for its signature, in
which T stands for the type, or loaded from the cache. Arrays of other types, and such as may not be written, are
refused by the function with a TypeError: nothing is ever compiled beside the signature.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from xdl.errors import BackendError
from xdl.guard import Guard, undisturbed

from ..common.notes import say
from . import cache

TYPES = ("float32", "float64")
NUMBERS: dict[str, Callable[[Any], Any]] = {"float64": float, "int64": int, "uint64": np.uint64, "boolean": bool}
KIND = re.compile(r"\w+(?:\[[^]]*\])?")  # the type of an argument
ALL: list[Compiled] = []  # every loop that a version calls
SPLITS: dict[tuple[str, int, int], Split] = {}  # the types of arguments, how many are parted and how many own
MADE: dict[Any, tuple[Compiled, Any]] = {}  # function -> the loop, and the type of numbers
_compiling = Guard()


class Compiled(dict[Any, Callable[..., Any]]):
    """A loop by its place, file and name, and the types of its arguments: a dictionary of dtype -> function."""

    def __init__(self, place: str, signature: str, result: str = "void") -> None:
        """signature: Numba's types of the arguments, with T for the type of numbers, and marks."""
        super().__init__()
        arguments = ", ".join(KIND.findall(signature)) if "|" in signature else signature
        self.place, self.signature, self.split = place, f"{result}({arguments})", _split(signature)
        ALL.append(self)

    def __missing__(self, dtype: Any) -> Callable[..., Any]:
        with _compiling.lock:
            if dtype not in self:
                made = self._ready(str(dtype))
                MADE[made], self[dtype] = (self, dtype), made
                import_module("xdl.kernels.numba.loops.template").let_text_go(made)
        return self[dtype]

    def name(self, dtype: str) -> str:
        """The loop's name in the cache."""
        return f"{self.place}.{dtype}"

    def is_kept(self) -> bool:
        """Whether the cache has it for all types. Imports Numba."""
        return all(cache.is_kept(self.name(dtype)) for dtype in TYPES)

    def _ready(self, dtype: str) -> Callable[..., Any]:
        """A new function, from the cache if it is there. Raises BackendError if there is none to be had."""
        cache.import_numba()
        loop = self._loop(dtype)
        if cache.is_kept(self.name(dtype)):
            return self._made(loop, dtype)
        say(f"compiling loops for this processor on their first use, to keep them in {cache.folder()}")
        with cache.lock():
            return self._made(loop, dtype)

    def _loop(self, _dtype: str) -> Any:
        module, _, name = self.place.rpartition(".")
        return getattr(import_module(f"xdl.kernels.numba.loops.{module}"), name)

    def _made(self, loop: Any, dtype: str) -> Callable[..., Any]:
        """Loads or compiles it: again where its files are broken, and without the cache where that is no better.

        Ctrl-C waits for its end: LLVM calls back into Python, where it would be lost.
        """
        wrong: Exception | None = None
        for cached in (True, True, False):
            made, kept = loop.ready(dtype, cache=cached), False
            try:
                undisturbed(partial(made.compile, _of(dtype, self.signature)))
                if cached:
                    cache.keep(self.name(dtype))
                    kept = True
            except Exception as error:  # what lies in a broken file may raise anything
                wrong = error
                if not made.signatures:
                    cache.forget(self.name(dtype))
                    continue
            if not kept:
                say(f"compiled loops cannot be kept, each process compiles its own: {wrong}")
            made.disable_compile()
            return made  # type: ignore[no-any-return]
        found = f"{type(wrong).__name__}: {wrong}"
        raise BackendError("compiled kernels", f"{self.place} to compile for {dtype}", found) from wrong


def plain(x: np.ndarray) -> np.ndarray:
    """x in C order as loops take it: aligned, and in memory that could be written; a copy where it is not."""
    return x if x.flags.carray else np.array(x, order="C")


class Split(Compiled):
    """What has the team do a loop of some arguments in parts, see loops/team/jobs.py. Its numbers are Python's own."""

    def __init__(self, arguments: str, parted: int, own: int) -> None:
        """parted: the first arguments, arrays, of which a job gets a part; own: of as many behind them it gets one."""
        self.of, self.parted, self.own = arguments, parted, own
        kinds = ["float64" if kind == "T" else kind for kind in KIND.findall(arguments)]
        for i in range(parted, parted + own):
            kinds[i] = kinds[i].replace("[", "[:, ")
        name = "_".join(["split", str(parted), str(own), *map(_word, kinds)])
        numbers = "int64, int64, int64, int64[:, ::1]"
        super().__init__(f"team.jobs.{name}", f"{numbers}, Tuple(({', '.join(kinds)},))", "int64")
        self.rest: list[Callable[[Any], Any]] = [_giver(kind) for kind in kinds[parted + own :]]

    def _loop(self, dtype: str) -> Any:
        name, signature = self.place.rpartition(".")[2], _of(dtype, f"void({self.of})")
        return import_module("xdl.kernels.numba.loops.team.jobs").split(name, signature, self.parted, self.own)


def _split(arguments: str) -> Split | None:
    """What splits loops with these arguments, marked as `Compiled` says; None where they have no mark."""
    parts = [KIND.findall(part) for part in arguments.split("|")]
    if len(parts) == 1:
        return None
    parted, own = len(parts[0]), len(parts[1]) if len(parts) > 2 else 0
    kinds = ", ".join(kind for part in parts for kind in part)
    if (kinds, parted, own) not in SPLITS:
        SPLITS[kinds, parted, own] = Split(kinds, parted, own)
    return SPLITS[kinds, parted, own]


def _of(dtype: str, signature: str) -> str:
    """A signature for a type of numbers."""
    return re.sub(r"\bT\b", dtype, signature)


def _word(kind: str) -> str:
    """A type of an argument as a part of a name."""
    number, array, _ = kind.partition("[")
    return f"{number}{kind.count(',') + 1}{'d' if '::1' in kind else 'any'}" if array else number


def _giver(kind: str) -> Callable[[Any], Any]:
    """What makes an argument of this type: loops that take arrays in any order get them as they lie."""
    return NUMBERS.get(kind) or (plain if "::1" in kind else lambda x: x)
