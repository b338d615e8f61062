"""What users' functions and callbacks do to minimize: keep and overwrite what they get, give numbers of any size."""

import numpy as np
import pytest

import xdl
from tests.optim.minimize.functions import rosenbrock
from xdl.errors import DtypeError, KindError, SettingError
from xdl.optim import minimize

START = (-1.2, 1.0)


def slope(x):
    """The gradient of rosenbrock at x."""
    return [-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)]


@pytest.mark.parametrize("method", ["gd", "adam", "newton", "bfgs", "l-bfgs", "cg"])
def test_a_callback_that_writes_into_its_point_changes_nothing(method):
    plain = minimize(rosenbrock, START, method=method, maxiter=5)
    written = minimize(rosenbrock, START, method=method, maxiter=5, callback=lambda x: x.add_(1.0))
    assert written.path.x.tolist() == plain.path.x.tolist()
    assert written.x.tolist() == plain.x.tolist()


@pytest.mark.parametrize("method", ["gd", "bfgs", "l-bfgs", "cg", "newton"])
def test_a_gradient_that_is_always_the_same_tensor(method):
    kept = xdl.zeros(2, dtype="float64")

    def jac(x):
        for i, value in enumerate(slope(x)):
            kept[i] = value
        return kept

    more = {"hess": hess} if method == "newton" else {}
    plain = minimize(rosenbrock, START, method=method, maxiter=50, jac=slope_tensor, **more)
    reused = minimize(rosenbrock, START, method=method, maxiter=50, jac=jac, **more)
    assert reused.path.x.tolist() == plain.path.x.tolist()


@pytest.mark.parametrize(("curvature", "most"), [(1e-4, 100), (1.0, 40), (1e4, 25)])
def test_bfgs_on_a_narrow_valley_whatever_its_curvature(curvature, most):
    """SciPy 1.17.1 needs 136, 32 and 19 evaluations in the mean of such valleys, whose curvatures differ 10^4 times."""
    random = np.random.default_rng(1)
    needed = []
    for _ in range(3):
        turned = np.linalg.qr(random.normal(size=(8, 8)))[0]
        a = turned * np.logspace(-2, 2, 8) @ turned.T * curvature
        lowest, start = random.normal(size=(2, 8))

        def f(x, a=a, lowest=lowest):
            away = x.numpy() - lowest
            return away @ a @ away / 2, a @ away

        found = minimize(f, start, jac=True, tol=1e-8 * curvature)
        assert found.success
        np.testing.assert_allclose(found.x.numpy(), lowest, atol=1e-5)
        needed.append(found.nfev)
    assert np.mean(needed) <= most


def slope_tensor(x):
    return xdl.stack(slope(x))


def hess(x):
    a, b = x.tolist()
    return np.array([[1200 * a * a - 400 * b + 2, -400 * a], [-400 * a, 200.0]])


@pytest.mark.parametrize("method", ["bfgs", "l-bfgs"])
@pytest.mark.parametrize("size", [1e-12, 1e-8, 1e8])
def test_what_is_learned_of_the_curvature_does_not_hang_on_the_unit_of_f(method, size):
    usual = minimize(rosenbrock, START, method=method)
    other = minimize(lambda x: size * rosenbrock(x), START, method=method, tol=1e-5 * size)
    assert other.success
    assert np.abs(other.x.numpy() - 1).max() < 1e-4
    assert other.nfev <= usual.nfev + 25  # of the first search, whose first step is at most 1 long


@pytest.mark.parametrize(
    ("error", "match", "change"),
    [
        (SettingError, "minimize: expected tol", {"tol": None}),
        (SettingError, "minimize: expected tol", {"tol": "small"}),
        (SettingError, "0 < c1 < c2 < 1", {"c1": "small"}),
        (SettingError, "0 < c1 < c2 < 1", {"c2": None}),
        (SettingError, "beta", {"method": "newton", "beta": None}),
        (DtypeError, "minimize: expected numbers as x0.*cat", {"x0": [np.ones(3), np.ones(2)]}),
        (DtypeError, "minimize: expected numbers as x0", {"x0": None}),
        (DtypeError, "minimize: expected numbers as x0", {"x0": "here"}),
        (DtypeError, "minimize: expected numbers as a gradient", {"jac": lambda _: None}),
        (DtypeError, "minimize: expected numbers as a Hessian", {"method": "newton", "hess": lambda _: None}),
    ],
)
def test_what_is_no_number_is_refused_by_its_name(error, match, change):
    with pytest.raises(error, match=match):
        minimize(**{"f": rosenbrock, "x0": START, **change})


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("method", ["newton", "bfgs", "l-bfgs", "cg", "linear-cg"])
@pytest.mark.parametrize(
    ("f", "start"),
    [
        (lambda x: (x * x).sum() * 1e-200, [1.0, 2.0]),
        (lambda x: (x * x).sum(), [1e-170, 2e-170]),
        (lambda x: (x * x).sum(), xdl.tensor([1e-30, 2e-30])),
        (lambda x: (x * x).sum() * 1e200, [1.0, 2.0]),
    ],
)
def test_gradients_whose_squares_are_no_numbers_end_the_search(method, f, start):
    result = minimize(f, start, method=method, tol=0, maxiter=50)
    assert result.success or result.status == 2
    assert np.isfinite(result.x.numpy()).all()


@pytest.mark.parametrize("method", ["newton", "bfgs", "l-bfgs", "cg"])
def test_a_flat_minimum_is_approached_until_nothing_is_left(method):
    result = minimize(lambda x: (x**4).sum(), [1.0, 2.0], method=method, tol=0, maxiter=3000)
    assert result.status in (0, 2)
    assert abs(result.x.numpy()).max() < 1e-8


@pytest.mark.parametrize("size", [1e-12, 1e-8, 1.0, 1e8])
@pytest.mark.parametrize("n", [2, 20])
def test_linear_cg_does_not_hang_on_the_unit_of_f(size, n):
    rng = np.random.default_rng(n)
    turned = np.linalg.qr(rng.normal(size=(n, n)))[0]
    a, b = (turned * np.geomspace(1, 1e4, n)) @ turned.T, rng.normal(size=n)

    def f(x):
        x = x.numpy()
        return size * (x @ a @ x / 2 - b @ x)

    def jac(x):
        return size * (a @ x.numpy() - b)

    result = minimize(f, np.zeros(n), method="linear-cg", jac=jac, tol=1e-8 * size)
    assert result.success
    np.testing.assert_allclose(result.x.numpy(), np.linalg.solve(a, b), atol=1e-7)
    assert minimize(f, np.zeros(n), method="linear-cg", jac=jac, tol=0).status == 2


def test_the_inverse_hessian_of_l_bfgs_takes_tensors():
    inverse = minimize(rosenbrock, START, method="l-bfgs").hess_inv
    with pytest.raises(KindError, match="matvec: expected a Tensor, found ndarray"):
        inverse.matvec(np.ones(2))
