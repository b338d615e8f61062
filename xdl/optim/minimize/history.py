"""The last steps of a search, and the inverse Hessian that they tell (Nocedal 1980; Nocedal and Wright, algorithm 7.4).

s steps, y = change of the gradient along each, r = 1 / (y . s), h = y . s / y . y of the last

q = v;  newest first:  a = r s . q;  q = q - a y
q = h q;  oldest first:  q = q + (a - r y . q) s          q is H v
"""

from __future__ import annotations

from collections import deque
from math import sqrt

from xdl.backend import Array, namespaces
from xdl.errors import KindError, ShapeError, expect
from xdl.functional import stack
from xdl.optim.minimize.vectors import dot
from xdl.tensor import Tensor

CURVED = 1e-10  # where the cosine between s and y is not above, rounding hides how f curves along the step


class History:
    """At most `size` pairs (s, y), with their r; see the module docstring."""

    def __init__(self, size: int) -> None:
        self.steps: deque[Array] = deque(maxlen=size)
        self.changes: deque[Array] = deque(maxlen=size)
        self.r: deque[float] = deque(maxlen=size)
        self.scale = 1.0

    def add(self, s: Array, y: Array, curvature: float) -> None:
        """Keeps a step with y . s = curvature above 0, in place of the oldest where there are enough."""
        self.steps.append(s)
        self.changes.append(y)
        self.r.append(1.0 / curvature)
        self.scale = curvature / dot(y, y)

    def clear(self) -> None:
        """Forgets all: H is one."""
        for kept in (self.steps, self.changes, self.r):
            kept.clear()
        self.scale = 1.0

    def product(self, v: Array) -> Array:
        """H v: 4 size n multiplications."""
        q, factors = v, []
        pairs = list(zip(self.steps, self.changes, self.r, strict=True))
        for s, y, r in reversed(pairs):
            factors.append(dot(s, q) * r)
            q = q - factors[-1] * y
        q = q * self.scale
        for (s, y, r), a in zip(pairs, reversed(factors), strict=True):
            q = q + (a - dot(y, q) * r) * s
        return q


def curvature_along(s: Array, y: Array) -> float:
    """y . s, or 0 where f does not surely curve up along the step, whatever the units of f and x.

    0 too where y . s or y . y is too small for its inverse to be a number.
    """
    curvature, squared = dot(y, s), dot(y, y)
    if min(curvature, squared) < float(namespaces[type(y)].finfo(y.dtype).smallest_normal):
        return 0.0
    return curvature if curvature > CURVED * sqrt(dot(s, s)) * sqrt(squared) else 0.0


class InverseHessian:
    """The matrix H (n, n) of a history without its numbers, under the names of SciPy's LbfgsInvHessProduct."""

    def __init__(self, history: History, n: int) -> None:
        self.history, self.shape = history, (n, n)

    def matvec(self, x: Tensor) -> Tensor:
        """H x for x (n,). Raises KindError for what is no Tensor, ShapeError for another shape."""
        expect(isinstance(x, Tensor), KindError, "matvec", "a Tensor", type(x).__name__)
        expect(x.shape == self.shape[1:], ShapeError, "matvec", f"x of shape {self.shape[1:]}", x.shape)
        return Tensor(self.history.product(x.array))

    def todense(self) -> Tensor:
        """H with its numbers, for small n."""
        like = self.history.steps[0]
        one = namespaces[type(like)].eye(self.shape[0], dtype=like.dtype, device=like.device)
        return stack([Tensor(self.history.product(one[i, :])) for i in range(self.shape[0])])
