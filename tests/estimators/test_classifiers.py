"""Logistic and softmax regression, the perceptron and the hinge classifier beside scikit-learn."""

import numpy as np
import pytest
from sklearn import linear_model as theirs
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.svm import SVC

import xdl
from xdl.data.iris import read_iris
from xdl.errors import DataError, SettingError
from xdl.estimators import HingeClassifier, LogisticRegression, OneVsRest, Perceptron, SoftmaxRegression, StandardScaler
from xdl.estimators.hinge import hinge_loss
from xdl.estimators.likelihood import SoftmaxLoss, TwoClassLoss
from xdl.estimators.newton import newton

RANDOM = np.random.default_rng(2)
IRIS, SPECIES = read_iris()
SCALED = (IRIS - IRIS.mean(0)) / IRIS.std(0)
SIGN = np.repeat([0, 1], 50)
CLOUDS = RANDOM.normal(size=(100, 2)) + 2.0 * SIGN[:, None] - 1
APART = np.repeat([-1.0, 1.0], 20)[:, None] * [3.0, 1.0, 2.0] + RANDOM.uniform(-1, 1, size=(40, 3))
SIDE = np.repeat(["left", "right"], 20)


def reference(C, intercept, X, y):
    solver = {"solver": "newton-cholesky", "tol": 1e-10, "max_iter": 1000}
    return theirs.LogisticRegression(C=C, fit_intercept=intercept, **solver).fit(X, y)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("C", [1e-3, 1.0, 100.0])
@pytest.mark.parametrize(("X", "y"), [(CLOUDS, SIGN), (IRIS, SPECIES)], ids=["two", "three"])
def test_logistic_regression(X, y, C, intercept):
    mine, there = LogisticRegression(C, fit_intercept=intercept).fit(X, y), reference(C, intercept, X, y)
    assert mine.coef_.shape == there.coef_.shape
    np.testing.assert_allclose(mine.coef_, there.coef_, atol=1e-4)
    np.testing.assert_allclose(mine.intercept_, there.intercept_, atol=1e-4)
    np.testing.assert_allclose(mine.predict_proba(X), there.predict_proba(X), atol=1e-5)
    np.testing.assert_allclose(mine.decision_function(X), there.decision_function(X), atol=1e-3)
    np.testing.assert_array_equal(mine.predict(X), there.predict(X))
    assert mine.score(X, y) == there.score(X, y)


def test_float32_has_the_weights_of_float64_also_where_features_are_far_apart():
    apart = CLOUDS * [1e3, 1] + [1e4, 0]
    double, single = (LogisticRegression(1e4).fit(apart.astype(kind), SIGN) for kind in ("float64", "float32"))
    assert single.coef_.dtype == single.intercept_.dtype == "float32"
    np.testing.assert_allclose(single.coef_, double.coef_, rtol=1e-3)
    np.testing.assert_allclose(single.intercept_, double.intercept_, rtol=1e-3)


def test_no_penalty_at_all():
    mine = LogisticRegression(float("inf")).fit(CLOUDS, SIGN)
    there = reference(np.inf, True, CLOUDS, SIGN)
    np.testing.assert_allclose(mine.coef_, there.coef_, atol=1e-4)


def test_softmax_of_two_classes_is_logistic_regression_with_twice_the_c():
    two, one = SoftmaxRegression(0.3).fit(CLOUDS, SIGN), LogisticRegression(0.6).fit(CLOUDS, SIGN)
    np.testing.assert_allclose(two.coef_.sum(0), 0, atol=1e-12)
    np.testing.assert_allclose(two.coef_[1:] - two.coef_[:1], one.coef_, atol=1e-8)
    np.testing.assert_allclose(two.predict_proba(CLOUDS), one.predict_proba(CLOUDS), atol=1e-8)
    np.testing.assert_allclose(two.decision_function(CLOUDS), one.decision_function(CLOUDS), atol=1e-7)
    three = SoftmaxRegression().fit(IRIS, SPECIES), LogisticRegression().fit(IRIS, SPECIES)
    np.testing.assert_array_equal(three[0].coef_, three[1].coef_)


def test_probabilities_far_out_have_exact_logarithms():
    mine = LogisticRegression().fit(CLOUDS, SIGN)
    far = mine.predict_log_proba([[1e4, 1e4]])[0]
    assert far[1] == 0
    assert far[0] == pytest.approx(-mine.decision_function([[1e4, 1e4]])[0])


