"""Division with remainder of raw arrays, one of them perhaps a number: a = b q + r with a whole q.

floor_divide:  q = floor(a / b)
remainder:     r = a - b floor(a / b), sign of b
fmod:          r = a - b trunc(a / b), sign of a

All are computed from the exact remainder r of C's fmod, never from the rounded a / b: 1 // 0.1 is 9, as 0.1 is a little
more than a tenth. Of floats, as NumPy has them:

    b = 0       q = a / b, r = nan                     a infinite     q = r = nan
    b infinite  q = 0 and r = a where a is 0 or has the sign of b or for fmod; else q = -1, r = b
    r = 0       has the sign of b (remainder) or of a (fmod); q = 0 has the sign of a / b

Integer divisors 0 are the caller's to refuse.
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.kernel import Kernel


class DivisionReference:
    """q or r of x and y, the operands, by the name of the operation. like: the one of them that is an array."""

    @staticmethod
    def forward(like: Array, operation: str, x: Any, y: Any) -> tuple[Array, None]:
        xp = namespaces[type(like)]
        if operation != "fmod":
            return getattr(xp, operation)(x, y), None
        x = x if hasattr(x, "dtype") else xp.asarray(x, dtype=like.dtype, device=like.device)
        r = xp.remainder(xp.abs(x), abs(y))
        return xp.copysign(r, x) if kinds[like.dtype] == "float" else xp.where(x < 0, -r, r), None


division_slot = Kernel("division", DivisionReference)


def divide(operation: str, x: Any, y: Any) -> Array:
    """floor_divide, remainder or fmod of two raw operands, at least one of them an array; shapes broadcast."""
    return division_slot(x if hasattr(x, "dtype") else y, operation, x, y)[1]
