"""What all estimators share: settings that others can read and change, a printed form, and what `fit` has seen.

The manner is scikit-learn's: `__init__` keeps each setting under its own name and checks nothing, `fit` checks and
learns, and what it has learned ends with an underscore. So scikit-learn's `clone`, `Pipeline`, `cross_val_score` and
`GridSearchCV` take estimators of xdl.
"""

from __future__ import annotations

from copy import deepcopy
from inspect import signature
from typing import Any, ClassVar, Self

from xdl.errors import NotFittedError, SettingError, ShapeError, nearest
from xdl.estimators.given import matrix, names_of
from xdl.estimators.tags import sklearn_tags
from xdl.tensor import Tensor


class Estimator:
    """Base of all estimators. The arguments of a subclass's `__init__` are its settings."""

    kind: ClassVar[str]  # "regressor", "classifier" or "transformer"
    n_features_in_: int
    feature_names_in_: Any

    @classmethod
    def setting_names(cls) -> list[str]:
        """The names of the settings, in the order of the alphabet."""
        return sorted(name for name in signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Setting -> value; with `deep` those of an estimator inside too, as "estimator__C"."""
        found = {name: getattr(self, name) for name in self.setting_names()}
        if deep:
            for name, value in list(found.items()):
                if is_estimator(value):
                    found |= {f"{name}__{inner}": setting for inner, setting in value.get_params().items()}
        return found

    def set_params(self, **params: Any) -> Self:
        """Changes settings, by the names of `get_params`; returns the estimator. Raises SettingError for others."""
        known = self.setting_names()
        for name in params:
            if name.partition("__")[0] not in known:
                raise SettingError(f"{type(self).__name__}.set_params", "a setting", repr(name), nearest(name, known))
        for name, value in sorted(params.items(), key=lambda item: "__" in item[0]):  # estimators before their settings
            own, _, inner = name.partition("__")
            if not inner:
                setattr(self, own, value)
            elif is_estimator(getattr(self, own)):
                getattr(self, own).set_params(**{inner: value})
            else:
                raise SettingError(f"{type(self).__name__}.set_params", f"an estimator as {own}", getattr(self, own))
        return self

    def __repr__(self) -> str:
        """The call that makes it, with the settings that are not as they are by default: Ridge(alpha=2.0)."""
        defaults = signature(type(self)).parameters
        values = ((name, getattr(self, name)) for name in defaults)
        shown = ", ".join(f"{name}={value!r}" for name, value in values if differs(value, defaults[name].default))
        return f"{type(self).__name__}({shown})"

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks of an estimator: its `Tags`."""
        return sklearn_tags(self.kind)

    def learn_features(self, X: Any) -> Tensor:
        """X of a call of `fit`, checked: floating (N, D) on its backend. Its width and names of columns are kept.

        Raises ShapeError, DtypeError, and DataError for no rows, nan and infinity.
        """
        x = matrix(type(self).__name__, X)
        self.n_features_in_ = x.shape[1]
        names = names_of(X)
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return x

    def features(self, X: Any) -> Tensor:
        """X of a call after `fit`, checked as there, and as wide.

        Raises NotFittedError, ShapeError, DtypeError, and DataError for nan and infinity.
        """
        self.check_fitted()
        x = matrix(type(self).__name__, X)
        if x.shape[1] != self.n_features_in_:
            expected = f"X has {self.n_features_in_} features, as many as in fit"
            raise ShapeError(type(self).__name__, expected, f"shape {x.shape}")
        return x

    def check_fitted(self) -> None:
        """Raises NotFittedError before `fit`."""
        if not hasattr(self, "n_features_in_"):
            raise NotFittedError(type(self).__name__, "a fitted estimator", "one that is not", "Call fit first")


def is_estimator(value: Any) -> bool:
    """Whether it is an estimator of any library: an object, no class, that has settings."""
    return hasattr(value, "get_params") and not isinstance(value, type)


def differs(value: Any, default: Any) -> bool:
    """Whether a setting is not its default; nan is nan."""
    return type(value) is not type(default) or not (value == default or value is default or value != value)


def unfitted(estimator: Any) -> Any:
    """A new estimator with the same settings, which has learned nothing."""
    settings = estimator.get_params(deep=False).items()
    return type(estimator)(**{name: unfitted(s) if is_estimator(s) else deepcopy(s) for name, s in settings})
