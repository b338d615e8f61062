"""Ridge regression: least squares with a penalty on the squares of the weights."""

from __future__ import annotations

from typing import Any, Self

from xdl.estimators.given import sample_weights, targets
from xdl.estimators.kinds import LinearRegressor
from xdl.estimators.linear_regression import centered, line
from xdl.estimators.settings import check_number
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learns coef_ and intercept_ from X (N, D) and y (N,), or y (N, T) for T targets at once.

        sample_weight: how much the squared error of each sample counts (N,)

        Raises SettingError, ShapeError, DtypeError, DataError for nan and infinity.
        """
        check_number("Ridge", "alpha", self.alpha)
        x = self.learn_features(X)
        t = targets("Ridge", y, x)
        weights = sample_weights("Ridge", sample_weight, x)
        x, t, x_mean, y_mean = centered(x, t, self.fit_intercept, weights)
        u, s, vh = svd(x, full_matrices=False)
        kept = s > float(finfo(s.dtype).eps) * max(x.shape) * s[0]
        factors = (s / (s**2 + self.alpha)).where(kept, 0.0)
        turned = u.T @ t
        w = vh.T @ (factors * turned if turned.ndim == 1 else factors.unsqueeze(1) * turned)
        self.coef_, self.intercept_ = line(w, x_mean, y_mean)
        return self
