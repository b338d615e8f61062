"""What `minimize` returns, under the names of SciPy's OptimizeResult."""

from __future__ import annotations

from dataclasses import dataclass, field

from xdl.functional import stack
from xdl.optim.minimize.history import InverseHessian
from xdl.optim.minimize.objective import Point
from xdl.tensor import Tensor


@dataclass(frozen=True)
class Path:
    """The points that a method went over, the start first.

    x: (nit + 1, *shape of x0);  fun: the value at each;  nfev: the evaluations that were made by then
    """

    x: Tensor
    fun: list[float]
    nfev: list[int]

    def __len__(self) -> int:
        return len(self.fun)


@dataclass(frozen=True)
class OptimizeResult:
    """Where a minimization ended.

    x, fun, jac:      the point, of x0's shape, the value and the gradient there
    nit, nfev, nhev:  steps; pairs of value and gradient, also as njev; Hessians
    success, message: whether the gradient became as small as asked for, and what ended it
    status:           0 success, 1 the most steps, 2 no better point along the line, 3 nan or infinity, 99 the callback
    hess_inv:         the inverse Hessian (n, n) of bfgs and newton, that of l-bfgs with matvec and todense, else None
    path:             all points, values and counts
    """

    x: Tensor
    fun: float
    jac: Tensor
    nit: int
    nfev: int
    njev: int
    nhev: int
    success: bool
    status: int
    message: str
    hess_inv: Tensor | InverseHessian | None = field(repr=False)
    path: Path = field(repr=False)


class Trace:
    """The path while it grows."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.points: list[Tensor] = []
        self.fun: list[float] = []
        self.nfev: list[int] = []

    def add(self, point: Point, nfev: int) -> None:
        """Appends a point and the evaluations so far."""
        self.points.append(Tensor(point.x))
        self.fun.append(point.fun)
        self.nfev.append(nfev)

    def path(self) -> Path:
        """All of it."""
        return Path(stack(self.points).reshape((len(self.fun), *self.shape)), self.fun, self.nfev)
