"""Many classes from two: one classifier a class, which tells it from all others (徐彬 2.2)."""

from __future__ import annotations

from typing import Any, Self

from xdl.errors import DataError
from xdl.estimators.base import unfitted
from xdl.estimators.given import floats, given_back, host_array
from xdl.estimators.kinds import Classifier
from xdl.functional.shape.rearrange import stack


class OneVsRest(Classifier):
    """Fits a copy of a classifier for each class, 1 for its samples and 0 for the others; the surest one wins.

    estimator: a classifier of xdl or scikit-learn, with `decision_function` or `predict_proba`; it stays as it is

    Of two classes one copy is fitted, for the second. The decisions of different copies are compared though none was
    fitted to be comparable, and where no copy, or more than one, claims a sample, they alone decide.
    """

    estimators_: list[Any]

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> Self:
        """Learns estimators_ and classes_ from X (N, D) and labels y (N,).

        Raises ShapeError, DtypeError, DataError for nan, infinity and a single class, and what the classifier raises.
        """
        x = self.learn_features(X)
        codes = self.learn_classes(y, x)
        chosen = range(len(self.classes_)) if len(self.classes_) > 2 else (1,)
        self.estimators_ = [unfitted(self.estimator).fit(X, host_array((codes == code).to("int64"))) for code in chosen]
        return self

    def decision_function(self, X: Any) -> Any:
        """What each copy says of each sample (N, K); (N,) of two classes. Raises as `features`."""
        self.features(X)
        said = [floats("OneVsRest", "decisions", _decision(copy, X)) for copy in self.estimators_]
        return given_back(said[0] if len(said) == 1 else stack(said, 1), X)


def _decision(copy: Any, X: Any) -> Any:
    """How much speaks for class 1 (N,), above 0 where more than for class 0."""
    if hasattr(copy, "decision_function"):
        return copy.decision_function(X)
    if hasattr(copy, "predict_proba"):
        return copy.predict_proba(X)[:, 1] - 0.5
    raise DataError("OneVsRest", "a classifier with decision_function or predict_proba", type(copy).__name__)
