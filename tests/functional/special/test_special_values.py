"""Values and gradients at nan, infinity, and numbers whose squares and powers leave the dtype; sums of integers.

What PyTorch gives at the same places is in `tests/oracle/test_special_values.py`.
"""

import math

import numpy as np
import pytest

import xdl
from xdl import functional as F

INF, NAN = math.inf, math.nan


def leaf(values, dtype="float32"):
    """A tensor that wants a gradient."""
    return xdl.tensor(np.array(values, dtype), requires_grad=True)


def at(function, values, dtype="float32"):
    """y and dy/dx of the sum of y."""
    x = leaf(values, dtype)
    y = function(x)
    return y.tolist(), xdl.grad(y.sum(), x)[0].tolist()


@pytest.mark.parametrize("mode", ["auto", "reference"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_activations_at_nan_pass_on_what_pytorch_does(mode, dtype):
    xdl.kernel.set_mode(mode)
    for nan in (NAN, -NAN):  # what inf - inf gives has its sign set
        y, gradient = at(F.relu, [nan, 0.0, -0.0, INF, -INF], dtype)
        np.testing.assert_array_equal(y, [NAN, 0, 0, INF, 0])
        np.testing.assert_array_equal(gradient, [1, 0, 0, 1, 0])
    np.testing.assert_equal(at(F.softplus, [NAN, INF, -INF], dtype), ([NAN, INF, 0], [NAN, 1, 0]))
    np.testing.assert_equal(at(lambda x: F.threshold(x, 0.0, 9.0), [NAN, -1.0], dtype), ([NAN, 9], [1, 0]))
    np.testing.assert_equal(at(lambda x: F.leaky_relu(x, 0.5), [NAN, -INF], dtype), ([NAN, -INF], [0.5, 0.5]))


def test_relu_in_blocks_passes_on_at_nan():
    x = np.resize([NAN, -NAN, 1.0, -1.0], (3, 200_000))
    x = xdl.tensor(x.astype("float32"), requires_grad=True)
    np.testing.assert_equal(xdl.grad(F.relu(x).sum(), x)[0].numpy(), np.resize([1.0, 1, 1, 0], (3, 200_000)))


@pytest.mark.parametrize(
    ("row", "y", "gradient"),
    [
        ([INF, 1], INF, [NAN, 0]),
        ([NAN, 1], NAN, [NAN, NAN]),
        ([-INF, 1], 1, [0, 1]),
        ([-INF, -INF], -INF, [NAN, NAN]),
        ([1e30, 1e30], 1e30, [1, 1]),
        ([100, -100], 100, [1, 0]),
    ],
)
def test_logsumexp(row, y, gradient):
    np.testing.assert_allclose(at(lambda x: F.logsumexp(x, 0), row, "float64")[0], y)
    np.testing.assert_allclose(at(lambda x: F.logsumexp(x, 0), row, "float64")[1], gradient, atol=1e-30)


def test_extremes_of_nan():
    for extreme in (F.amax, F.amin):
        np.testing.assert_equal(at(extreme, [NAN, 1.0]), (NAN, [NAN, NAN]))
    for extreme in (F.max, F.min, F.median):
        np.testing.assert_equal(at(extreme, [NAN, 1.0, NAN]), (NAN, [0.5, 0, 0.5]))


@pytest.mark.parametrize("size", [1e30, 1e-25])
def test_std_of_huge_and_tiny_numbers_is_finite(size):
    y, gradient = at(F.std, [-size, size])
    assert y == pytest.approx(math.sqrt(2) * size, rel=1e-6)
    assert gradient == pytest.approx([-math.sqrt(0.5), math.sqrt(0.5)], rel=1e-6)
    y, gradient = at(F.std, [size, size, size])
    assert (y, gradient) == (0, [0, 0, 0])
    assert at(F.var, [3.0, 5.0]) == (2, [-2, 2])
    assert F.var(leaf([1.0, 2.0])).dtype == F.std(leaf([1.0, 2.0])).dtype == "float32"


def test_lengths_of_huge_numbers():
    assert at(lambda x: F.hypot(x, x), [3e37])[0] == pytest.approx([3e37 * math.sqrt(2)], rel=1e-6)
    assert at(F.mean, [1e38, 2e38])[0] == pytest.approx(1.5e38, rel=1e-6)
    for p in (2, 1.5, 3):  # the sum of powers is 0, and so is the gradient
        assert at(lambda x, p=p: F.norm(x, p), [1e-40, 0.0])[1] == [0, 0]
    assert at(lambda x: F.norm(x, -1), [0.0, 2.0]) == (0, [0, 0])
    assert at(lambda x: F.norm(x, 0), [0.0, 2.0]) == (1, [0, 0])


def test_powers_and_quotients():
    np.testing.assert_equal(at(lambda x: x**0.5, [-INF, 4.0]), ([NAN, 2], [NAN, 0.25]))
    np.testing.assert_equal(at(lambda x: x**-0.5, [-INF, 4.0]), ([NAN, 0.5], [-0.0, -0.0625]))
    np.testing.assert_equal(at(lambda x: 0.0**x, [-2.0, 0.0, 2.0]), ([INF, 1, 0], [-INF, 0, 0]))
    np.testing.assert_equal(at(lambda x: (-1.0) ** x, [2.0]), ([1], [NAN]))
    assert at(lambda x: F.div(1e30, x), [1e30])[1] == pytest.approx([-1e-30])
    assert at(lambda x: F.div(INF, x), [1e30])[1] == [-INF]
    np.testing.assert_equal(at(lambda x: F.remainder(INF, x), [2.0])[1], [NAN])


@pytest.mark.parametrize("mode", ["auto", "reference"])
def test_cross_entropy_of_huge_logits(mode):
    xdl.kernel.set_mode(mode)
    y, gradient = at(lambda x: F.cross_entropy(x, xdl.tensor([0])), [[1e30, 1e30]])
    assert (y, gradient) == (pytest.approx(math.log(2)), [[-0.5, 0.5]])


def test_gelu_ends_at_0_far_below():
    assert at(F.gelu, [-20.0, -1e30]) == ([0, 0], [0, 0])


def test_losses_at_the_ends():
    assert F.binary_cross_entropy_with_logits(leaf([INF]), xdl.tensor([0.0])).item() == INF
    assert F.binary_cross_entropy(leaf([1e-9]), xdl.tensor([0.0])).item() == pytest.approx(1e-9)
    assert math.isnan(F.kl_div(leaf([0.0]), xdl.tensor([-1.0])).item())
    assert math.isnan(F.multi_margin_loss(leaf([[NAN, 0.0]]), xdl.tensor([0])).item())


@pytest.mark.parametrize("name", ["sum", "prod", "cumsum", "cumprod"])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int16", "int32", "int64"])
def test_sums_and_products_of_integers_are_int64(name, dtype):
    x = xdl.tensor(np.array([100, 100, 100]).astype(dtype))
    y = getattr(F, name)(x, 0)
    values = x.numpy().astype("int64")
    assert y.dtype == "int64"
    np.testing.assert_array_equal(y.numpy(), getattr(np, name)(values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([-INF, 1, 1], [0, 1.5, 0.5]),
        ([1, -INF, 1], [1.5, 0, 0.5]),
        ([1, INF, 2], [0, 2, 0]),
        ([1e30, 1, -1e30], [2, 0, 0]),
    ],
)
def test_running_logarithms_of_sums_pass_gradients_by_infinities(values, expected):
    x = leaf(values)
    F.logcumsumexp(x, 0)[1:].sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-6)
