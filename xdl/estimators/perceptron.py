"""The perceptron: a plane that turns at each mistake until there is none (Rosenblatt, 1958; 徐彬 1.3, hwdong 4.1.1)."""

from __future__ import annotations

from typing import Any, Self
from warnings import warn

from xdl.estimators.design import coefficients, origin, signed_rows
from xdl.estimators.given import host_array
from xdl.estimators.kinds import LinearClassifier
from xdl.estimators.settings import check_count
from xdl.functional.shape.rearrange import stack
from xdl.tensor import Tensor


class Perceptron(LinearClassifier):
    """Goes through the samples in their order; one on the wrong side, or on the plane, is added: w += s x, b += s.

    s is 1 for the second class, -1 for the first. Where a plane parts the classes by a margin gamma, there are at most
    (R / gamma)^2 mistakes, R the length of the longest sample, both with a 1 for b behind x (Novikoff, 1962); else it
    never ends.

    fit_intercept: whether there is a b
    max_iter:      the largest number of passes over the samples
    keep_path:     whether path_ is kept: w and b, if there is one, at the start and after each mistake

    Keeps n_iter_, the passes; mistakes_, how many there were in each; mistaken_, the number of the sample of each; and
    converged_, whether the last pass had none. Two classes; `OneVsRest(Perceptron())` takes more.
    """

    several_classes = False
    n_iter_: int
    mistakes_: list[int]
    mistaken_: list[int]
    path_: Any
    converged_: bool

    def __init__(self, *, fit_intercept: bool = True, max_iter: int = 1000, keep_path: bool = True) -> None:
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.keep_path = keep_path

    def fit(self, X: Any, y: Any) -> Self:
        """Learns coef_, intercept_ and classes_ from X (N, D) and labels y (N,) of two classes.

        Warns where the last pass has mistakes. Raises SettingError, ShapeError, DtypeError, DataError for nan, infinity
        and for other than two classes.
        """
        check_count("Perceptron", "max_iter", self.max_iter)
        x = self.learn_features(X)
        signed = signed_rows(x, self.learn_classes(y, x), self.fit_intercept)
        v = origin(signed)
        path = [v]
        self.mistakes_, self.mistaken_ = [], []
        for _ in range(self.max_iter):
            before, i = len(self.mistaken_), -1
            while (i := next_mistake(signed, v, i + 1)) < len(signed):
                v = v + signed[i]
                self.mistaken_.append(i)
                if self.keep_path:
                    path.append(v)
            self.mistakes_.append(len(self.mistaken_) - before)
            if not self.mistakes_[-1]:
                break
        self.n_iter_, self.converged_ = len(self.mistakes_), not self.mistakes_[-1]
        if not self.converged_:
            warn(f"Perceptron ends after max_iter={self.max_iter} passes with mistakes", stacklevel=2)
        if self.keep_path:
            self.path_ = host_array(stack(path))
        self.coef_, self.intercept_ = coefficients(v.unsqueeze(0), x.shape[1])
        return self


def next_mistake(signed: Tensor, v: Tensor, start: int) -> int:
    """The number of the first row from `start` on with a product of at most 0; N where there is none."""
    if start == len(signed):
        return start
    wrong = (signed[start:] @ v <= 0).to("int64")
    first = int(wrong.argmax().item())
    return start + first if wrong[first].item() else len(signed)
