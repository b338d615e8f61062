"""Newton's method with a Hessian made positive definite, and steps that a line search shortens.

g gradient, H Hessian;  (H + m) d = -g with the least m of 0, beta, 2 beta, 4 beta, ... for which H + m has a Cholesky
factor (Nocedal and Wright 2006, algorithm 3.3);  x = x + t d for t by the strong Wolfe conditions, 1 at first.
"""

from __future__ import annotations

from typing import ClassVar

from xdl.backend import Array, namespaces
from xdl.errors import DataError
from xdl.optim.minimize.objective import Objective, Point, positive
from xdl.optim.minimize.searching import Searching
from xdl.optim.minimize.vectors import largest
from xdl.tensor import Tensor


class Newton(Searching):
    """See the module docstring. beta is a share of the largest |H_ij|, of which m begins.

    The inverse Hessian of the result is that of the last H + m.
    """

    scaled: ClassVar[bool] = True

    def __init__(self, objective: Objective, c1: float = 1e-4, c2: float = 0.9, beta: float = 1e-3) -> None:
        super().__init__(objective, c1, c2)
        self.beta = positive("beta", beta)
        self.h: Array | None = None

    def direction(self, at: Point) -> Array:
        """d. Raises DataError where the Hessian is not finite."""
        h = self.objective.hessian(at.x)
        xp, n = namespaces[type(h)], h.shape[0]
        size = largest(h)
        if not size < float("inf"):
            raise DataError("minimize", "a finite Hessian", size)
        one = xp.eye(n, dtype=h.dtype, device=h.device)
        lowest = float(Tensor(xp.min(xp.linalg.diagonal(h))).item())
        step = self.beta * (size or 1.0)
        m = 0.0 if lowest > 0 else step - lowest
        while not _is_definite(h + m * one):
            m = max(2 * m, step)
        self.h = h + m * one
        from xdl.linalg import solve  # loaded when it is used

        return solve(Tensor(self.h), Tensor(-at.gradient)).array

    def inverse_hessian(self) -> Tensor | None:
        """(H + m)^-1"""
        from xdl.linalg import inv

        return None if self.h is None else inv(Tensor(self.h))


def _is_definite(h: Array) -> bool:
    """Whether a symmetric matrix has a Cholesky factor."""
    from xdl.linalg import cholesky

    try:
        cholesky(Tensor(h))
    except DataError:
        return False
    return True