def test_classes_that_a_plane_parts_have_no_best_weights_without_a_penalty():
    with pytest.warns(UserWarning, match="max_iter=5") as warned:
        LogisticRegression(float("inf"), max_iter=5).fit(APART, SIDE)
    assert warned[0].filename == __file__  # it points at who called fit


def test_newton_is_damped_where_whole_steps_would_run_away():
    a, y = xdl.tensor(CLOUDS), xdl.tensor(SIGN.astype(float))
    loss = TwoClassLoss(a, y, xdl.ones_like(y), xdl.tensor([1e-3, 1e-3], dtype="float64"))
    near = newton(loss, xdl.zeros(2, dtype="float64"), 1e-8, 100)
    far = newton(loss, xdl.tensor([-6.0, 8.0], dtype="float64"), 1e-8, 100)
    np.testing.assert_allclose(far.w.numpy(), near.w.numpy(), atol=1e-7)


@pytest.mark.parametrize("classes", [2, 3])
def test_gradients_and_hessians_of_the_losses(classes):
    a = xdl.tensor(np.c_[RANDOM.normal(size=(20, 3)), np.ones(20)])
    y = xdl.tensor(np.arange(20) % classes)
    penalty = xdl.tensor([0.7, 0.7, 0.7, 0.0], dtype="float64")
    count = xdl.tensor(RANDOM.uniform(0, 2, 20))
    if classes == 2:
        loss, w = TwoClassLoss(a, y.to("float64"), count, penalty), xdl.randn(4, dtype="float64").requires_grad_()
    else:
        loss, w = SoftmaxLoss(a, y, count, penalty, classes), xdl.randn(4 * classes, dtype="float64").requires_grad_()
    gradient, hessian = loss.derivatives(w.detach())
    (found,) = xdl.grad(loss.value(w), [w], create_graph=True)
    np.testing.assert_allclose(gradient.numpy(), found.detach().numpy(), rtol=1e-10)
    assert xdl.gradcheck(loss.value, [w])
    rows = np.stack([xdl.grad(found[i], [w], retain_graph=True)[0].numpy() for i in range(len(w))])
    if classes > 2:  # beside the curvature of its own along equal numbers for all classes
        equal = np.kron(np.ones((classes, classes)), np.eye(4))
        scale = (hessian.numpy() - rows)[0, 0]
        assert scale > 0
        rows = rows + scale * equal
    np.testing.assert_allclose(hessian.numpy(), rows, rtol=1e-9, atol=1e-12)


def test_the_subgradient_of_the_hinge_loss():
    signed = xdl.tensor(RANDOM.normal(size=(30, 4)))
    penalty = xdl.tensor([0.1, 0.1, 0.1, 0.0], dtype="float64")
    v = xdl.randn(4, dtype="float64").requires_grad_()
    loss, subgradient = hinge_loss(signed, penalty, v)
    loss.backward()
    np.testing.assert_allclose(subgradient.detach().numpy(), v.grad.numpy(), rtol=1e-12)
    assert xdl.gradcheck(lambda v: hinge_loss(signed, penalty, v)[0], [v])


def hinge_objective(model, X, s, C):
    w, b = model.coef_[0], model.intercept_[0]
    return w @ w / 2 + C * np.maximum(0, 1 - s * (X @ w + b)).sum()


@pytest.mark.parametrize(
    ("X", "y", "C"), [(CLOUDS, SIGN, 0.1), (SCALED[50:], SPECIES[50:] - 1, 1.0)], ids=["clouds", "iris"]
)
def test_hinge_classifier(X, y, C):
    mine, there = HingeClassifier(C).fit(X, y), SVC(C=C, kernel="linear", tol=1e-8).fit(X, y)
    best = hinge_objective(there, X, 2 * y - 1, C)
    assert best * (1 - 1e-6) <= hinge_objective(mine, X, 2 * y - 1, C) <= best * 1.001
    assert abs(mine.score(X, y) - there.score(X, y)) <= 0.01
    assert mine.loss_curve_[0] == pytest.approx(1)  # from w = 0
    assert len(mine.loss_curve_) == mine.n_iter_ == 5000


