"""What estimators take and give: lists, arrays, tables and Tensors, on every backend; and what they refuse."""

import numpy as np
import pytest
from scipy import sparse

import xdl
from xdl.errors import DataError, DtypeError, ShapeError
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
    StandardScaler,
    Whitening,
)

RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(30, 3))
Y = X @ [1.0, -1.0, 0.5] + 0.1 * RANDOM.normal(size=30)
LABELS = (Y > 0).astype(int) + (Y > 1)
SIDES = np.array(["no", "yes"])[(Y > 0).astype(int)]

REGRESSORS = [LinearRegression(solver=solver) for solver in ("normal", "qr", "svd", "descent")] + [Ridge(), Lasso(0.1)]
TWO = [LogisticRegression(), Perceptron(), HingeClassifier(max_iter=50)]
MANY = [LogisticRegression(), SoftmaxRegression(), OneVsRest(LogisticRegression())]
TRANSFORMERS = [StandardScaler(), MinMaxScaler(), PolynomialFeatures(), PCA(2, whiten=True), Whitening("zca")]
GIVEN = [
    *((model, Y) for model in REGRESSORS),
    *((model, SIDES) for model in TWO),
    *((model, LABELS) for model in MANY),
    *((model, None) for model in TRANSFORMERS),
]


def results(model, x):
    return model.transform(x) if hasattr(model, "transform") else model.predict(x)


@pytest.mark.filterwarnings("ignore:(Perceptron|descent) ends")
@pytest.mark.parametrize(("model", "y"), GIVEN, ids=lambda value: repr(value) if hasattr(value, "fit") else "y")
def test_every_backend_and_kind_of_input(model, y, each_backend):
    there = each_backend.name
    reference = results(model.fit(X, y), X)
    assert type(reference) is np.ndarray
    assert reference.flags.writeable
    words = y is not None and y.dtype.kind == "U"
    for given in (X.tolist(), X[::-1][::-1], np.asfortranarray(X)):
        targets = y if y is None else y.tolist()
        found = results(model.fit(given, targets), given)
        (np.testing.assert_array_equal if words else np.testing.assert_allclose)(found, reference)
    x = xdl.tensor(X).requires_grad_()
    model.fit(x, y if y is None or words else xdl.tensor(y))
    found = results(model, x)
    if words:
        np.testing.assert_array_equal(found, reference)
    else:
        assert isinstance(found, xdl.Tensor)
        assert xdl.backend.of(found.array).name == there
        assert not found.requires_grad
        np.testing.assert_allclose(found.numpy(), reference, rtol=1e-9)
    assert all(type(value) is not xdl.Tensor for name, value in vars(model).items() if name.endswith("_"))


@pytest.mark.filterwarnings("ignore:(Perceptron|descent) ends")
@pytest.mark.parametrize(("model", "y"), GIVEN, ids=lambda value: repr(value) if hasattr(value, "fit") else "y")
def test_float32_stays_and_is_near(model, y):
    single = results(model.fit(X.astype("float32"), y), X.astype("float32"))
    double = results(model.fit(X, y), X)
    if single.dtype.kind == "f":
        assert single.dtype == "float32"
        np.testing.assert_allclose(single, double, rtol=2e-3, atol=2e-3)
    else:
        assert (single == double).mean() > 0.9
    assert results(model.fit((10 * X).astype(int), y), X).dtype in ("float64", *("int64", "<U3") * (y is not None))


@pytest.mark.parametrize(
    ("y", "kind"),
    [([True, False] * 15, "b"), ([-1.0, 1.0] * 15, "f"), (["a", "bc", "d"] * 10, "U"), (np.arange(30) % 3 - 7, "i")],
)
def test_labels_of_any_kind(y, kind):
    model = LogisticRegression().fit(X, y)
    assert model.classes_.tolist() == sorted(set(np.asarray(y).tolist()))
    assert model.predict(X).dtype.kind == kind
    assert 0 <= model.score(X, y) == (model.predict(X) == np.asarray(y)).mean()
    assert isinstance(model.predict(xdl.tensor(X)), np.ndarray if kind == "U" else xdl.Tensor)


class Table:
    """What a data frame looks like from outside."""

    columns = ("length", "width", "height")

    def __array__(self, dtype=None, copy=None):
        return X if dtype is None else X.astype(dtype)


