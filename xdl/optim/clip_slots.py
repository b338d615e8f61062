"""The slots of clipping: each takes the gradients of all parameters at once, arrays of one backend and dtype."""

from __future__ import annotations

from math import inf
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.kernel import Kernel

TINY = 1e-6  # added to a norm that something is divided by, as in PyTorch


class PartsNormReference:
    """Writes (sum |x|**p)**(1/p) of all elements of all parts into norm (0-d), or the largest |x| for p = inf."""

    @staticmethod
    def forward(norm: Array, parts: list[Array], p: float) -> tuple[None, None]:
        xp = namespaces[type(norm)]
        powers = xp.stack([xp.asarray(_power(xp, x, p)) for x in parts])
        norm[...] = xp.max(powers) if p == inf else xp.sum(powers) ** (1 / p)
        return None, None


def _power(xp: Any, x: Array, p: float) -> Array:
    """sum |x|**p of one array, or its largest |x| for p = inf; 0-d."""
    if p == inf:
        return xp.max(xp.abs(x)) if x.size else xp.sum(x)
    if p == 2:
        flat = xp.reshape(x, (-1,))
        return xp.vecdot(flat, flat)
    return xp.sum(xp.abs(x) if p == 1 else xp.abs(x) ** p)


class ScalePartsReference:
    """Multiplies all parts by min(1, limit / (norm + TINY)), in place; norm is 0-d, of their dtype."""

    @staticmethod
    def forward(norm: Array, parts: list[Array], limit: float) -> tuple[None, None]:
        xp = namespaces[type(norm)]
        factor = xp.asarray(xp.clip(limit / (norm + TINY), max=1.0))
        for i in range(len(parts)):
            parts[i] *= factor
        return None, None


class LimitPartsReference:
    """Limits every element of all arrays, the first and the others, to [-limit, limit], in place; nan stays."""

    @staticmethod
    def forward(first: Array, others: list[Array], limit: float) -> tuple[None, None]:
        for x in (first, *others):
            x[...] = either.clip(x, -limit, limit)
        return None, None


parts_norm = Kernel("parts_norm", PartsNormReference)
scale_parts = Kernel("scale_parts", ScalePartsReference)
limit_parts = Kernel("limit_parts", LimitPartsReference)
