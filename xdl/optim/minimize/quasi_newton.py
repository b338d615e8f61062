"""BFGS and L-BFGS: Newton's method with an inverse Hessian that is learned from the gradients of the path.

s = step, y = change of the gradient, r = 1 / (y . s), both methods go along d = -H g

BFGS (Broyden, Fletcher, Goldfarb and Shanno 1970):  H = (1 - r s y^T) H (1 - r y s^T) + r s s^T
                                                     from H = y . s / y . y (Nocedal and Wright 2006, 6.20), at least 1
L-BFGS (Liu and Nocedal 1989):                       the same of the last steps alone, `history.py`
"""

from __future__ import annotations

from typing import ClassVar

from xdl.backend import Array, namespaces
from xdl.errors import SettingError
from xdl.optim.minimize.history import History, InverseHessian, curvature_along
from xdl.optim.minimize.objective import Objective, Point
from xdl.optim.minimize.searching import Searching
from xdl.optim.minimize.vectors import dot, outer, times
from xdl.tensor import Tensor


class BFGS(Searching):
    """Keeps H (n, n); see the module docstring."""

    falling: ClassVar[bool] = True

    def __init__(self, objective: Objective, c1: float = 1e-4, c2: float = 0.9) -> None:
        super().__init__(objective, c1, c2)
        self.h: Array | None = None

    def direction(self, at: Point) -> Array:
        """-H g"""
        return -at.gradient if self.h is None else -times(self.h, at.gradient)

    def learn(self, s: Array, y: Array) -> None:
        """Updates H, where f curves up along the step."""
        if curvature := curvature_along(s, y):
            xp = namespaces[type(s)]
            if self.h is None:
                self.h = max(1.0, curvature / dot(y, y)) * xp.eye(s.shape[0], dtype=s.dtype, device=s.device)
            r, hy = 1.0 / curvature, times(self.h, y)
            crossed = outer(hy, s)
            mixed = crossed + xp.matrix_transpose(crossed)
            self.h = self.h - r * mixed + r * (1.0 + r * dot(y, hy)) * outer(s, s)

    def forget(self) -> None:
        """H is nothing again."""
        super().forget()
        self.h = None

    def inverse_hessian(self) -> Tensor | None:
        """H"""
        return None if self.h is None else Tensor(self.h)


class LBFGS(Searching):
    """Keeps `maxcor` steps, SciPy's name for their number; see the module docstring."""

    def __init__(self, objective: Objective, c1: float = 1e-4, c2: float = 0.9, maxcor: int = 10) -> None:
        super().__init__(objective, c1, c2)
        if isinstance(maxcor, bool) or not isinstance(maxcor, int) or maxcor < 1:
            raise SettingError("minimize", "maxcor: a whole number of at least 1", repr(maxcor))
        self.history = History(maxcor)

    def direction(self, at: Point) -> Array:
        """-H g"""
        return -self.history.product(at.gradient)

    def learn(self, s: Array, y: Array) -> None:
        """Keeps the step, where f curves up along it."""
        if curvature := curvature_along(s, y):
            self.history.add(s, y, curvature)

    def forget(self) -> None:
        """Keeps nothing."""
        super().forget()
        self.history.clear()

    def inverse_hessian(self) -> InverseHessian | None:
        """H as products."""
        steps = self.history.steps
        return InverseHessian(self.history, steps[0].shape[0]) if steps else None
