"""Ridge regression: least squares with a penalty on the squares of the weights."""

from __future__ import annotations

from typing import Any, Self

from xdl.errors import SettingError
from xdl.estimators.given import targets
from xdl.estimators.kinds import LinearRegressor
from xdl.estimators.linear_regression import centered, line
from xdl.linalg import svd
from xdl.promotion import finfo


class Ridge(LinearRegressor):
    """w and b with the least |X w + b - y|^2 + alpha |w|^2; b is not penalized.

    alpha:         the penalty, at least 0; of mean errors (1 / N) it is N times as large
    fit_intercept: whether there is a b

    For X = U diag(s) V^T without its means, w = V diag(s / (s^2 + alpha)) U^T y (Hastie, Tibshirani, Friedman, The
    elements of statistical learning, 3.4.1): directions in which X varies little are shrunk most.
    """

    def __init__(self, alpha: float = 1.0, *, fit_intercept: bool = True) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: Any) -> Self:
        """Learns coef_ and intercept_ from X (N, D) and y (N,), or y (N, T) for T targets at once.

        Raises SettingError, ShapeError, DtypeError, DataError for nan and infinity.
        """
        if not self.alpha >= 0:
            raise SettingError("Ridge", "alpha >= 0", self.alpha)
        x = self.learn_features(X)
        t = targets("Ridge", y, x)
        x, t, x_mean, y_mean = centered(x, t, self.fit_intercept)
        u, s, vh = svd(x, full_matrices=False)
        kept = s > float(finfo(s.dtype).eps) * max(x.shape) * s[0]
        factors = kept.where(s / (s**2 + self.alpha), 0.0)
        turned = u.T @ t
        w = vh.T @ (factors * turned if turned.ndim == 1 else factors.unsqueeze(1) * turned)
        self.coef_, self.intercept_ = line(w, x_mean, y_mean)
        return self
