"""Conjugate gradients, for any function and for quadratic ones.

cg (Polak and Ribiere 1969, restarted as in Powell 1984):  d = -g + max(0, g . (g - g') / g' . g') d'
linear-cg (Hestenes and Stiefel 1952):                     d = -g + (g . g / g' . g') d',  x = x - (g . d / d . A d) d

where ' is the step before, and A d = (grad f(x + h d) - grad f(x)) / h for f(x) = x^T A x / 2 - b^T x + c. Any h would
do in exact numbers; that of a way as long as x, at least 1, keeps most digits, whatever the units of f are.
"""

from __future__ import annotations

from math import inf, sqrt
from typing import ClassVar

from xdl.backend import Array
from xdl.errors import DataError
from xdl.optim.minimize.objective import Objective, Point
from xdl.optim.minimize.searching import Searching
from xdl.optim.minimize.vectors import dot, largest

DOWNWARD = 0.01  # -d . g is at least so much of g . g, or the method begins anew
QUADRATIC = 1e-3  # values off a parabola by more than this share are those of no quadratic function


class ConjugateGradient(Searching):
    """cg of the module docstring. c2 is small, since directions are conjugate only after exact searches."""

    falling: ClassVar[bool] = True

    def __init__(self, objective: Objective, c1: float = 1e-4, c2: float = 0.3) -> None:
        super().__init__(objective, c1, c2)
        self.d: Array | None = None

    def direction(self, at: Point) -> Array:
        """d, or -g where d hardly goes down."""
        g = at.gradient
        squared = 0.0 if self.before is None else dot(self.before.gradient, self.before.gradient)
        if self.before is None or self.d is None or not squared:
            self.d = -g
        else:
            self.d = -g + max(0.0, dot(g, g - self.before.gradient) / squared) * self.d
            if dot(self.d, g) > -DOWNWARD * dot(g, g):
                self.d = -g
        return self.d


class LinearConjugateGradient:
    """linear-cg of the module docstring: at most n steps, but for rounding, and one evaluation each.

    Raises DataError where f turns out not to be quadratic, or has no minimum.
    """

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        self.d: Array | None = None
        self.old = 0.0

    def step(self, at: Point) -> Point | None:
        """The minimum along d, whose value and gradient follow from those of one other point.

        None where g . g or d . d is no positive number, and where the step is too short to change x.
        """
        g, squared = at.gradient, dot(at.gradient, at.gradient)
        if not 0 < squared < inf:
            return None
        d = -g if self.d is None else -g + (squared / self.old) * self.d
        self.old, self.d = squared, d
        if not 0 < (length := sqrt(dot(d, d))) < inf:
            return None
        h = max(1.0, sqrt(dot(at.x, at.x))) / length
        probe = self.objective.at(at.x + h * d)
        ad, slope = (probe.gradient - g) / h, dot(g, d)
        curvature = dot(d, ad)
        parts = at.fun, h * slope, h * h * curvature / 2
        if not abs(probe.fun - sum(parts)) <= QUADRATIC * max(abs(probe.fun), *map(abs, parts)):
            found = f"{probe.fun:g} in place of {sum(parts):g} along d"
            raise DataError("minimize", "a quadratic f for linear-cg", found, "Use cg")
        if not curvature > 0:
            raise DataError("minimize", "an f with a minimum for linear-cg", f"curvature {curvature:g} along d")
        t = -slope / curvature
        x = at.x + t * d
        return Point(x, at.fun + t * slope / 2, g + t * ad) if largest(x - at.x) else None

    def inverse_hessian(self) -> None:
        """None: the method knows none."""
        return
