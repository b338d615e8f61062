"""How a loop is written once and compiled for float32 and for float64.

A loop is plain Python. When it is compiled for a type of numbers, what is a float in its text or among the names that
it uses becomes a number of that type, so that `0.5 * x` stays in float32 where x is:

    literals 0.5, names of floats or of tuples of floats      numbers of the type
    names of other loops                                      those, compiled for the same type
    Each(float32=..., float64=...)                            what it holds for the type
    Integer(23)                                                     an integer with as many bits as the type

Helpers are inlined by LLVM (`forceinline`), since a loop with a call left in it has no vectors. They are not made
faster before that: what they are inlined into is made fast as a whole.

Operations keep the order in which they are written; only a product and a sum may become one instruction (`contract`).
Sums over many numbers need more freedom to be computed by vectors: `s = add(s, x)` may be added in any order. It is a
function of its own, because flags belong to the function in whose text an operation stands, also where LLVM inlines
it. No flag says that no nan and no infinity comes (`nnan`, `ninf`): by those LLVM takes tests for them away.
"""

from __future__ import annotations

from types import FunctionType

import numpy as np
from numba import config, njit
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

LOCATOR = "xdl.kernels.numba.loops.locator.Locator"
TYPES = {"float32": (np.float32, np.int32), "float64": (np.float64, np.int64)}
ORDERED = frozenset({"contract"})
ANY_ORDER = frozenset({"contract", "reassoc", "nsz"})


class _AsWritten(JITCodeLibrary):
    """Code that LLVM leaves as it is."""

    def _optimize_final_module(self):
        pass


class _Inlined(Compiler):
    """Compiles helpers."""

    def define_pipelines(self):
        self.state.library = _AsWritten(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        return super().define_pipelines()


INLINED = {"forceinline": True, "no_cpython_wrapper": True, "pipeline_class": _Inlined}


class Integer:
    """Stands in a loop's text for the type of integers."""


class Each:
    """Something else for each type of numbers: coefficients, or a loop."""

    def __init__(self, **given):
        self.given = given


class Loop:
    """A function of plain Python, and what Numba makes of it for each type of numbers."""

    def __init__(self, function, flags):
        self.function, self.flags, self._made = function, flags, {}
        self.__doc__ = function.__doc__

    def made(self, dtype):
        """Numba's function for numbers of a dtype: used inside of other loops, compiled with them."""
        if dtype not in self._made:
            self._made[dtype] = self.ready(dtype, **INLINED)
        return self._made[dtype]

    def ready(self, dtype, **settings):
        """A new one. cache=True: Numba keeps what it compiles, where locator.py says."""
        before = config.CACHE_LOCATOR_CLASSES
        config.CACHE_LOCATOR_CLASSES = LOCATOR
        try:
            settings |= {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "fastmath": set(self.flags)}
            return njit(**settings)(typed(self.function, dtype))
        finally:
            config.CACHE_LOCATOR_CLASSES = before


def loop(function):
    """The decorator of all loops and of their helpers."""
    return Loop(function, ORDERED)


def add(s, x):
    """s + x for a sum whose order is free."""
    return s + x


add = Loop(add, ANY_ORDER)


def let_text_go(made):
    """Frees a compiled function's text in LLVM's language, which takes five times the memory of its code.

    Only who compiles another function that calls this one would read it.
    """
    for result in made.overloads.values():
        result.library._get_module_for_linking().close()


def typed(function, dtype):
    """The function with its floats, loops and types for numbers of a dtype."""
    code, names = function.__code__, dict(function.__globals__)
    for name in code.co_names:
        if name in names:
            names[name] = _typed(names[name], dtype)
    constants = tuple(_typed(value, dtype) for value in code.co_consts)
    made = FunctionType(code.replace(co_consts=constants), names, function.__name__, function.__defaults__)
    made.__qualname__, made.__module__ = f"{function.__qualname__}_{dtype}", function.__module__
    return made


def _typed(value, dtype):
    real, integer = TYPES[dtype]
    if isinstance(value, Each):
        value = value.given[dtype]
    if value is Integer:
        return integer
    if isinstance(value, Loop):
        return value.made(dtype)
    if type(value) is float:
        return real(value)
    if type(value) is tuple:
        return tuple(_typed(item, dtype) for item in value)
    return value
