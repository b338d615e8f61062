"""The three kinds of estimators: regressors, classifiers and transformers, and how each is scored or named."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from xdl import backend
from xdl.errors import DataError, ShapeError
from xdl.estimators.base import Estimator
from xdl.estimators.given import HOST, floats, given_back, host_values, learned
from xdl.estimators.labels import decoded, encoded, label_array
from xdl.estimators.tags import sklearn_tags
from xdl.tensor import Tensor
from xdl.train.metrics.regression import r2_score


class Regressor(Estimator):
    """Predicts numbers."""

    kind = "regressor"

    def predict(self, X: Any) -> Any:
        """The predicted numbers for X (N, D)."""
        raise NotImplementedError

    def score(self, X: Any, y: Any) -> float:
        """R2, the share of y's variance that is explained; the mean over the targets of y (N, T).

        Raises as `predict`, and DataError for targets that are all equal.
        """
        name = f"{type(self).__name__}.score"
        truth, predicted = floats(name, "y", y), floats(name, "predictions", self.predict(X))
        if truth.shape != predicted.shape:
            raise ShapeError(name, f"y {predicted.shape}", f"shape {truth.shape}")
        columns = [(truth, predicted)] if truth.ndim == 1 else zip(truth.unbind(1), predicted.unbind(1), strict=True)
        scores = [r2_score(t, p) for t, p in columns]
        return sum(scores) / len(scores)


class LinearRegressor(Regressor):
    """A regressor whose predictions are X coef_^T + intercept_: coef_ (D,), or (T, D) for T targets."""

    several_targets: ClassVar[bool] = True
    coef_: Any
    intercept_: Any

    def predict(self, X: Any) -> Any:
        """The predicted numbers (N,), or (N, T), for X (N, D). Raises as `features`."""
        x = self.features(X)
        return given_back(x @ learned(self.coef_, x).T + learned(self.intercept_, x), X)

    def __sklearn_tags__(self) -> Any:
        return sklearn_tags(self.kind, multi_output=self.several_targets)


class Classifier(Estimator):
    """Predicts one of the classes `classes_` (K,), which are labels of any kind."""

    kind = "classifier"
    several_classes: ClassVar[bool] = True
    classes_: Any

    def decision_function(self, X: Any) -> Any:
        """How much speaks for each class (N, K); of two classes for the second against the first (N,)."""
        raise NotImplementedError

    def predict(self, X: Any) -> Any:
        """The labels (N,) for X (N, D): of the largest decision, of two classes by its sign. Raises as `features`."""
        scores = floats(type(self).__name__, "decisions", self.decision_function(X))
        codes = (scores > 0).to("int64") if scores.ndim == 1 else scores.argmax(1)
        return decoded(self.classes_, codes, X)

    def score(self, X: Any, y: Any) -> float:
        """The share of labels that are predicted. Raises as `predict`, and ShapeError."""
        labels = label_array(f"{type(self).__name__}.score", y)
        predicted = host_values("score", "predictions", self.predict(X))
        if labels.shape != predicted.shape:
            raise ShapeError(f"{type(self).__name__}.score", f"y {predicted.shape}", f"shape {labels.shape}")
        return float((labels == predicted).mean())

    def learn_classes(self, y: Any, x: Tensor) -> Tensor:
        """Keeps the classes of y (N,); returns the number of each sample's, int64 (N,).

        Raises as `encoded`, and DataError for more than two classes where the classifier takes no more.
        """
        name = type(self).__name__
        classes, codes = encoded(name, y, x)
        if len(classes) > 2 and not self.several_classes:
            hint = f"OneVsRest({name}()) takes more"
            raise DataError(name, "two classes (Only binary classification is supported)", len(classes), hint)
        self.classes_ = classes
        return codes

    def __sklearn_tags__(self) -> Any:
        return sklearn_tags(self.kind, multi_class=self.several_classes)


class LinearClassifier(Classifier):
    """A classifier with coef_ (1, D) and intercept_ (1,) for two classes, or a row for each of K classes."""

    coef_: Any
    intercept_: Any

    def decision_function(self, X: Any) -> Any:
        """X coef_^T + intercept_ (N, K); of two classes the second's less the first's (N,). Raises as `features`."""
        x = self.features(X)
        scores = x @ learned(self.coef_, x).T + learned(self.intercept_, x)
        if len(self.classes_) == 2:
            scores = scores[:, -1] - scores[:, 0] if scores.shape[1] == 2 else scores[:, 0]
        return given_back(scores, X)


class Transformer(Estimator):
    """Makes other features of features. A subclass has `learn`."""

    kind = "transformer"

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learns from X (N, D); returns itself. Targets are taken, since pipelines hand them on, and not looked at.

        Raises as `learn_features`, and what the class names.
        """
        del y
        self.learn(self.learn_features(X))
        return self

    def learn(self, x: Tensor) -> None:
        """Learns from x (N, D)."""
        raise NotImplementedError

    def transform(self, X: Any) -> Any:
        """The other features of X (N, D)."""
        raise NotImplementedError

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """fit(X).transform(X)."""
        return self.fit(X, y).transform(X)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The names of what `transform` gives, a NumPy array of strings. Raises NotFittedError, ShapeError."""
        return as_names(self.output_names(self.input_names(input_features)))

    def output_names(self, names: list[str]) -> list[str]:
        """The names of what is made of features of these names; the same ones unless a subclass says otherwise."""
        return names

    def input_names(self, input_features: Any) -> list[str]:
        """The names given, else those of the columns in `fit`, else x0, x1, ... Raises NotFittedError, ShapeError."""
        self.check_fitted()
        if input_features is None:
            input_features = getattr(self, "feature_names_in_", [f"x{i}" for i in range(self.n_features_in_)])
        names = list(input_features)
        if len(names) != self.n_features_in_:
            expected = f"input_features of {self.n_features_in_} names"
            raise ShapeError(f"{type(self).__name__}.get_feature_names_out", expected, len(names))
        return names


def as_names(names: list[str]) -> Any:
    """Strings as the NumPy array of objects that scikit-learn's names are."""
    return backend.load(HOST).xp.asarray(names, dtype=object)
