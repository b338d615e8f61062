"""Weights of samples beside scikit-learn, and beside samples that stand there several times."""

import numpy as np
import pytest
from sklearn import linear_model as theirs
from sklearn.datasets import load_iris

import xdl
from xdl.errors import DataError, DtypeError, ShapeError
from xdl.estimators import LinearRegression, LogisticRegression, Ridge, SoftmaxRegression

RANDOM = np.random.default_rng(2)
X = RANDOM.normal(size=(50, 4)) * [1, 3, 0.2, 1] + [0, 5, 1, -2]
Y = X @ [1.5, -2.0, 0.0, 0.3] + 3 + RANDOM.normal(size=50)
TIMES = RANDOM.integers(0, 4, 50)
FLOWERS, KINDS = load_iris(return_X_y=True)
REGRESSORS = [
    *(LinearRegression(solver=solver) for solver in ("normal", "qr", "svd")),
    LinearRegression(solver="descent", max_iter=100_000, tol=1e-10),
    Ridge(2.0),
]


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("model", REGRESSORS, ids=repr)
def test_a_weight_is_a_number_of_equal_samples(model, intercept):
    model.set_params(fit_intercept=intercept)
    for targets in (Y, np.stack([Y, -Y + X[:, 0]], 1)):
        model.fit(X, targets, sample_weight=TIMES)
        weighted = model.coef_, model.intercept_
        model.fit(np.repeat(X, TIMES, 0), np.repeat(targets, TIMES, 0))
        np.testing.assert_allclose(weighted[0], model.coef_, atol=1e-6)
        np.testing.assert_allclose(weighted[1], model.intercept_, atol=1e-6)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("name", ["LinearRegression", "Ridge"])
def test_regressors_are_those_of_scikit_learn(name, intercept):
    weights = RANDOM.uniform(0, 2, 50)
    mine = {"LinearRegression": LinearRegression, "Ridge": Ridge}[name](fit_intercept=intercept).fit(X, Y, weights)
    reference = getattr(theirs, name)(fit_intercept=intercept).fit(X, Y, weights)
    np.testing.assert_allclose(mine.coef_, reference.coef_, atol=1e-8)
    np.testing.assert_allclose(mine.intercept_, reference.intercept_, atol=1e-8)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("C", [0.1, 10.0])
def test_classifiers_are_those_of_scikit_learn(classes, C):
    x, y = FLOWERS[: 50 * classes], KINDS[: 50 * classes]
    weights = np.random.default_rng(0).uniform(0, 3, len(y))
    mine = LogisticRegression(C).fit(x, y, sample_weight=weights)
    reference = theirs.LogisticRegression(C=C, solver="newton-cholesky", tol=1e-10).fit(x, y, weights)
    np.testing.assert_allclose(mine.coef_, reference.coef_, atol=1e-4)
    np.testing.assert_allclose(mine.intercept_, reference.intercept_, atol=1e-4)
    times = np.random.default_rng(1).integers(0, 3, len(y))
    counted = SoftmaxRegression(C).fit(x, y, times).coef_
    several = SoftmaxRegression(C).fit(np.repeat(x, times, 0), np.repeat(y, times))
    np.testing.assert_allclose(counted, several.coef_, atol=1e-6)


def test_weights_may_be_a_tensor():
    one, other = Ridge().fit(X, Y, xdl.tensor(TIMES)), Ridge().fit(X, Y, TIMES.tolist())
    np.testing.assert_array_equal(one.coef_, other.coef_)


@pytest.mark.parametrize(
    ("error", "match", "weights"),
    [
        (ShapeError, r"sample_weight \(50,\)", np.ones(49)),
        (ShapeError, r"sample_weight \(50,\)", np.ones((50, 1))),
        (ShapeError, r"sample_weight \(50,\)", 2.0),
        (DataError, "at least 0", np.full(50, -1.0)),
        (DataError, "one above, found all of them zero", np.zeros(50)),
        (DataError, "finite sample_weight", np.full(50, np.nan)),
        (DtypeError, "sample_weight", ["a"] * 50),
    ],
)
def test_what_is_refused(error, match, weights):
    for model in (Ridge(), LinearRegression(), LogisticRegression()):
        with pytest.raises(error, match=f"{type(model).__name__}.*{match}"):
            model.fit(X, Y > 0 if isinstance(model, LogisticRegression) else Y, sample_weight=weights)
