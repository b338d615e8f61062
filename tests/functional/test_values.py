"""Values that the table cannot hold: errors, limits at infinity, precision far from 0, Python results."""

import math

import numpy as np
import pytest

import xdl
from tests.functional.namespaces import Xdl
from xdl import functional as F
from xdl.errors import DtypeError, SettingError, ShapeError

T = Xdl().tensor


def grad_at(function, *values):
    """y and dy/dx at values."""
    x = T(np.array(values), True)
    y = function(x)
    return y.tolist(), xdl.grad(y.sum(), x)[0].tolist()


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [
        (F.silu, (0, 0), (math.inf, 1)),
        (F.gelu, (0, 0), (math.inf, 1)),
        (lambda x: F.gelu(x, "tanh"), (0, 0), (math.inf, 1)),
        (F.mish, (0, 0), (math.inf, 1)),
        (F.hardswish, (0, 0), (math.inf, 1)),
        (F.softsign, (-1, 0), (1, 0)),
        (F.softplus, (0, 0), (math.inf, 1)),
        (F.logsigmoid, (-math.inf, 1), (0, 0)),
        (F.sigmoid, (0, 0), (1, 0)),
        (F.elu, (-1, 0), (math.inf, 1)),
        (F.erf, (-1, 0), (1, 0)),
        (F.erfc, (2, 0), (0, 0)),
    ],
)
def test_limits_at_infinity(function, low, high):
    assert grad_at(function, -math.inf, math.inf) == ([low[0], high[0]], [low[1], high[1]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["gelu", "silu", "mish", "softsign", "softplus", "logsigmoid", "sigmoid", "elu"])
def test_second_derivatives_far_out_are_finite(name, dtype):
    x = T(np.array([-1e15, -1e4, -50, 50, 1e4, 1e15], dtype), True)
    (d,) = xdl.grad(getattr(F, name)(x).sum(), x, create_graph=True)
    (e,) = xdl.grad(d.sum(), x)
    np.testing.assert_allclose(e.numpy(), 0, atol=1e-4)


def test_small_probabilities_are_exact():
    x = np.array([-700.0, -100.0, -40.0, -20.0])
    np.testing.assert_allclose(F.sigmoid(T(x, False)).numpy(), np.exp(x), rtol=1e-8)
    expected = [v * math.erfc(-v / math.sqrt(2)) / 2 for v in (-30.0, -20.0, -8.0)]
    np.testing.assert_allclose(F.gelu(T(np.array([-30.0, -20.0, -8.0]), False)).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("mode", ["auto", "reference"])
def test_the_error_function_is_as_exact_as_it_says(mode):
    xdl.kernel.set_mode(mode)
    x = np.concatenate([np.linspace(-7, 27, 40_001), np.geomspace(1e-300, 1, 1001)])
    for name, tolerance in {"erf": 1e-15, "erfc": 1e-13}.items():
        expected = np.array([getattr(math, name)(v) for v in x])
        normal = np.abs(expected) > 1e-307
        found = getattr(F, name)(T(x, False)).numpy()
        np.testing.assert_allclose(found[normal], expected[normal], rtol=tolerance)


def test_gradients_where_pytorch_has_nan():
    x = T(np.array([[math.nan, math.nan], [1.0, math.nan]]), True)
    assert xdl.grad(F.nanmean(x, 1).sum(), x)[0].tolist() == [[0, 0], [1, 0]]
    x = T(np.array([[3.0, 3.0]]), True)
    assert xdl.grad(F.std(x, 1).sum(), x)[0].tolist() == [[0, 0]]
    a, b = T(np.array([1e4, -math.inf]), True), T(np.array([-1e4, 0.0]), True)
    assert [d.tolist() for d in xdl.grad(F.logaddexp(a, b).sum(), [a, b])] == [[1, 0], [0, 1]]


def test_allclose_is_a_python_bool():
    a = T(np.array([1.0, 2.0]), False)
    assert a.allclose(a + 1e-7) is True
    assert F.allclose(a, a + 0.1) is False
    assert F.allclose(a, T(np.array(math.nan), False) * a, equal_nan=True) is False
    assert F.allclose(T(np.zeros(0), False), T(np.zeros(0), False)) is True


def test_modules_start_as_documented():
    assert xdl.nn.PReLU(3).weight.tolist() == [0.25] * 3
    assert repr(xdl.nn.GELU("tanh")) == "GELU(approximate='tanh')"
    assert repr(xdl.nn.ReLU()) == "ReLU()"
    assert list(xdl.nn.PReLU().state_dict()) == ["weight"]


FLOATS, INTS, BOOLS = np.ones((2, 3)), np.ones((2, 3), np.int64), np.ones((2, 3), bool)


@pytest.mark.parametrize(
    ("error", "call", "host"),
    [
        (DtypeError, F.gelu, INTS),
        (DtypeError, F.floor, BOOLS),
        (DtypeError, F.abs, BOOLS),
        (DtypeError, F.amin, BOOLS),
        (DtypeError, F.median, BOOLS),
        (DtypeError, F.var, INTS),
        (DtypeError, F.norm, INTS),
        (DtypeError, lambda x: F.logsumexp(x, 0), INTS),
        (DtypeError, lambda x: x & x, FLOATS),
        (DtypeError, lambda x: ~x, FLOATS),
        (DtypeError, lambda x: x % x, BOOLS),
        (DtypeError, lambda _: F.maximum(2.0, 3.0), FLOATS),
        (DtypeError, lambda x: F.atan2(x, "1"), FLOATS),
        (ShapeError, lambda x: F.hypot(x, T(np.ones(2), False)), FLOATS),
        (ShapeError, lambda x: F.lerp(x, x, T(np.ones(2), False)), FLOATS),
        (ShapeError, lambda x: F.logical_and(x, T(np.ones(2), False)), FLOATS),
        (ShapeError, lambda x: F.cumsum(x, 2), FLOATS),
        (ShapeError, lambda x: F.cumprod(x, -3), FLOATS),
        (ShapeError, lambda x: F.prod(x, (0, 0)), FLOATS),
        (ShapeError, lambda x: F.argmin(x, 1), np.ones((2, 0))),
        (ShapeError, lambda x: F.min(x, 1), np.ones((2, 0))),
        (ShapeError, lambda x: F.median(x), np.ones((2, 0))),
        (ShapeError, lambda x: F.norm(x, math.inf), np.ones((2, 0))),
        (ShapeError, F.glu, FLOATS),
        (ShapeError, lambda x: F.prelu(x, T(np.ones(2), False)), FLOATS),
        (ShapeError, lambda x: F.prelu(x, T(np.ones((1, 1)), False)), FLOATS),
        (SettingError, F.clamp, FLOATS),
        (SettingError, lambda x: F.gelu(x, "tan"), FLOATS),
        (SettingError, lambda x: F.norm(x, "nuc"), FLOATS),
        (SettingError, lambda x: F.celu(x, 0.0), FLOATS),
        (SettingError, lambda x: F.hardtanh(x, 1.0, -1.0), FLOATS),
        (SettingError, lambda x: F.softshrink(x, -1.0), FLOATS),
        (SettingError, lambda _: xdl.nn.PReLU(0), FLOATS),
    ],
)
def test_errors(error, call, host):
    with pytest.raises(error):
        call(T(host, False))


def test_what_tells_of_a_tensor():
    x = xdl.ones(2, 3)
    assert xdl.numel(x) == 6
    assert xdl.is_tensor(x)
    assert not xdl.is_tensor(x.array)
    assert xdl.is_floating_point(x)
    assert not xdl.is_floating_point(xdl.arange(2))
    assert xdl.is_contiguous(x)
    assert not x.mT.is_contiguous()
    assert x.contiguous() is x
    assert xdl.broadcast_shapes((2, 1), 3, (4, 1, 1)) == (4, 2, 3)
    assert xdl.broadcast_shapes() == ()
    with pytest.raises(ShapeError, match="broadcast_shapes"):
        xdl.broadcast_shapes((2,), (3,))


def test_methods_that_tell_of_a_tensor():
    x = xdl.ones(2, 3, dtype="float64")
    assert (x.ndimension(), x.nelement(), x.element_size()) == (2, 6, 8)
    assert (x.is_complex(), x.is_cuda, x.get_device()) == (False, False, -1)
    assert (x.stride(), x.T.stride(), x.stride(-1), x[:, ::2].stride(1)) == ((3, 1), (1, 3), 1, 2)
    with pytest.raises(ShapeError, match="stride"):
        x.stride(2)
    assert x[1].data_ptr() == x.data_ptr() + 24
    assert x.share_memory_() is x.pin_memory() is x
    assert x.mT.contiguous().is_contiguous()
    assert xdl.equal(x, xdl.ones(2, 3))
    assert not x.equal(xdl.ones(3, 2))
    assert not x.equal(xdl.zeros(2, 3))
