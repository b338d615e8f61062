"""Dropout before a shortcut: y = r + dropout(x), of which a GPU makes one pass.

dx = g keep / (1 - p)          dr = g
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, kinds
from xdl.functional import either
from xdl.functional.elementwise.dropout import check_probability, dropout, dropout_pair, factors, lanes
from xdl.kernel import Kernel
from xdl.node import edge
from xdl.random import stream
from xdl.tape import record
from xdl.tensor import Tensor


class DropoutAddReference:
    """y = r + x keep scale, with the lanes of `dropout`; saved: the version of `dropout` that gives dx, keep, drop."""

    @staticmethod
    def forward(
        x: Array, r: Array, drop: int, key: tuple[int, int], step: int
    ) -> tuple[Array, tuple[Any, tuple[Array, int]]]:
        version, y, mask = dropout_pair(x, drop, key, step)
        y += r
        return y, (version, mask)


dropout_add_slot = Kernel("dropout_add", DropoutAddReference)


def dropout_add(input: Tensor, other: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """y = other + dropout(input, p, training); the mask is that of `dropout`, of the same stream.

    Operands that do not share a shape and a floating dtype are added after dropout, with all that both allow and raise.
    """
    x, r = input.array, other.array
    alike = x.shape == r.shape and x.dtype == r.dtype and type(x) is type(r) and kinds[x.dtype] == "float"
    if not (training and alike and 0 < check_probability("dropout", p) < 1):
        return other + dropout(input, p, training)
    _, y, saved = dropout_add_slot(x, r, lanes(p), *stream("dropout").draw())
    return record(y, (edge(input), edge(other)), partial(_dropout_add_rule, *saved))


def _dropout_add_rule(
    version: Any, mask: tuple[Array, int], needs: Any, g: Any, y: Any, saved: Any, x: Any, r: Any
) -> tuple[Any, Any]:
    if isinstance(g, Tensor):
        keep, drop = mask
        return g * either.constant(factors(keep, drop, g.array.dtype), g), g
    return version.backward(g, mask, needs)[0] if needs[0] else None, g
