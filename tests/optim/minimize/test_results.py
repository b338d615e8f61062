"""What minimize returns and what ends it, and what it refuses."""

import dataclasses

import numpy as np
import pytest

import xdl
from tests.optim.minimize.functions import A, B, beale, bowl, rosenbrock
from xdl.errors import DataError, DtypeError, GraphError, KindError, SettingError, ShapeError
from xdl.optim import minimize
from xdl.optim.minimize import METHODS, OptimizeResult


def test_the_fields_are_scipys():
    names = {field.name for field in dataclasses.fields(OptimizeResult)}
    assert names >= {"x", "fun", "jac", "nit", "nfev", "njev", "nhev", "success", "status", "message", "hess_inv"}


def test_the_path_is_kept():
    result = minimize(rosenbrock, (-1.2, 1.0))
    path = result.path
    assert len(path) == len(path.nfev) == result.nit + 1
    assert path.x.shape == (result.nit + 1, 2)
    assert (path.x[0].tolist(), path.nfev[0]) == ([-1.2, 1.0], 1)
    assert (path.x[-1].tolist(), path.fun[-1], path.nfev[-1]) == (result.x.tolist(), result.fun, result.nfev)
    assert path.fun == [rosenbrock(x).item() for x in path.x]
    assert sorted(path.fun, reverse=True) == path.fun
    assert "path" not in repr(result)


def test_points_of_any_shape_and_dtype():
    target = np.arange(6.0).reshape(2, 3)

    def f(x):
        return ((x - xdl.tensor(target, dtype=x.dtype)) ** 2).sum()

    for x0, dtype in ((np.zeros((2, 3), "float32"), "float64"), (xdl.zeros(2, 3), "float32")):
        for method in ("bfgs", "l-bfgs", "newton", "linear-cg", "cg"):
            result = minimize(f, x0, method=method)
            assert (result.x.dtype, result.x.shape, result.jac.shape) == (dtype, (2, 3), (2, 3))
            assert result.path.x.shape == (result.nit + 1, 2, 3)
            np.testing.assert_allclose(result.x.numpy(), target, atol=1e-4)
    result = minimize(lambda x: (x - 3) ** 2, 0, method="gd", lr=0.25)
    assert result.x.shape == ()
    assert abs(result.x.item() - 3) < 1e-4


def test_the_start_stays_and_its_past_is_none_of_ours():
    x0 = xdl.tensor([1.0, 2.0], dtype="float64", requires_grad=True)
    for method in ("gd", "bfgs"):
        result = minimize(lambda x: (x**2).sum(), x0, method=method, maxiter=5)
        assert x0.tolist() == [1.0, 2.0]
        assert x0.grad is None
        assert not result.x.requires_grad


@pytest.mark.parametrize("method", ["bfgs", "newton"])
def test_the_inverse_hessian(method):
    result = minimize(bowl(xdl), [3.0, -2.0, 1.0], method=method, tol=1e-9)
    np.testing.assert_allclose(result.hess_inv.numpy(), np.linalg.inv(A), atol=1e-3)
    assert minimize(bowl(xdl), [3.0, -2.0, 1.0], method="cg").hess_inv is None


def test_the_inverse_hessian_of_l_bfgs_is_made_of_products():
    inverse = minimize(bowl(xdl), [3.0, -2.0, 1.0], method="l-bfgs", tol=1e-9).hess_inv
    assert inverse.shape == (3, 3)
    np.testing.assert_allclose(inverse.todense().numpy(), np.linalg.inv(A), atol=0.05)
    v = xdl.tensor(B)
    np.testing.assert_allclose(inverse.matvec(v).numpy(), inverse.todense().numpy() @ B, rtol=1e-12)
    with pytest.raises(ShapeError, match="matvec"):
        inverse.matvec(xdl.ones(2))


def test_args_reach_every_function():
    def f(x, a, b):
        return a * ((x - b) ** 2).sum()

    result = minimize(
        f,
        [0.0, 0.0],
        args=(2.0, 3.0),
        jac=lambda x, a, b: 2 * a * (x - b),
        hess=lambda _, a, b: b / b * 2 * a * np.eye(2),
        method="newton",
    )
    assert (result.nit, result.nfev, result.nhev) == (1, 2, 1)
    assert result.x.tolist() == [3.0, 3.0]


