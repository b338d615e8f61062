"""The sum of two arrays: of two operands, or of the gradients of what is used twice.

Large arrays of one shape and dtype go to a slot, so that a version may share them out to threads.
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array
from xdl.kernel import Kernel

LARGE = 1 << 15  # numbers; below, a sum takes less time than the question who makes it


class AdditionPair:
    """y = a + b, in the memory of a if `inside`."""

    @staticmethod
    def forward(a: Array, b: Array, inside: bool) -> tuple[Array, None]:
        if inside:
            a += b
            return a, None
        return a + b, None


addition_pair = Kernel("addition", AdditionPair)


def total(a: Any, b: Any, inside: bool = False) -> Any:
    """a + b of arrays or numbers; a += b if `inside`."""
    if getattr(a, "size", 0) >= LARGE and type(a) is type(b) and a.shape == b.shape and a.dtype == b.dtype:
        return addition_pair(a, b, inside)[1]
    if inside:
        a += b
        return a
    return a + b
