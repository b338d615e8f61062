"""The hinge classifier, a linear support vector machine, by subgradient descent."""

from __future__ import annotations

from typing import Any, Self

from xdl.estimators.design import coefficients, origin, penalties, signed_rows
from xdl.estimators.kinds import LinearClassifier
from xdl.estimators.settings import check_count, check_number
from xdl.functional.shape.rearrange import stack
from xdl.tensor import Tensor


class HingeClassifier(LinearClassifier):
    """w and b with the least |w|^2 / 2 + C sum max(0, 1 - s (w x + b)); b is not penalized.

    s is 1 for the second class, -1 for the first. That is scikit-learn's SVC with a linear kernel; LinearSVC penalizes
    b too.

    C:             how much errors count, above 0
    fit_intercept: whether there is a b
    max_iter:      the number of steps

    Step t goes against the subgradient of J, which is the loss over C N, by 2 / (lambda (t + 1)), lambda = 1 / (C N),
    and w is drawn back to |w| <= 1 / sqrt(lambda), where the best one lies (Pegasos; Shalev-Shwartz and others, 2007).
    What is learned is the mean of all steps, the t-th with weight t (Lacoste-Julien and others, 2012): J is too large
    by a number that falls like 1 / t. Keeps loss_curve_, J before each step, and n_iter_. Two classes;
    `OneVsRest(HingeClassifier())` takes more.
    """

    several_classes = False
    n_iter_: int
    loss_curve_: list[float]

    def __init__(self, C: float = 1.0, *, fit_intercept: bool = True, max_iter: int = 5000) -> None:
        self.C = C
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any) -> Self:
        """Learns coef_, intercept_ and classes_ from X (N, D) and labels y (N,) of two classes.

        Raises SettingError, ShapeError, DtypeError, DataError for nan, infinity and for other than two classes.
        """
        check_number("HingeClassifier", "C", self.C, positive=True)
        check_count("HingeClassifier", "max_iter", self.max_iter)
        x = self.learn_features(X)
        signed = signed_rows(x, self.learn_classes(y, x), self.fit_intercept)
        shrink = 1 / (self.C * x.shape[0])
        penalty = penalties(x, shrink, self.fit_intercept)
        v = mean = origin(signed)
        losses = []
        for t in range(1, self.max_iter + 1):
            loss, subgradient = hinge_loss(signed, penalty, v)
            losses.append(loss)
            v = v - 2 / (shrink * (t + 1)) * subgradient
            v = v / (penalty * v * v).sum().sqrt().clamp(min=1.0)
            mean = mean + (v - mean) * (2 / (t + 1))
        self.n_iter_, self.loss_curve_ = self.max_iter, stack(losses).tolist()
        self.coef_, self.intercept_ = coefficients(mean.unsqueeze(0), x.shape[1])
        return self


def hinge_loss(signed: Tensor, penalty: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """J = sum penalty v^2 / 2 + mean max(0, 1 - r) for r = signed v, 0-d, and a subgradient (E,).

    signed (N, E): the samples times their signs; dJ/dv = penalty v - mean of the rows with r < 1
    """
    short = 1 - signed @ v
    loss = (penalty * v * v).sum() / 2 + short.relu().mean()
    return loss, penalty * v - (short > 0).to(v.dtype) @ signed / signed.shape[0]
