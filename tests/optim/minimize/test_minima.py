"""minimize finds minima with few evaluations, by every method, with gradients in every form, on every backend."""

import numpy as np
import pytest

import xdl
from tests.optim.minimize.functions import PROBLEMS, A, B, bowl, rosenbrock
from xdl import backend, optim
from xdl.optim import minimize
from xdl.optim.minimize import METHODS

RATES = {"gd": 0.1, "momentum": 0.05, "nesterov": 0.05, "adagrad": 1.0, "adadelta": 1.0, "rmsprop": 0.01, "adam": 0.1}

FORMS = {
    "tape": lambda p: {"f": p.f},
    "function": lambda p: {"f": p.f, "jac": p.gradient},
    "pair": lambda p: {"f": lambda x: (p.f(x), p.gradient(x)), "jac": True},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("method", ["bfgs", "cg", "l-bfgs", "newton"])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_as_few_evaluations_as_scipy(problem, method, form):
    p = PROBLEMS[problem]
    result = minimize(**FORMS[form](p), x0=p.start, method=method)
    assert result.success
    assert np.linalg.norm(result.x.numpy() - p.minimum) <= 1e-4
    assert result.nfev <= (60 if method == "newton" else 1.1 * p.scipy[method] + 1)


def test_evaluations_are_counted_by_calls():
    p, calls = PROBLEMS["rosenbrock"], []

    def f(x):
        calls.append(np.asarray(x))
        return p.f(x), p.gradient(x)

    for method in METHODS[:-1]:
        calls.clear()
        more = {"hess": lambda _: np.eye(2)} if method == "newton" else {}
        result = minimize(f, p.start, method=method, jac=True, maxiter=7, **more)
        assert result.nfev == result.njev == len(calls) == result.path.nfev[-1]
        assert result.nhev == (7 if method == "newton" else 0)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_bottom_of_a_bowl(method):
    options = {"lr": RATES[method]} if method in RATES else {}
    result = minimize(bowl(xdl), [3.0, -2.0, 1.0], method=method, maxiter=3000, **options)
    assert result.success, result.message
    np.testing.assert_allclose(result.x.numpy(), np.linalg.solve(A, B), atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_strict_array_api_agrees(method, strict):
    options = {"lr": RATES[method]} if method in RATES else {}
    expected = minimize(bowl(xdl), [3.0, -2.0, 1.0], method=method, maxiter=20, **options)
    backend.use(strict.name)
    found = minimize(bowl(xdl), [3.0, -2.0, 1.0], method=method, maxiter=20, **options)
    assert type(found.x.array) in strict.array_types
    assert (found.nit, found.status) == (expected.nit, expected.status)
    np.testing.assert_allclose(found.path.x.numpy(), expected.path.x.numpy(), atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_a_card_agrees(method, stand_in):
    options = {"lr": RATES[method]} if method in RATES else {}
    expected = minimize(bowl(xdl), [3.0, -2.0, 1.0], method=method, maxiter=20, **options)
    backend.use("cupy")
    found = minimize(bowl(xdl), [3.0, -2.0, 1.0], method=method, maxiter=20, **options)
    assert isinstance(found.x.array, stand_in.ndarray)
    np.testing.assert_allclose(found.path.x.numpy(), expected.path.x.numpy(), atol=1e-8)


@pytest.mark.parametrize("method", RATES)
def test_descent_takes_the_steps_of_the_optimizer(method):
    made = {"gd": optim.SGD, "rmsprop": optim.RMSprop, "adam": optim.Adam, "adagrad": optim.Adagrad}
    made["adadelta"] = optim.Adadelta
    more = {"momentum": {"momentum": 0.9}, "nesterov": {"momentum": 0.9, "nesterov": True}}.get(method, {})
    p = xdl.tensor([3.0, -2.0, 1.0], dtype="float64", requires_grad=True)
    optimizer, f = made.get(method, optim.SGD)([p], lr=0.02, **more), bowl(xdl)
    expected = [p.numpy().copy()]
    for _ in range(9):
        optimizer.zero_grad()
        f(p).backward()
        optimizer.step()
        expected.append(p.numpy().copy())
    path = minimize(f, [3.0, -2.0, 1.0], method=method, lr=0.02, maxiter=9).path
    np.testing.assert_allclose(path.x.numpy(), expected, rtol=1e-14)


def test_linear_cg_needs_one_step_for_each_dimension():
    n = 12
    eigenvalues = np.linspace(1, 40, n)
    q, _ = np.linalg.qr(np.random.RandomState(2).standard_normal((n, n)))
    a, b = xdl.tensor(q @ np.diag(eigenvalues) @ q.T), xdl.ones(n, dtype="float64")
    result = minimize(lambda x: (x * (a @ x)).sum() / 2 - (b * x).sum(), np.zeros(n), method="linear-cg", tol=1e-9)
    assert result.success
    assert result.nit <= n
    assert result.nfev == result.nit + 1
    np.testing.assert_allclose((a @ result.x).numpy(), 1.0, atol=1e-8)


@pytest.mark.parametrize("method", ["bfgs", "l-bfgs", "cg", "newton"])
def test_many_variables(method):
    def f(x):
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    result = minimize(f, np.full(20, -0.5), method=method)
    assert result.success
    np.testing.assert_allclose(result.x.numpy(), 1.0, atol=1e-4)


def test_newton_leaves_a_saddle():
    result = minimize(lambda x: x[0] ** 4 / 4 - x[0] ** 2 / 2 + x[1] ** 2, [1e-3, 1.0], method="newton")
    assert result.success
    np.testing.assert_allclose(result.x.numpy(), [1.0, 0.0], atol=1e-4)


def test_a_start_at_the_minimum_is_the_end():
    result = minimize(rosenbrock, [1.0, 1.0])
    assert (result.nit, result.nfev, result.success) == (0, 1, True)


def test_steps_beyond_where_the_function_has_values():
    with np.errstate(invalid="ignore", divide="ignore"):
        for method in ("bfgs", "l-bfgs", "cg", "newton"):
            result = minimize(lambda x: -(1 - x).log().sum() - 3 * x.sum() - x.log().sum(), [0.01, 0.4], method=method)
            assert result.success
            np.testing.assert_allclose(result.x.numpy(), (1 + 13**0.5) / 6, atol=1e-5)
