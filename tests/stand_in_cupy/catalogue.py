"""CuPy's real names and signatures, from names.json, which names.py writes."""

import inspect
import json
from functools import cache
from pathlib import Path

import numpy as np

NAMES = json.loads(Path(__file__).with_name("names.json").read_text())
FUNCTIONS = NAMES["cupy"]["functions"]
UFUNCS = NAMES["cupy"]["ufuncs"]
METHODS = NAMES["ndarray"]
OTHERS = NAMES["cupy"]["others"]


def real_signature(text):
    """The signature that a text of names.json spells."""
    spelled = {}
    exec(f"def function({text}): pass", spelled)
    return inspect.signature(spelled["function"])


@cache
def function_signature(name):
    """Of a function of the module cupy."""
    return real_signature(FUNCTIONS[name])


@cache
def method_signature(name):
    """Of a method of cupy.ndarray, without self."""
    return real_signature(METHODS[name])


@cache
def loops(name):
    """The dtypes of a ufunc's loops: (inputs, outputs) -> in CuPy's order."""
    pairs = [loop.split("->") for loop in UFUNCS[name].split()]
    return tuple((_dtypes(inputs), _dtypes(outputs)) for inputs, outputs in pairs)


def _dtypes(letters):
    return tuple(np.dtype(letter) for letter in letters)
