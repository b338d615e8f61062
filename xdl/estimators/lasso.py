"""Lasso: least squares with a penalty on the absolute values of the weights, which makes some of them 0."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign
from operator import mul
from typing import Any, Self
from warnings import warn

from xdl.creation.given import as_tensor, tensor
from xdl.estimators.given import targets
from xdl.estimators.kinds import LinearRegressor
from xdl.estimators.linear_regression import centered, line
from xdl.estimators.settings import check_count, check_number
from xdl.linalg import lstsq


class Lasso(LinearRegressor):
    """w and b with the least |X w + b - y|^2 / (2 N) + alpha sum |w_j|; b is not penalized.

    alpha:         the penalty, at least 0
    fit_intercept: whether there is a b
    max_iter:      the largest number of passes over the weights
    tol:           ends where the duality gap, how far above the least value one can be at most, is tol |y|^2 / N, and
                   a pass changes no weight by more than tol of the largest: scikit-learn's two conditions

    Keeps n_iter_ and dual_gap_. Each weight in turn is set to its best value with the others fixed (coordinate
    descent; Friedman, Hastie, Tibshirani, Regularization paths for generalized linear models, 2010), and now and then
    all that are not 0 together, without which columns that are nearly dependent take very long. X^T X / N and
    X^T y / N are computed where X lies, the passes over their D x D numbers in Python.
    """

    several_targets = False
    n_iter_: int
    dual_gap_: float

    def __init__(
        self, alpha: float = 1.0, *, fit_intercept: bool = True, max_iter: int = 1000, tol: float = 1e-4
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, X: Any, y: Any) -> Self:
        """Learns coef_ (D,) and intercept_ from X (N, D) and y (N,). Warns where max_iter ends it.

        Raises SettingError, ShapeError, DtypeError, DataError for nan and infinity.
        """
        for name in ("alpha", "tol"):
            check_number("Lasso", name, getattr(self, name))
        check_count("Lasso", "max_iter", self.max_iter)
        x = self.learn_features(X)
        t = targets("Lasso", y, x, several=False)
        x, t, x_mean, y_mean = centered(x, t, self.fit_intercept)
        n = x.shape[0]
        moments = Moments((x.T @ x / n).tolist(), (x.T @ t / n).tolist(), float((t @ t / n).item()))
        w, self.n_iter_, self.dual_gap_ = coordinate_descent(moments, self.alpha, self.max_iter, self.tol)
        if self.dual_gap_ > self.tol * moments.yy:
            warn(f"Lasso ends after max_iter={self.max_iter} passes, dual_gap_={self.dual_gap_:.3g}", stacklevel=2)
        self.coef_, self.intercept_ = line(as_tensor(w, dtype=x.dtype, device=x.device), x_mean, y_mean)
        return self


@dataclass(frozen=True)
class Moments:
    """xx = X^T X / N, xy = X^T y / N, yy = y^T y / N."""

    xx: list[list[float]]
    xy: list[float]
    yy: float


def coordinate_descent(m: Moments, alpha: float, max_iter: int, tol: float) -> tuple[list[float], int, float]:
    """w, the passes it took, and the duality gap.

    q = X^T (y - X w) / N is kept, and each w_j becomes S(q_j + xx_jj w_j, alpha) / xx_jj, where S(z, alpha) moves z
    towards 0 by alpha, and not beyond. Columns that are nearly one another's combinations take it 100,000 passes and
    more; `straight` shortens the way every SOME passes.
    """
    w, q = [0.0] * len(m.xy), list(m.xy)
    passes, gap, still = 0, duality_gap(m, w, q, alpha), True
    while not (still and gap <= tol * m.yy) and passes < max_iter:
        passes, before = passes + 1, w[:]
        for j, row in enumerate(m.xx):
            if row[j] == 0:
                continue
            z = q[j] + row[j] * w[j]
            new = copysign(max(abs(z) - alpha, 0.0), z) / row[j]
            if new != w[j]:
                step = new - w[j]
                q = [a - b * step for a, b in zip(q, row, strict=True)]
                w[j] = new
        if passes % SOME == 0:
            w, q = straight(m, w, q, alpha)
        gap = duality_gap(m, w, q, alpha)
        still = max(abs(a - b) for a, b in zip(w, before, strict=True)) <= tol * max(map(abs, w))
    return w, passes, gap


SOME = 10  # passes after which the way is shortened


def straight(m: Moments, w: list[float], q: list[float], alpha: float) -> tuple[list[float], list[float]]:
    """w and q after steps straight to the best weights with the signs that they have, the way past a 0 left out.

    With fixed signs the loss is a parabola. Of weights that are not 0 its minimum v solves xx v = xy - alpha sign(w)
    (H. Lee and others, Efficient sparse coding algorithms, 2007). A step goes there, or up to the first sign that would
    change: that weight becomes 0, and the others go on. A step that rounding makes worse is not made.
    """
    t = 0.0
    while t < 1.0 and (active := [j for j, weight in enumerate(w) if weight != 0]):
        gram = tensor([[m.xx[i][j] for j in active] for i in active], dtype="float64")
        aim = tensor([m.xy[j] - copysign(alpha, w[j]) for j in active], dtype="float64")
        best = dict(zip(active, lstsq(gram, aim).solution.tolist(), strict=True))
        shares = {j: w[j] / (w[j] - v) for j, v in best.items() if v * w[j] < 0}
        t = min(shares.values(), default=1.0)
        new = [weight + t * (best[j] - weight) if j in best else 0.0 for j, weight in enumerate(w)]
        new = [0.0 if shares.get(j) == t else weight for j, weight in enumerate(new)]
        left = [b - sum(map(mul, row, new)) for row, b in zip(m.xx, m.xy, strict=True)]
        if not loss(m, new, left, alpha) < loss(m, w, q, alpha):
            break
        w, q = new, left
    return w, q


def loss(m: Moments, w: list[float], q: list[float], alpha: float) -> float:
    """What is to be least, from q = X^T (y - X w) / N."""
    squares = m.yy - sum(map(mul, w, m.xy)) - sum(map(mul, w, q))
    return float(squares / 2 + alpha * sum(map(abs, w)))


def duality_gap(m: Moments, w: list[float], q: list[float], alpha: float) -> float:
    """How far the loss at w is above a bound from below: 0 only at the least value.

    The bound is that of the residuals r = y - X w, times s <= 1 so that no |X_j^T s r| / N is above alpha.
    """
    wy = sum(a * b for a, b in zip(w, m.xy, strict=True))
    wq = sum(a * b for a, b in zip(w, q, strict=True))
    rr = m.yy - wy - wq  # r^T r / N, from w^T X^T X w / N = wy - wq
    largest = max(map(abs, q))
    s = 1.0 if largest <= alpha else alpha / largest
    return rr / 2 + alpha * sum(map(abs, w)) - s * (m.yy - wy) + s * s * rr / 2
