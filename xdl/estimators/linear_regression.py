"""Linear regression in four ways: the normal equation, two decompositions, and descent."""

from __future__ import annotations

from typing import Any, Self

from xdl.errors import DataError, SettingError, ShapeError
from xdl.estimators.descent import descend
from xdl.estimators.design import design
from xdl.estimators.given import host_array, sample_weights, targets
from xdl.estimators.kinds import LinearRegressor
from xdl.linalg import lstsq, qr, solve, solve_triangular
from xdl.promotion import finfo
from xdl.tensor import Tensor

SOLVERS = ("normal", "qr", "svd", "descent")


class LinearRegression(LinearRegressor):
    """w and b with the least sum of squares |X w + b - y|^2.

    fit_intercept: whether there is a b; it is found by taking the means out of X and y, except by descent
    solver:        "normal" solves X^T X w = X^T y, which squares the condition number
                   "qr" solves R w = Q^T y for X = Q R; both need independent columns
                   "svd" gives the smallest w where many are as good; keeps rank_ and singular_
                   "descent" follows the gradient of |X w + b - y|^2 / (2 N) from 0, on X as it is
    lr:            descent's rate; None takes 1 over the largest curvature, below which no step makes it worse
    max_iter:      descent's largest number of steps
    tol:           descent ends where no element of the gradient is larger; None takes all max_iter steps

    Of descent there are n_iter_, loss_curve_ and path_: w and b, if there is one, before each step and after the last.
    """

    rank_: int
    singular_: Any
    n_iter_: int
    loss_curve_: list[float]
    path_: Any

    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        solver: str = "svd",
        lr: float | None = None,
        max_iter: int = 1000,
        tol: float | None = 1e-6,
    ) -> None:
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.lr = lr
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learns coef_ and intercept_ from X (N, D) and y (N,), or y (N, T) for T targets at once.

        sample_weight: how much the squared error of each sample counts (N,)

        Raises SettingError, ShapeError, DtypeError, DataError for nan, infinity and, with "normal" and "qr", columns
        that depend on each other; NonFiniteError where descent's rate is too large.
        """
        if self.solver not in SOLVERS:
            raise SettingError("LinearRegression", f"solver among {', '.join(SOLVERS)}", repr(self.solver))
        x = self.learn_features(X)
        t = targets("LinearRegression", y, x)
        weights = sample_weights("LinearRegression", sample_weight, x)
        if self.solver == "descent":
            return self._follow(x, t, weights)
        x, t, x_mean, y_mean = centered(x, t, self.fit_intercept, weights)
        self.coef_, self.intercept_ = line(self._solution(x, t), x_mean, y_mean)
        return self

    def _solution(self, x: Tensor, t: Tensor) -> Tensor:
        """w (D,) or (D, T)."""
        if self.solver == "svd":
            found = lstsq(x, t)
            self.rank_, self.singular_ = int(found.rank.item()), host_array(found.singular_values)
            return found.solution
        hint = 'solver="svd" takes any'
        if x.shape[0] < x.shape[1]:
            raise ShapeError(
                "LinearRegression", f"at least as many samples as features by {self.solver}", x.shape, hint
            )
        if self.solver == "normal":
            gram = x.T @ x
            size = qr(gram).R.diagonal().abs()
        else:
            q, r = qr(x)
            size = r.diagonal().abs()
        if size.amin().item() <= float(finfo(x.dtype).eps) * max(x.shape) * size.amax().item():
            expected = f"independent columns of X by {self.solver}"
            raise DataError("LinearRegression", expected, "columns that depend on each other", hint)
        if self.solver == "normal":
            return solve(gram, x.T @ t)
        columns = solve_triangular(r, (q.T @ t).reshape(x.shape[1], -1), upper=True)
        return columns.reshape(x.shape[1], *t.shape[1:])

    def _follow(self, x: Tensor, t: Tensor, weights: Tensor | None) -> Self:
        """Learns by descent."""
        a = design(x, self.fit_intercept)
        if weights is not None:
            a, t = scaled(a, weights / weights.mean()), scaled(t, weights / weights.mean())
        found = descend(a, t, self.lr, self.max_iter, self.tol)
        self.n_iter_, self.loss_curve_ = len(found.losses) - 1, found.losses
        self.path_ = host_array(found.path)
        last = self.path_[-1]
        w, b = (last[:-1], last[-1]) if self.fit_intercept else (last, last[0] * 0)
        self.coef_, self.intercept_ = w.T.copy(), b.copy()
        return self


def centered(
    x: Tensor, t: Tensor, with_means: bool, weights: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x (N, D) and t (N,) or (N, T) without their means, and the means; 0 in their place where not asked for.

    With weights (N,) of the samples these are weighted means, and the rows are then scaled as `scaled` does.
    """
    if not with_means:
        x_mean, t_mean = x[0] * 0, t[0] * 0
    elif weights is None:
        x_mean, t_mean = x.mean(0), t.mean(0)
    else:
        share = weights / weights.sum()
        x_mean, t_mean = share @ x, share @ t
    x, t = x - x_mean, t - t_mean
    return (x, t, x_mean, t_mean) if weights is None else (scaled(x, weights), scaled(t, weights), x_mean, t_mean)


def scaled(rows: Tensor, weights: Tensor) -> Tensor:
    """Rows (N, ...) times the roots of weights (N,), so that the square of each counts as its weight says."""
    roots = weights.sqrt()
    return rows * (roots if rows.ndim == 1 else roots.unsqueeze(1))


def line(w: Tensor, x_mean: Tensor, y_mean: Tensor) -> tuple[Any, Any]:
    """coef_ (D,) or (T, D) and intercept_ of w (D,) or (D, T): the line through the means."""
    return host_array(w.T.clone() if w.ndim == 2 else w), host_array(y_mean - x_mean @ w)[()]
