"""Operators of arrays: CuPy's ufuncs, and their refusals of what lies on the host."""

import numpy as np

from .array import ndarray
from .ufuncs import UFUNC

BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "left_shift",
    "rshift": "right_shift",
}
COMPARED = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
UNARY = {"neg": "negative", "pos": "positive", "invert": "invert", "abs": "absolute"}
TAKEN = (ndarray, bool, int, float, complex, np.generic, np.ndarray, list, tuple)  # the last three raise in the ufunc


def _binary(function):
    def call(self, other):
        return function(self, other) if isinstance(other, TAKEN) else NotImplemented

    return call


def _reflected(function):
    def call(self, other):
        return function(other, self) if isinstance(other, TAKEN) else NotImplemented

    return call


def _in_place(function):
    def call(self, other):
        return function(self, other, self) if isinstance(other, TAKEN) else NotImplemented

    return call


def _unary(function):
    return lambda self: function(self)


for short, name in BINARY.items():
    setattr(ndarray, f"__{short}__", _binary(UFUNC[name]))
    setattr(ndarray, f"__r{short}__", _reflected(UFUNC[name]))
    setattr(ndarray, f"__i{short}__", _in_place(UFUNC[name]))
for short, name in COMPARED.items():
    setattr(ndarray, f"__{short}__", _binary(UFUNC[name]))
for short, name in UNARY.items():
    setattr(ndarray, f"__{short}__", _unary(UFUNC[name]))
