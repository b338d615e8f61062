"""Conjugate gradients, for any function and for quadratic ones.

cg (Polak and Ribiere 1969, restarted as in Powell 1984):  d = -g + max(0, g . (g - g') / g' . g') d'
linear-cg (Hestenes and Stiefel 1952):                     d = -g + (g . g / g' . g') d',  x = x - (g . d / d . A d) d

where ' is the step before, and A d = grad f(x + d) - grad f(x) for f(x) = x^T A x / 2 - b^T x + c.
"""

from __future__ import annotations

from typing import ClassVar

from xdl.backend import Array
from xdl.errors import DataError
from xdl.optim.minimize.objective import Objective, Point
from xdl.optim.minimize.searching import Searching
from xdl.optim.minimize.vectors import dot

DOWNWARD = 0.01  # -d . g is at least so much of g . g, or the method begins anew


class ConjugateGradient(Searching):
    """cg of the module docstring. c2 is small, since directions are conjugate only after exact searches."""

    falling: ClassVar[bool] = True

    def __init__(self, objective: Objective, c1: float = 1e-4, c2: float = 0.3) -> None:
        super().__init__(objective, c1, c2)
        self.d: Array | None = None

    def direction(self, at: Point) -> Array:
        """d, or -g where d hardly goes down."""
        g = at.gradient
        if self.before is None or self.d is None:
            self.d = -g
        else:
            old = self.before.gradient
            self.d = -g + max(0.0, dot(g, g - old) / dot(old, old)) * self.d
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
        """The minimum along d, whose value and gradient follow from those of one other point."""
        g, squared = at.gradient, dot(at.gradient, at.gradient)
        self.d = -g if self.d is None else -g + (squared / self.old) * self.d
        self.old, d = squared, self.d
        probe = self.objective.at(at.x + d)
        ad, slope = probe.gradient - g, dot(g, d)
        curvature = dot(d, ad)
        predicted = at.fun + slope + curvature / 2
        scale = max(abs(at.fun), abs(probe.fun), abs(slope), abs(curvature))
        if not abs(probe.fun - predicted) <= 1e-3 * scale:
            raise DataError(
                "minimize", "a quadratic f for linear-cg", f"{probe.fun:g} in place of {predicted:g} at x + d", "Use cg"
            )
        if not curvature > 0:
            raise DataError("minimize", "an f with a minimum for linear-cg", f"curvature {curvature:g} along d")
        t = -slope / curvature
        return Point(at.x + t * d, at.fun + t * slope / 2, g + t * ad)

    def inverse_hessian(self) -> None:
        """None: the method knows none."""
        return