@pytest.mark.parametrize("intercept", [True, False])
def test_perceptron_is_theirs_without_shuffling(intercept):
    mine = Perceptron(fit_intercept=intercept).fit(APART, SIDE)
    there = theirs.Perceptron(shuffle=False, tol=None, max_iter=mine.n_iter_, fit_intercept=intercept).fit(APART, SIDE)
    np.testing.assert_allclose(mine.coef_, there.coef_, rtol=1e-12)
    np.testing.assert_allclose(mine.intercept_, there.intercept_)
    assert mine.converged_
    assert mine.score(APART, SIDE) == 1
    with pytest.warns(UserWarning, match="with mistakes"):
        cloudy = Perceptron(max_iter=7, fit_intercept=intercept).fit(CLOUDS, SIGN)
    there = theirs.Perceptron(shuffle=False, tol=None, max_iter=7, fit_intercept=intercept).fit(CLOUDS, SIGN)
    np.testing.assert_allclose(cloudy.coef_, there.coef_, rtol=1e-12)
    assert not cloudy.converged_


def test_perceptron_keeps_its_history_and_the_bound():
    mine = Perceptron().fit(APART, SIDE)
    s = np.where(SIDE == "right", 1.0, -1.0)
    rows = s[:, None] * np.c_[APART, np.ones(40)]
    path = np.concatenate([np.zeros((1, 4)), rows[mine.mistaken_].cumsum(0)])
    np.testing.assert_allclose(mine.path_, path, rtol=1e-12)
    assert all(rows[i] @ w <= 0 for i, w in zip(mine.mistaken_, path[:-1], strict=True))
    assert sum(mine.mistakes_) == len(mine.mistaken_) >= 1
    assert len(mine.mistakes_) == mine.n_iter_
    assert mine.mistakes_[-1] == 0
    separator = np.r_[mine.coef_[0], mine.intercept_]
    margin = (rows @ separator).min() / np.linalg.norm(separator)
    assert margin > 0
    assert len(mine.mistaken_) <= ((rows**2).sum(1).max() / margin**2)
    assert not hasattr(Perceptron(keep_path=False).fit(APART, SIDE), "path_")


def test_xor_has_no_plane():
    with pytest.warns(UserWarning, match="max_iter=20"):
        mine = Perceptron(max_iter=20).fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    assert mine.mistakes_[-5:] == [4] * 5  # it goes in a circle
    np.testing.assert_array_equal(mine.path_[-1], mine.path_[-5])


def test_one_vs_rest_of_two_class_learners():
    for learner in (Perceptron(max_iter=5), HingeClassifier(max_iter=500)):
        with pytest.raises(DataError, match=rf"OneVsRest\({type(learner).__name__}\(\)\)"):
            learner.fit(IRIS, SPECIES)
    mine = OneVsRest(HingeClassifier(max_iter=1000)).fit(SCALED, SPECIES)
    assert len(mine.estimators_) == 3
    assert mine.decision_function(SCALED).shape == (150, 3)
    assert mine.score(SCALED, SPECIES) > 0.85
    assert OneVsRest(LogisticRegression()).fit(SCALED, SPECIES).score(SCALED, SPECIES) > 0.9
    assert OneVsRest(LogisticRegression()).fit(CLOUDS, SIGN).decision_function(CLOUDS).shape == (100,)
    with pytest.raises(DataError, match="StandardScaler"):
        OneVsRest(StandardScaler()).fit(CLOUDS, SIGN).predict(CLOUDS)


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(0),
        LogisticRegression(tol=-1),
        LogisticRegression(max_iter=0),
        Perceptron(max_iter=0),
        HingeClassifier(0),
        HingeClassifier(max_iter=0),
    ],
    ids=repr,
)
def test_settings_out_of_range(model):
    with pytest.raises(SettingError):
        model.fit(CLOUDS, SIGN)


@pytest.mark.parametrize("C", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("name", ["iris", "two of iris", "wine", "cancer"])
def test_coefficients_are_scikit_learns_whatever_the_penalty(name, C):
    x, y = {"wine": load_wine, "cancer": load_breast_cancer}.get(name, load_iris)(return_X_y=True)
    rows = 100 if name == "two of iris" else len(y)
    x = (x - x.mean(0)) / x.std(0) if name == "wine" else x
    mine = LogisticRegression(C).fit(x[:rows], y[:rows])
    reference = theirs.LogisticRegression(C=C, solver="newton-cholesky", tol=1e-12).fit(x[:rows], y[:rows])
    np.testing.assert_allclose(mine.coef_, reference.coef_, atol=1e-4)
    np.testing.assert_allclose(mine.intercept_, reference.intercept_, atol=1e-4)
