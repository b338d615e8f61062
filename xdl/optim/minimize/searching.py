"""What the methods that search along lines share: direction, first step, the strong Wolfe search, what is learned."""

from __future__ import annotations

from typing import ClassVar, Protocol

from xdl.backend import Array
from xdl.errors import SettingError
from xdl.optim.minimize.history import InverseHessian
from xdl.optim.minimize.line_search import Trial, strong_wolfe
from xdl.optim.minimize.objective import Objective, Point
from xdl.optim.minimize.vectors import dot
from xdl.tensor import Tensor


class Method(Protocol):
    """How `minimize` goes on: `step` gives the next point, or None where none better was found.

    None comes too where the gradient is so small that its square is 0.

    inverse_hessian: what the method knows of it in the end, (n, n)
    """

    def step(self, at: Point) -> Point | None: ...

    def inverse_hessian(self) -> Tensor | InverseHessian | None: ...


class Searching:
    """Steps of a method that goes along `direction` and then learns from what changed.

    c1, c2: of the strong Wolfe conditions, 0 < c1 < c2 < 1;  before: the last point, None at the beginning
    """

    scaled: ClassVar[bool] = False  # whether directions have a good length from the beginning
    falling: ClassVar[bool] = False  # whether the first step along a line follows from the fall before

    def __init__(self, objective: Objective, c1: float, c2: float) -> None:
        if not (isinstance(c1, int | float) and isinstance(c2, int | float) and 0 < c1 < c2 < 1):
            raise SettingError("minimize", "0 < c1 < c2 < 1", f"c1 {c1!r}, c2 {c2!r}")
        self.objective, self.c1, self.c2 = objective, c1, c2
        self.before: Point | None = None
        self.fall = 0.0

    def direction(self, at: Point) -> Array:
        """Where to go from a point."""
        raise NotImplementedError(f"{type(self).__name__} has no direction method")

    def learn(self, s: Array, y: Array) -> None:
        """What the method keeps of a step s along which the gradient changed by y."""

    def forget(self) -> None:
        """Begins anew, where the direction goes up: rounding spoiled what was kept."""
        self.before = None

    def inverse_hessian(self) -> Tensor | InverseHessian | None:
        """What is known of it, (n, n)."""
        return None

    def first(self, slope: float) -> float:
        """The step that is tried first: 1; before anything is known of the curvature, along -g, at most 1 long.

        Where `falling`, at most that with which a parabola would fall as far as f did in the step before (Nocedal and
        Wright, 3.60).
        """
        if self.before is None:
            return 1.0 if self.scaled else min(1.0, (-slope) ** -0.5)
        return min(1.0, 1.01 * 2 * self.fall / slope) if self.falling else 1.0

    def step(self, at: Point) -> Point | None:
        """The point that a search along the direction finds."""
        d = self.direction(at)
        slope = dot(d, at.gradient)
        if not slope < 0:
            self.forget()
            d = -at.gradient
            slope = dot(d, at.gradient)
            if not slope < 0:
                return None
        points: dict[float, Point] = {}

        def phi(t: float) -> Trial:
            points[t] = new = self.objective.at(at.x + t * d)
            return Trial(t, new.fun, dot(new.gradient, d), new.gradient)

        start = Trial(0.0, at.fun, slope, at.gradient)
        found = strong_wolfe(phi, self.first(slope), start, self.c1, self.c2)
        if not found.f < at.fun:
            return None
        new, self.before = points[found.t], at
        self.fall = new.fun - at.fun
        self.learn(new.x - at.x, new.gradient - at.gradient)
        return new
