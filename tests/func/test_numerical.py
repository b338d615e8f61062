"""Gradients by differences: of any function over any arrays, and of a loss over parameters."""

import numpy as np
import pytest

import xdl
from xdl import func, nn
from xdl.errors import DtypeError, KindError, SettingError, ShapeError


def test_functions_of_arrays_tensors_and_both():
    a, b = np.arange(6.0).reshape(2, 3), xdl.tensor([1.0, 2.0], dtype="float64")
    before = a.copy()

    def f(a, b):
        return float((a**2).sum()) * b.sum()

    by_a, by_b = func.numerical_gradient(f, [a, b])
    assert (type(by_a), type(by_b)) == (np.ndarray, xdl.Tensor)
    np.testing.assert_allclose(by_a, 2 * a * 3, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(by_b.numpy(), [55.0, 55.0], rtol=1e-8)
    assert (a == before).all()
    assert b.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("loss", [float, np.float64, np.asarray, lambda v: xdl.tensor([[v]], dtype="float64")])
def test_any_kind_of_number(loss):
    (g,) = func.numerical_gradient(lambda x: loss(float(x) ** 3), [np.array(2.0)])
    assert (g.shape, g.dtype) == ((), np.float64)
    np.testing.assert_allclose(g, 12.0, rtol=1e-4)


def test_a_loss_over_the_parameters_of_a_network():
    xdl.manual_seed(3)
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    x, y = xdl.randn(5, 3, dtype="float64"), xdl.tensor([0, 1, 1, 0, 1])
    parameters = list(net.parameters())
    before = [p.numpy().copy() for p in parameters]

    def loss():
        return nn.functional.cross_entropy(net(x), y)

    found = func.numerical_gradients_of(loss, parameters)
    loss().backward()
    for p, g, kept in zip(parameters, found, before, strict=True):
        np.testing.assert_allclose(g.numpy(), p.grad.numpy(), rtol=1e-6, atol=1e-9)
        assert p.numpy().tobytes() == kept.tobytes()


def test_a_loss_over_plain_arrays_that_are_views():
    whole = np.arange(12.0).reshape(3, 4)
    part = whole[:, ::2].T
    (g,) = func.numerical_gradients_of(lambda: (whole**2).sum(), [part])
    np.testing.assert_allclose(g, 2 * part, atol=1e-6)


def test_float32_has_a_step_of_its_own():
    (g,) = func.numerical_gradient(lambda x: (x**3).sum(), [xdl.tensor([1.0, 2.0])])
    assert g.dtype == "float32"
    np.testing.assert_allclose(g.numpy(), [3.0, 12.0], rtol=1e-3)


def test_a_smaller_step_is_nearer_until_it_rounds():
    def error(eps):
        (g,) = func.numerical_gradient(lambda x: x.exp(), [xdl.tensor(1.0, dtype="float64")], eps)
        return abs(g.item() - np.e)

    assert error(1e-1) > error(1e-3) > error(None) < error(1e-10) < error(1e-14)


def test_an_element_is_set_back_where_the_function_fails():
    p = xdl.ones(2, dtype="float64")

    def loss():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        func.numerical_gradients_of(loss, [p])
    assert p.tolist() == [1.0, 1.0]


def test_strict_array_api_and_the_tape(each_backend):
    x = xdl.tensor([1.0, 2.0], dtype="float64", requires_grad=True)
    (g,) = func.numerical_gradients_of(lambda: (x**2).sum(), [x])
    assert type(g.array) in each_backend.array_types
    np.testing.assert_allclose(g.numpy(), [2.0, 4.0], rtol=1e-8)
    y = (x * x).sum()
    func.numerical_gradients_of(lambda: (x**2).sum(), [x])
    with pytest.raises(xdl.errors.GraphError, match="written in place"):
        y.backward()


def read_only():
    a = np.ones(2)
    a.flags.writeable = False
    return a


@pytest.mark.parametrize(
    ("error", "match", "call"),
    [
        (KindError, "a list of Tensors", lambda: func.numerical_gradient(lambda x: x, xdl.ones(1))),
        (KindError, "in an order", lambda: func.numerical_gradient(lambda x: x, {1})),
        (KindError, "number 1, found float", lambda: func.numerical_gradient(lambda x: x, [np.ones(1), 2.0])),
        (KindError, "number 0, found str", lambda: func.numerical_gradient(lambda x: x, ["x"])),
        (KindError, "that can be written as number 0", lambda: func.numerical_gradients_of(lambda: 1.0, [read_only()])),
        (
            DtypeError,
            "float64 or float32 as number 0, found int64",
            lambda: func.numerical_gradient(max, [np.arange(2)]),
        ),
        (SettingError, "eps: a number above 0", lambda: func.numerical_gradient(lambda x: x, [np.ones(1)], 0.0)),
        (SettingError, "above 0, found 'x'", lambda: func.numerical_gradient(lambda x: x, [np.ones(1)], "x")),
        (SettingError, "eps that moves 1", lambda: func.numerical_gradient(lambda x: x.sum(), [np.ones(1)], 1e-30)),
        (ShapeError, "one number, found shape", lambda: func.numerical_gradient(lambda x: x, [np.ones(2)])),
        (ShapeError, "one number, found str", lambda: func.numerical_gradient(lambda _: "x", [np.ones(2)])),
    ],
)
def test_what_is_refused(error, match, call):
    with pytest.raises(error, match=match):
        call()
