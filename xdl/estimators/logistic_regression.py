"""Logistic regression: a linear model of the logarithm of odds; of more than two classes by softmax."""

from __future__ import annotations

from typing import Any, Self

from xdl.creation.filled import ones
from xdl.estimators.design import coefficients, design, origin, penalties
from xdl.estimators.given import given_back, learned, sample_weights
from xdl.estimators.kinds import LinearClassifier
from xdl.estimators.likelihood import SoftmaxLoss, TwoClassLoss
from xdl.estimators.newton import newton
from xdl.estimators.settings import check_count, check_number
from xdl.functional.elementwise.activation import logsigmoid
from xdl.functional.reduce.softmax import log_softmax
from xdl.functional.shape.rearrange import stack
from xdl.tensor import Tensor


class LogisticRegression(LinearClassifier):
    """W and b with the least sum of -log P(y | x) over the samples, plus |W|^2 / (2 C); b is not penalized.

    Of two classes P(second) = sigmoid(w x + b), with coef_ (1, D) and intercept_ (1,); of K > 2 classes
    P = softmax(W x + b), with coef_ (K, D) and intercept_ (K,).

    C:             how little weights are penalized, above 0; inf for not at all
    fit_intercept: whether there is a b
    max_iter:      the largest number of Newton's steps, n_iter_ of which it took
    tol:           ends where no element of the gradient of the mean loss is larger

    Newton's method takes a Hessian of (K (D + 1))^2 numbers: it is meant for up to a few thousand weights. It computes
    in float64, whatever X is.
    """

    n_iter_: int

    def __init__(self, C: float = 1.0, *, fit_intercept: bool = True, max_iter: int = 100, tol: float = 1e-10) -> None:
        self.C = C
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learns coef_, intercept_ and classes_ from X (N, D) and labels y (N,). Warns where max_iter ends it.

        sample_weight: how much the logarithm of each sample's probability counts (N,)

        Raises SettingError, ShapeError, DtypeError, DataError for nan, infinity and a single class.
        """
        name = type(self).__name__
        check_number(name, "C", self.C, positive=True)
        check_number(name, "tol", self.tol)
        check_count(name, "max_iter", self.max_iter)
        x = self.learn_features(X)
        codes = self.learn_classes(y, x)
        wide = x.to("float64")  # of float32 a Hessian of unscaled features has too few digits for its inverse
        a, penalty = design(wide, self.fit_intercept), penalties(wide, 1 / self.C, self.fit_intercept)
        rows = self.rows(len(self.classes_))
        given = sample_weights(name, sample_weight, wide)
        count = ones(x.shape[0], dtype=wide.dtype, device=wide.device) if given is None else given
        if rows == 1:
            loss: TwoClassLoss | SoftmaxLoss = TwoClassLoss(a, codes.to(a.dtype), count, penalty)
        else:
            loss = SoftmaxLoss(a, codes, count, penalty, rows)
        found = newton(loss, origin(a, rows).reshape(-1), self.tol * float(count.sum().item()), self.max_iter)
        self.n_iter_ = found.steps
        self.coef_, self.intercept_ = coefficients(found.w.reshape(rows, -1).to(x.dtype), x.shape[1])
        return self

    def rows(self, classes: int) -> int:
        """How many rows of weights there are: one for two classes."""
        return 1 if classes == 2 else classes

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class (N, K), for X (N, D). Raises as `features`."""
        return given_back(self._log_probabilities(X).exp(), X)

    def predict_log_proba(self, X: Any) -> Any:
        """The logarithms of `predict_proba`, exact where a probability is as good as 0. Raises as it does."""
        return given_back(self._log_probabilities(X), X)

    def _log_probabilities(self, X: Any) -> Tensor:
        """(N, K)."""
        x = self.features(X)
        z = x @ learned(self.coef_, x).T + learned(self.intercept_, x)
        if z.shape[1] > 1:
            return log_softmax(z, 1)
        return stack([logsigmoid(-z[:, 0]), logsigmoid(z[:, 0])], 1)


class SoftmaxRegression(LogisticRegression):
    """`LogisticRegression` with a row of weights for each class also where there are two, as the books have it.

    With the same C it penalizes both rows of two classes, each half as long: P is that of `LogisticRegression` with
    2 C.
    """

    def rows(self, classes: int) -> int:
        """One for each class."""
        return classes
