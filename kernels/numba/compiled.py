"""Compiled loops: for each type of numbers a function of Numba's, made when it is first asked for.

    softmax = Compiled("rows.softmax", "T[:, ::1], T[:, ::1]")      the loop `softmax` of loops/rows.py
    softmax[x.dtype](x, y)

Nothing here imports Numba before that. Then the loop's file is imported and the loop compiled for its signature, in
which T stands for the type, or loaded from the cache. Arrays of other types, and such as may not be written, are
refused by the function with a TypeError: nothing is ever compiled beside the signature.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from xdl.errors import BackendError
from xdl.guard import Guard, undisturbed

from ..common.notes import say
from . import cache

TYPES = ("float32", "float64")
ALL: list[Compiled] = []  # every loop that a version calls
_compiling = Guard()


class Compiled(dict[Any, Callable[..., Any]]):
    """A loop by its place, file and name, and the types of its arguments: a dictionary of dtype -> function."""

    def __init__(self, place: str, signature: str, result: str = "void") -> None:
        super().__init__()
        self.place, self.signature = place, f"{result}({signature})"
        ALL.append(self)

    def __missing__(self, dtype: Any) -> Callable[..., Any]:
        with _compiling.lock:
            if dtype not in self:
                self[dtype] = self._ready(str(dtype))
        return self[dtype]

    def name(self, dtype: str) -> str:
        """The loop's name in the cache."""
        return f"{self.place}.{dtype}"

    def is_kept(self) -> bool:
        """Whether the cache has it for all types. Imports Numba."""
        return all(cache.is_kept(self.name(dtype)) for dtype in TYPES)

    def _ready(self, dtype: str) -> Callable[..., Any]:
        """The function, from the cache if it is there. Raises BackendError if there is none to be had."""
        loop = self._loop()
        if cache.is_kept(self.name(dtype)):
            return self._made(loop, dtype)
        say(f"compiling loops for this processor on their first use, to keep them in {cache.folder()}")
        with cache.lock():
            return self._made(loop, dtype)

    def _loop(self) -> Any:
        """The loop, by importing its file. Raises BackendError where Numba cannot be imported."""
        module, _, name = self.place.rpartition(".")
        try:
            undisturbed(_import_numba)
        except ImportError as error:
            hint = "Install it anew with pip install 'xdl[fast]', or do without by XDL_FAST=off"
            raise BackendError("compiled kernels", "a Numba that can be imported", str(error), hint) from error
        return getattr(import_module(f"xdl.kernels.numba.loops.{module}"), name)

    def _made(self, loop: Any, dtype: str) -> Callable[..., Any]:
        """Loads or compiles it: again where its files are broken, and without the cache where that is no better."""
        wrong: Exception | None = None
        for cached in (True, True, False):
            made, kept = loop.ready(dtype, cache=cached), False
            try:
                made.compile(self.signature.replace("T", dtype))
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


def _import_numba() -> None:
    import_module("numba")
