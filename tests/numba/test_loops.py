"""How loops become functions for a type of numbers, and what LLVM makes of them."""

import platform
import re
from importlib import import_module

import numpy as np
import pytest

from xdl import backend
from xdl.kernels.numba import compiled

backend.load("numpy")
SCALAR = {"dropout.dropout"}  # products of 128 bits
SCALAR |= {f"running.{name}" for name in ("cumsum_rows", "linear_scan", "logcumsumexp", "running_best")}  # chains
VECTORS = [loop for loop in compiled.ALL if loop.place not in SCALAR]
FORBIDDEN = {"nnan", "ninf", "fast", "afn"}
HALF, PAIR, CHOSEN = 0.5, (1.0, (2.0, 3)), None


@pytest.fixture(scope="module")
def template():
    return import_module("xdl.kernels.numba.loops.template")


def mean(x, y):
    return (x + y) * HALF + 0.25 * PAIR[1][1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_take_the_type_and_integers_stay(template, dtype):
    made = template.typed(mean, dtype)
    assert type(made.__globals__["HALF"]) is getattr(np, dtype)
    assert made.__globals__["PAIR"] == PAIR
    assert type(made.__globals__["PAIR"][1][1]) is int
    kinds = {type(constant) for constant in made.__code__.co_consts}
    assert getattr(np, dtype) in kinds
    assert float not in kinds
    assert type(HALF) is float
    assert template.loop(mean).ready(dtype)(getattr(np, dtype)(1), getattr(np, dtype)(2)) == 2.25


def test_each_gives_what_belongs_to_the_type(template):
    function = template.loop(lambda x: x * CHOSEN)
    function.function.__globals__["CHOSEN"] = template.Each(float32=2.0, float64=3.0)
    assert function.ready("float32")(np.float32(1)) == 2
    assert function.ready("float64")(1.0) == 3


def test_no_flag_lets_nan_or_infinity_be_forgotten(template):
    assert not (template.ORDERED | template.ANY_ORDER) & FORBIDDEN
    softmax = next(loop for loop in compiled.ALL if loop.place == "rows.softmax")
    made = softmax._loop("float32").ready("float32")
    made.compile(softmax.signature.replace("T", "float32"))
    text = made.inspect_llvm(made.signatures[0])
    operations = re.findall(r"f(?:add|sub|mul|div|cmp|neg) ((?:\w+ )*)", text)
    assert len(operations) > 10
    assert {flag for flags in operations for flag in flags.split()} & FORBIDDEN == set()
    assert any("reassoc" in flags for flags in operations)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="reads instructions of this kind of processor")
@pytest.mark.parametrize("loop", VECTORS, ids=lambda loop: loop.place)
def test_every_loop_has_vectors(loop):
    for dtype in compiled.TYPES:
        made = loop._loop().ready(dtype)
        made.compile(loop.signature.replace("T", dtype))
        text = made.inspect_asm(made.signatures[0])
        assert len(re.findall(r"%[yz]mm", text)) > 12, dtype
        assert not re.findall(r"call\w*\s+\S*mathematics", text), dtype
