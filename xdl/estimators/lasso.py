"""Lasso: least squares with a penalty on the absolute values of the weights, which makes some of them 0."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign
from typing import Any, Self
from warnings import warn

from xdl.creation.given import as_tensor
from xdl.errors import SettingError
from xdl.estimators.given import targets
from xdl.estimators.kinds import LinearRegressor
from xdl.estimators.linear_regression import centered, line


class Lasso(LinearRegressor):
    """w and b with the least |X w + b - y|^2 / (2 N) + alpha sum |w_j|; b is not penalized.

    alpha:         the penalty, at least 0
    fit_intercept: whether there is a b
    max_iter:      the largest number of passes over the weights
    tol:           ends where the duality gap, how far above the least value one can be at most, is tol |y|^2 / N

    Keeps n_iter_ and dual_gap_. Each weight in turn is set to its best value with the others fixed (coordinate
    descent; Friedman, Hastie, Tibshirani, Regularization paths for generalized linear models, 2010). X^T X / N and
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
        if not (self.alpha >= 0 and self.tol >= 0 and self.max_iter >= 1):
            found = (self.alpha, self.tol, self.max_iter)
            raise SettingError("Lasso", "alpha >= 0, tol >= 0 and max_iter >= 1", found)
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
    towards 0 by alpha, and not beyond.
    """
    w, q = [0.0] * len(m.xy), list(m.xy)
    passes, gap = 0, duality_gap(m, w, q, alpha)
    while gap > tol * m.yy and passes < max_iter:
        passes += 1
        for j, row in enumerate(m.xx):
            if row[j] == 0:
                continue
            z = q[j] + row[j] * w[j]
            new = copysign(max(abs(z) - alpha, 0.0), z) / row[j]
            if new != w[j]:
                step = new - w[j]
                q = [a - b * step for a, b in zip(q, row, strict=True)]
                w[j] = new
        gap = duality_gap(m, w, q, alpha)
    return w, passes, gap


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
