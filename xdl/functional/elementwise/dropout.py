"""Dropout: units are left out at random, so that a network cannot rely on any single one.

    x (...)   keep (...) bool   y (...)

    y = x keep / (1 - p)         dx = g keep / (1 - p)

Every element is dropped by itself: element i, counted in C order, where 16-bit lane i of the step's words
(`xdl.random`) is below `drop` = round(65536 p), held within 1 and 65535. So p is met within 2**-17 (2**-16 beside 0
and 1), and the factor is that of the rate in force, 65536 / (65536 - drop): the expected y is x.

Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: a simple way to prevent neural networks from
overfitting", JMLR 15 (2014); the factor at training time ("inverted") as PyTorch has it.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import SettingError
from xdl.functional import either
from xdl.functional.in_place import in_place
from xdl.functional.operands import floating
from xdl.kernel import Kernel
from xdl.random import stream
from xdl.random.philox import philox_words, pieces
from xdl.tape import record
from xdl.tensor import Tensor

LANES = 1 << 16  # the values of a lane


class DropoutPair:
    """y = x keep 65536 / (65536 - drop) with the lanes of one step of a stream; saved, in every version: keep, drop."""

    @staticmethod
    def forward(x: Array, drop: int, key: tuple[int, int], step: int) -> tuple[Array, tuple[Array, int]]:
        n = prod(x.shape)
        words = philox_words(x, key, step, 0, -(-n // 4))[1]
        keep = namespaces[type(x)].reshape(pieces(words, 16)[:n] >= drop, x.shape)
        return x * factors(keep, drop, x.dtype), (keep, drop)

    @staticmethod
    def backward(g: Array, saved: tuple[Array, int], needs: Any) -> tuple[Array]:
        keep, drop = saved
        return (g * factors(keep, drop, g.dtype),)


dropout_pair = Kernel("dropout", DropoutPair)


def scale(drop: int) -> float:
    """What keeps the mean of y at x."""
    return LANES / (LANES - drop)


def factors(keep: Array, drop: int, dtype: Any) -> Array:
    """0 where an element is dropped, else the scale."""
    return namespaces[type(keep)].astype(keep, dtype) * scale(drop)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, drops elements with probability p and divides the others by 1 - p; else returns input itself.

    input: floating, any shape; p = 1 gives zeros, p = 0 input itself. Masks come from the stream "dropout", one step
    a call. Raises SettingError unless 0 <= p <= 1, DtypeError.
    """
    if inplace and training and p:
        return in_place(dropout)(input, p, training)
    floating("dropout", input=input)
    check_probability("dropout", p)
    if not training or p == 0:
        return input
    if p == 1:
        return input * 0.0
    version, y, saved = dropout_pair(input.array, lanes(p), *stream("dropout").draw())
    return record(y, (input.node or input,), partial(_dropout_rule, saved), saved, version)


def lanes(p: float) -> int:
    """How many of the LANES values of a lane drop its element, for 0 < p < 1."""
    return min(max(round(p * LANES), 1), LANES - 1)


def check_probability(operation: str, p: float, name: str = "p") -> float:
    """p itself. Raises SettingError, by the argument's name, unless 0 <= p <= 1."""
    if not isinstance(p, int | float) or not 0 <= p <= 1:
        raise SettingError(operation, f"0 <= {name} <= 1", repr(p))
    return p


def _dropout_rule(mask: tuple[Array, int], needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    keep, drop = mask
    return (g * either.constant(factors(keep, drop, either.raw(g).dtype), g),)
