"""Settings of any type: those of NumPy are taken, what is no number is refused by its name."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from xdl.errors import SettingError
from xdl.estimators import (
    PCA,
    HingeClassifier,
    Lasso,
    LinearRegression,
    LogisticRegression,
    MinMaxScaler,
    OneVsRest,
    Perceptron,
    PolynomialFeatures,
    Ridge,
    SoftmaxRegression,
    Whitening,
)

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(20, 3))
Y = np.arange(20) % 2


@pytest.mark.parametrize(
    "model",
    [
        PCA(np.int64(2)),
        PolynomialFeatures(np.int64(2)),
        PolynomialFeatures([np.int64(1), 2]),
        Perceptron(max_iter=np.int64(5)),
        Lasso(np.float32(0.1), max_iter=np.int32(50)),
        Ridge(np.int8(1)),
        MinMaxScaler([np.float64(0), 2]),
    ],
    ids=repr,
)
@pytest.mark.filterwarnings("ignore:Perceptron ends")
def test_numbers_of_numpy(model):
    model.fit(X, Y)


def test_a_grid_of_numpy_numbers():
    found = GridSearchCV(
        PCA(), {"n_components": np.arange(1, 3)}, scoring=lambda m, x, _=None: -m.transform(x).shape[1]
    )
    assert found.fit(X).best_params_ == {"n_components": 1}


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("C", LogisticRegression(C="1")),
        ("C", SoftmaxRegression(C=None)),
        ("tol", LogisticRegression(tol=None)),
        ("max_iter", LogisticRegression(max_iter=1.5)),
        ("max_iter", LogisticRegression(max_iter=None)),
        ("C", HingeClassifier(C="1")),
        ("max_iter", HingeClassifier(max_iter=float("inf"))),
        ("max_iter", Perceptron(max_iter="many")),
        ("alpha", Ridge(None)),
        ("alpha", Lasso("1")),
        ("max_iter", Lasso(max_iter=1e3)),
        ("lr", LinearRegression(solver="descent", lr="0.1")),
        ("max_iter", LinearRegression(solver="descent", max_iter=1.5)),
        ("tol", LinearRegression(solver="descent", tol="small")),
        ("eps", Whitening(eps=None)),
        ("feature_range", MinMaxScaler((0,))),
        ("feature_range", MinMaxScaler(("a", "b"))),
        ("feature_range", MinMaxScaler(None)),
        ("degree", PolynomialFeatures(1.5)),
        ("degree", PolynomialFeatures("ab")),
        ("degree", PolynomialFeatures((1, 2, 3))),
        ("degree", PolynomialFeatures(None)),
        ("n_components", PCA("2")),
    ],
    ids=repr,
)
def test_what_is_no_number_is_refused_by_its_name(name, model):
    with pytest.raises(SettingError, match=f"{name}.*found"):
        model.fit(X, Y)


def test_an_estimator_inside_comes_before_its_settings():
    model = OneVsRest(Perceptron()).set_params(estimator__C=3.0, estimator=LogisticRegression())
    assert model.estimator.C == 3.0
    with pytest.raises(SettingError, match=r"OneVsRest.set_params: expected an estimator as estimator, found None"):
        OneVsRest(None).set_params(estimator__C=3.0)


def test_numbers_that_overflow_are_told():
    with (
        pytest.warns(UserWarning, match="Newton's method stands still.*Scale the features"),
        np.errstate(all="ignore"),
    ):
        LogisticRegression().fit(X * 1e200, Y)