def test_what_ends_it():
    most = minimize(rosenbrock, (-1.2, 1.0), maxiter=3)
    assert (most.success, most.status, most.nit) == (False, 1, 3)
    assert "iterations" in most.message
    stuck = minimize(rosenbrock, (-1.2, 1.0), tol=0.0)
    assert stuck.status in (0, 2)
    assert np.abs(stuck.x.numpy() - 1).max() < 1e-6
    assert minimize(rosenbrock, (-1.2, 1.0), maxiter=0).nfev == 1
    seen = []

    def callback(x):
        seen.append(x.tolist())
        if len(seen) == 4:
            raise StopIteration

    told = minimize(rosenbrock, (-1.2, 1.0), callback=callback)
    assert (told.status, told.nit, told.success) == (99, 4, False)
    assert seen == told.path.x[1:].tolist()


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
def test_a_descent_that_diverges_says_so():
    result = minimize(beale, (3.0, 4.0), method="gd", lr=0.1)
    assert (result.status, result.success) == (3, False)
    assert result.nit < 20


@pytest.mark.filterwarnings("ignore:overflow")
def test_no_minimum_is_not_called_one():
    result = minimize(lambda x: -(x**2).sum(), [1.0], maxiter=50)
    assert not result.success


@pytest.mark.parametrize(
    ("error", "match", "change"),
    [
        (SettingError, "method: one of gd momentum", {"method": "adams"}),
        (SettingError, "tol", {"tol": -1.0}),
        (SettingError, "maxiter", {"maxiter": 1.5}),
        (SettingError, "options of gd, found momentum", {"method": "gd", "momentum": 0.9}),
        (SettingError, "Did you mean 'lr'", {"method": "adam", "lrr": 0.9}),
        (SettingError, "options of bfgs, found maxcor", {"maxcor": 3}),
        (SettingError, "lr", {"method": "gd", "lr": -1.0}),
        (SettingError, "0 < c1 < c2 < 1", {"c1": 0.95}),
        (SettingError, "maxcor", {"method": "l-bfgs", "maxcor": 0}),
        (SettingError, "beta", {"method": "newton", "beta": 0.0}),
        (KindError, "a function as f", {"f": 3}),
        (KindError, "a function as jac", {"jac": [1.0]}),
        (KindError, "a function as hess", {"hess": np.eye(2), "method": "newton"}),
        (SettingError, "no hess, which bfgs does not use", {"hess": lambda _: np.eye(2)}),
        (SettingError, "no hess, which linear-cg does not use", {"hess": lambda _: np.eye(2), "method": "linear-cg"}),
        (KindError, "a function as callback", {"callback": 3}),
        (KindError, r"returns \(value, gradient\)", {"jac": True}),
        (ShapeError, "a gradient of shape", {"jac": lambda _: [1.0]}),
        (ShapeError, "a Hessian of shape", {"method": "newton", "hess": lambda _: np.ones(2)}),
        (ShapeError, "one number", {"f": lambda x: x}),
        (ShapeError, "one number", {"f": lambda x: x, "jac": lambda x: x}),
        (ShapeError, "at least one element", {"x0": []}),
        (GraphError, "Give the gradient as jac=", {"f": lambda _: 3.0}),
        (GraphError, "Give the gradient as jac=", {"f": lambda x: x.detach().sum()}),
        (GraphError, "Give hess=", {"f": lambda _: 3.0, "jac": lambda x: x, "method": "newton"}),
        (DataError, "a finite x0", {"x0": [np.nan, 1.0]}),
        (DtypeError, "a floating dtype", {"x0": xdl.tensor([1, 2])}),
        (DataError, "a quadratic f for linear-cg.*Use cg", {"method": "linear-cg"}),
        (DataError, "with a minimum", {"method": "linear-cg", "f": lambda x: -(x * x).sum()}),
    ],
)
def test_what_is_refused(error, match, change):
    given = {"f": rosenbrock, "x0": [-1.2, 1.0], **change}
    with pytest.raises(error, match=match):
        minimize(given.pop("f"), given.pop("x0"), **given)


def test_the_methods_are_those_of_the_page():
    listed = "gd momentum nesterov adagrad adadelta rmsprop adam newton bfgs l-bfgs cg linear-cg"
    assert listed.split() == list(METHODS)
    assert all(f'"{name}"' in minimize.__doc__ for name in METHODS)


def test_a_bowl_ends_where_its_equations_hold():
    result = minimize(bowl(xdl), np.zeros(3))
    np.testing.assert_allclose(A @ result.x.numpy(), B, atol=1e-4)
