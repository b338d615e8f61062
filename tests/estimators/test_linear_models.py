"""Linear, ridge and lasso regression beside scikit-learn; the ways of solving beside each other."""

import numpy as np
import pytest
from sklearn import linear_model as theirs

import xdl
from xdl.errors import DataError, NonFiniteError, SettingError, ShapeError
from xdl.estimators import Lasso, LinearRegression, PolynomialFeatures, Ridge, StandardScaler
from xdl.estimators.descent import squared_error

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(60, 5)) * [1, 3, 0.2, 1, 1] + [0, 5, 1, 0, -2]
Y = X @ [1.5, -2.0, 0.0, 0.3, 0.0] + 3 + 0.5 * RANDOM.normal(size=60)
MANY = np.stack([Y, -2 * Y + X[:, 0]], 1)
DEPENDENT = np.concatenate([X, X[:, :1] + X[:, 1:2]], 1)


def same(mine, reference, tolerance=1e-9):
    np.testing.assert_allclose(mine.coef_, reference.coef_, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(mine.intercept_, reference.intercept_, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(mine.predict(X), reference.predict(X), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("targets", [Y, Y[:, None], MANY], ids=["one", "a column", "two"])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("solver", ["normal", "qr", "svd"])
def test_linear_regression(solver, intercept, targets):
    mine = LinearRegression(solver=solver, fit_intercept=intercept).fit(X, targets)
    reference = theirs.LinearRegression(fit_intercept=intercept).fit(X, targets)
    same(mine, reference)
    assert mine.coef_.shape == reference.coef_.shape
    assert mine.score(X, targets) == pytest.approx(reference.score(X, targets))


@pytest.mark.parametrize("targets", [Y, MANY], ids=["one", "two"])
@pytest.mark.parametrize("intercept", [True, False])
def test_descent_comes_to_the_normal_equation(intercept, targets):
    scaled = StandardScaler().fit_transform(X)
    mine = LinearRegression(solver="descent", fit_intercept=intercept, tol=1e-10).fit(scaled, targets)
    reference = LinearRegression(solver="normal", fit_intercept=intercept).fit(scaled, targets)
    np.testing.assert_allclose(mine.coef_, reference.coef_, atol=1e-8)
    np.testing.assert_allclose(mine.intercept_, reference.intercept_, atol=1e-8)
    assert len(mine.loss_curve_) == len(mine.path_) == mine.n_iter_ + 1
    assert (np.diff(mine.loss_curve_) <= 1e-12 * mine.loss_curve_[0]).all()
    np.testing.assert_array_equal(mine.path_[0], 0)


def test_descent_by_hand():
    """Two samples, one step: J = ((w + b - 1)^2 + (2 w + b - 4)^2) / 4, so that dJ/dw = -9/2 and dJ/db = -5/2 at 0."""
    with pytest.warns(UserWarning, match="max_iter=1") as warned:
        mine = LinearRegression(solver="descent", lr=0.1, max_iter=1).fit([[1.0], [2.0]], [1.0, 4.0])
    assert warned[0].filename == __file__  # it points at who called fit
    np.testing.assert_allclose(mine.path_, [[0, 0], [0.45, 0.25]])
    assert mine.loss_curve_ == pytest.approx([17 / 4, (0.3**2 + 2.85**2) / 4])


@pytest.mark.filterwarnings("ignore:overflow")
def test_descent_from_twice_the_inverse_curvature_on_grows():
    a = np.c_[X, np.ones(60)]
    bound = 2 / np.linalg.eigvalsh(a.T @ a / 60)[-1]
    below, above = (
        LinearRegression(solver="descent", lr=share * bound, max_iter=300, tol=None).fit(X, Y).loss_curve_
        for share in (0.99, 1.01)
    )
    assert len(below) == 301  # all steps, and no warning
    assert below[-1] < below[0] < above[0] * 2 < above[-1]
    with pytest.raises(NonFiniteError, match="smaller rate"):
        LinearRegression(solver="descent", lr=9 * bound, max_iter=3000).fit(X, Y)


def test_the_gradient_of_the_squared_error():
    a, y = xdl.tensor(X), xdl.tensor(MANY)
    w = xdl.randn(5, 2, dtype="float64").requires_grad_()
    loss, gradient = squared_error(a, y, w)
    loss.backward()
    np.testing.assert_allclose(gradient.detach().numpy(), w.grad.numpy(), rtol=1e-12)
    assert xdl.gradcheck(lambda w: squared_error(a, y, w)[0], [w])


def test_columns_that_depend_on_each_other():
    mine, reference = LinearRegression().fit(DEPENDENT, Y), theirs.LinearRegression().fit(DEPENDENT, Y)
    np.testing.assert_allclose(mine.coef_, reference.coef_, atol=1e-9)  # the smallest of all that are as good
    assert mine.rank_ == reference.rank_ == 5
    for solver in ("normal", "qr"):
        with pytest.raises(DataError, match=rf'independent columns of X by {solver}.*solver="svd"'):
            LinearRegression(solver=solver).fit(DEPENDENT, Y)
        with pytest.raises(ShapeError, match="as many samples as features"):
            LinearRegression(solver=solver).fit(X[:3], Y[:3])


@pytest.mark.parametrize("targets", [Y, MANY], ids=["one", "two"])
@pytest.mark.parametrize("alpha", [0.0, 1e-3, 1.0, 100.0])
@pytest.mark.parametrize("intercept", [True, False])
def test_ridge(alpha, intercept, targets):
    reference = theirs.Ridge(alpha, fit_intercept=intercept, solver="svd").fit(X, targets)
    same(Ridge(alpha, fit_intercept=intercept).fit(X, targets), reference)


def test_ridge_without_a_penalty_is_least_squares_also_where_columns_depend():
    np.testing.assert_allclose(Ridge(0).fit(DEPENDENT, Y).coef_, LinearRegression().fit(DEPENDENT, Y).coef_, atol=1e-9)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("alpha", [1e-3, 0.1, 1.0, 1e3])
def test_lasso(alpha, intercept):
    mine = Lasso(alpha, fit_intercept=intercept, tol=1e-12, max_iter=20000).fit(X, Y)
    reference = theirs.Lasso(alpha, fit_intercept=intercept, tol=1e-12, max_iter=20000).fit(X, Y)
    same(mine, reference, 1e-6)
    assert 0 <= mine.dual_gap_ + 1e-12 <= 1e-12 * (Y**2).mean() + 2e-12
    np.testing.assert_array_equal(mine.coef_ == 0, reference.coef_ == 0)


def test_lasso_is_at_its_least_value():
    """|X_j (y - X w)| / N is alpha where w_j is not 0, and at most alpha where it is 0."""
    mine = Lasso(0.2, tol=1e-13, max_iter=10000).fit(X, Y)
    slopes = X.T @ (Y - mine.predict(X)) / len(X) - X.mean(0) * (Y - mine.predict(X)).mean()
    used = mine.coef_ != 0
    np.testing.assert_allclose(slopes[used], 0.2 * np.sign(mine.coef_[used]), atol=1e-6)
    assert 0 < used.sum() < 5
    assert (np.abs(slopes[~used]) <= 0.2).all()
    with pytest.warns(UserWarning, match=r"max_iter=1 passes, dual_gap_"):
        Lasso(0.2, max_iter=1, tol=0).fit(X, Y)


@pytest.mark.parametrize("alpha", [5e-4, 5e-6, 5e-8])
def test_lasso_of_powers_that_nearly_depend_needs_no_thousands_of_passes(alpha):
    random = np.random.default_rng(0)
    x = np.sort(random.uniform(-1, 1, (12, 1)), 0)
    features = StandardScaler().fit_transform(PolynomialFeatures(9, include_bias=False).fit_transform(x))
    y = np.sin(3 * x[:, 0]) + 0.3 * random.normal(size=12)
    mine = Lasso(alpha, tol=1e-7).fit(features, y)
    assert mine.n_iter_ <= 200
    slopes = features.T @ (y - mine.predict(features)) / 12
    assert np.abs(slopes).max() <= alpha + 1e-7 * (y - y.mean()) @ (y - y.mean()) / 12


@pytest.mark.parametrize("shape", [(6, 3), (6, 5), (60, 5)])
def test_lasso_of_few_rows_is_as_near_to_its_least_value_as_scikit_learns_of_the_same_tol(shape):
    """The gap alone lets weights of nearly equal columns end 2 and more away."""
    away = {Lasso: [], theirs.Lasso: []}
    for seed in range(30):
        random = np.random.default_rng(seed)
        x = random.normal(size=shape)
        x[:, 1] = x[:, 0] + 0.05 * x[:, 1]
        y = 5 * x @ random.normal(size=shape[1]) + random.normal(size=shape[0])
        best = theirs.Lasso(0.01, tol=1e-14, max_iter=10**6).fit(x, y).coef_
        for kind, errors in away.items():
            errors.append(np.abs(kind(0.01, tol=1e-4, max_iter=10**5).fit(x, y).coef_ - best).max())
    assert max(away[Lasso]) <= max(away[theirs.Lasso])
    assert np.mean(away[Lasso]) <= np.mean(away[theirs.Lasso]) / 2


def test_the_duality_gap_of_lasso_is_between_its_loss_and_the_bound_of_its_residuals():
    with pytest.warns(UserWarning, match="max_iter=1"):
        mine = Lasso(0.02, max_iter=1, tol=0).fit(X, Y)
    r = Y - mine.predict(X)
    r -= r.mean()
    slopes = X.T @ r / 60
    s = min(1, 0.02 / np.abs(slopes).max())
    loss = (r @ r) / 120 + 0.02 * np.abs(mine.coef_).sum()
    y = Y - Y.mean()
    bound = (y @ y - (y - s * r) @ (y - s * r)) / 120
    assert s < 1
    assert mine.dual_gap_ == pytest.approx(loss - bound)
    best = Lasso(0.02, tol=1e-13, max_iter=10000).fit(X, Y)
    least = ((Y - best.predict(X)) ** 2).sum() / 120 + 0.02 * np.abs(best.coef_).sum()
    assert bound <= least <= loss


def test_constant_features_and_a_constant_target():
    still = np.c_[X, np.full(60, 4.0)]
    for model in (Lasso(0.1), Ridge(), LinearRegression()):
        assert model.fit(still, Y).coef_[-1] == pytest.approx(0, abs=1e-12)
        np.testing.assert_allclose(model.fit(X, np.full(60, 7.0)).predict(X), 7.0)
        with pytest.raises(DataError, match="different values"):
            model.score(X, np.full(60, 7.0))


@pytest.mark.parametrize(
    "model",
    [
        LinearRegression(solver="svg"),
        LinearRegression(solver="descent", lr=0),
        LinearRegression(solver="descent", max_iter=0),
        LinearRegression(solver="descent", tol=-1),
        Ridge(-1),
        Ridge(float("nan")),
        Lasso(-1),
        Lasso(max_iter=0),
        PolynomialFeatures(-1),
        PolynomialFeatures((3, 2)),
        PolynomialFeatures(0, include_bias=False),
    ],
    ids=repr,
)
def test_settings_out_of_range(model):
    with pytest.raises(SettingError):
        model.fit(X, Y)