def test_names_of_columns():
    model = StandardScaler().fit(Table())
    assert model.feature_names_in_.tolist() == ["length", "width", "height"]
    assert PolynomialFeatures().fit(Table()).get_feature_names_out()[-1] == "height^2"
    assert not hasattr(model.fit(X), "feature_names_in_")
    assert model.get_feature_names_out().tolist() == ["x0", "x1", "x2"]


BAD = np.where(np.arange(90).reshape(30, 3) == 40, np.nan, X)
WRONG_X = [
    (BAD, DataError, r"finite X, found nan .* at 13"),
    (np.where(np.isnan(BAD), np.inf, X), DataError, "finite X, found inf"),
    (xdl.tensor(BAD), DataError, "finite X"),
    (X[:, 0], ShapeError, r"X \(N, D\), found shape \(30,\)\. Reshape your data"),
    (X[None], ShapeError, r"\(1, 30, 3\)"),
    (X[:0], ShapeError, "at least one sample"),
    (X[:, :0], ShapeError, "at least one sample and one feature"),
    ([[1.0, 2.0], [3.0]], ShapeError, "rectangle"),
    (X + 1j, DtypeError, "complex128"),
    (np.full((30, 3), "a"), DtypeError, "<U1"),
    (np.full((30, 3), "a", object), DtypeError, "could not convert"),
    (sparse.csr_array(X), DtypeError, r"dense X, found sparse csr_array.*toarray"),
    (3.0, ShapeError, "found shape"),
]


@pytest.mark.parametrize(("x", "error", "said"), WRONG_X, ids=[said for _, _, said in WRONG_X])
@pytest.mark.parametrize("model", [Ridge(), LogisticRegression(), StandardScaler()], ids=repr)
def test_wrong_features(model, x, error, said):
    with pytest.raises(error, match=f"^{type(model).__name__}: .*{said}"):
        model.fit(x, LABELS)
    model.fit(X, LABELS)
    with pytest.raises(error, match=said):
        results(model, x)


def test_another_width_than_in_fit():
    for model, y in GIVEN:
        with pytest.raises(ShapeError, match=r"X has 3 features, as many as in fit, found shape \(30, 2\)"):
            results(model.fit(X, y), X[:, :2])


@pytest.mark.parametrize(
    ("y", "error", "said"),
    [
        (None, DataError, "requires y to be passed"),
        (Y[:29], ShapeError, "as many targets in y as samples in X: 30, found 29"),
        (np.where(np.arange(30) == 7, np.inf, Y), DataError, "finite y, found inf .* at 7"),
        (np.zeros((30, 2, 2)), ShapeError, r"\(30, 2, 2\)"),
        (["a"] * 30, DtypeError, "numbers as y"),
    ],
)
@pytest.mark.parametrize("model", [Ridge(), Lasso(), LinearRegression()], ids=repr)
def test_wrong_targets(model, y, error, said):
    with pytest.raises(error, match=said):
        model.fit(X, y)


@pytest.mark.parametrize(
    ("y", "error", "said"),
    [
        (None, DataError, "requires y to be passed"),
        (LABELS[:29], ShapeError, "30, found 29"),
        (Y, DataError, "fractions"),
        (np.where(LABELS == 1, np.nan, 2.0), DataError, "NaN"),
        (LABELS[:, None], ShapeError, r"y \(N,\), found shape \(30, 1\)"),
        (np.ones(30), DataError, r"at least two classes in y, found one class alone: 1.0"),
        (np.array([1, "a"] * 15, object), DtypeError, "labels y of one kind"),
    ],
)
@pytest.mark.parametrize("model", [LogisticRegression(), Perceptron(), OneVsRest(Perceptron())], ids=repr)
def test_wrong_labels(model, y, error, said):
    with pytest.raises(error, match=said):
        model.fit(X, y)


def test_scores_of_another_length():
    with pytest.raises(ShapeError, match=r"Ridge.score: expected y \(30,\), found shape \(29,\)"):
        Ridge().fit(X, Y).score(X, Y[:29])
    with pytest.raises(ShapeError, match=r"LogisticRegression\.score"):
        LogisticRegression().fit(X, LABELS).score(X, LABELS[:29])


def test_nothing_that_is_given_is_changed():
    x, y = X.copy(), Y.copy()
    for model, target in GIVEN:
        model.fit(x, y if target is Y else target)
        results(model, x)[:] = 0
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
