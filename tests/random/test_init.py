"""Initializers: ranges, variances and shapes of the formulas, the same values everywhere, errors."""

from functools import partial
from math import erf, exp, pi, sqrt

import numpy as np
import pytest

from xdl import random
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.nn import init
from xdl.tensor import Tensor

LINEAR, CONV = (300, 500), (64, 48, 5, 5)  # fans (500, 300) and (1200, 1600)


def empty(*shape, dtype="float32"):
    return Tensor(np.full(shape, np.nan, dtype))


@pytest.mark.parametrize(
    ("function", "shape", "std"),
    [
        (init.xavier_uniform_, LINEAR, sqrt(2 / 800)),
        (init.xavier_normal_, LINEAR, sqrt(2 / 800)),
        (init.xavier_uniform_, CONV, sqrt(2 / 2800)),
        (partial(init.xavier_normal_, gain=5 / 3), CONV, 5 / 3 * sqrt(2 / 2800)),
        (init.kaiming_uniform_, LINEAR, sqrt(2 / 500)),
        (init.kaiming_normal_, LINEAR, sqrt(2 / 500)),
        (partial(init.kaiming_uniform_, a=sqrt(5)), LINEAR, sqrt(1 / 3 / 500)),
        (partial(init.kaiming_normal_, mode="fan_out", nonlinearity="relu"), CONV, sqrt(2 / 1600)),
        (partial(init.kaiming_uniform_, mode="fan_out", nonlinearity="tanh"), CONV, 5 / 3 / sqrt(1600)),
        (init.fan_in_uniform_, CONV, 1 / sqrt(3 * 1200)),
        (partial(init.normal_, mean=0.0, std=0.02), LINEAR, 0.02),
    ],
)
def test_mean_and_std(function, shape, std):
    w = empty(*shape)
    function(w)
    values = w.numpy().astype(np.float64)
    assert abs(values.mean()) < 4 * std / sqrt(values.size)
    assert values.std() == pytest.approx(std, rel=4 / sqrt(values.size))
    if "uniform" in getattr(function, "func", function).__name__:
        limit = sqrt(3) * std
        assert 0.999 * limit < np.abs(values).max() <= limit * (1 + 1e-6)
        assert (np.abs(values) < limit / 2).mean() == pytest.approx(0.5, abs=0.01)
    else:
        assert (np.abs(values) < std).mean() == pytest.approx(erf(1 / sqrt(2)), abs=0.01)


def test_values_of_uniform_normal_and_constants():
    w = init.uniform_(empty(100_000), 2.0, 5.0).numpy()
    assert w.min() >= 2
    assert w.max() <= 5
    assert w.mean() == pytest.approx(3.5, abs=0.02)
    w = init.normal_(empty(100_000), 3.0, 2.0).numpy()
    assert w.mean() == pytest.approx(3, abs=0.03)
    assert w.std() == pytest.approx(2, abs=0.03)
    assert init.constant_(empty(2, 3), 0.5).tolist() == [[0.5] * 3] * 2
    assert init.zeros_(empty(3)).tolist() == [0.0] * 3
    assert init.ones_(empty()).tolist() == 1.0


@pytest.mark.parametrize("shape", [(6, 6), (20, 7), (7, 20), (8, 3, 5, 5), (1, 4), (4, 1)])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-14)])
def test_orthogonal_rows_or_columns(shape, dtype, tolerance):
    w = init.orthogonal_(empty(*shape, dtype=dtype), gain=2.0).numpy().astype(np.float64).reshape(shape[0], -1) / 2
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=tolerance)


def test_orthogonal_matrices_have_no_preferred_direction():
    first = np.array([init.orthogonal_(empty(3, 3)).numpy() for _ in range(1500)])
    assert np.abs(first.mean(0)).max() < 0.07  # 4 stds of sqrt(1 / 3 / 1500)
    np.testing.assert_allclose((first**2).mean(0), np.full((3, 3), 1 / 3), atol=0.035)
    assert 0.4 < (np.linalg.det(first) > 0).mean() < 0.6


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"), [(0, 1, -2, 2), (1, 0.5, -1, 1.2), (0, 1, 3, 9), (0, 1, -8, -7), (0, 2, -100, 100)]
)
def test_truncated_normal_has_the_moments_of_the_cut_density(mean, std, a, b):
    w = init.trunc_normal_(empty(200, 250), mean, std, a, b).numpy().astype(np.float64)
    assert a <= w.min()
    assert w.max() <= b
    x = np.linspace(max(a, mean - 12 * std), min(b, mean + 12 * std), 200_001)
    density = np.array([exp(-0.5 * ((v - mean) / std) ** 2 + 32) for v in x]) / sqrt(2 * pi)
    expected = (x * density).sum() / density.sum()
    variance = ((x - expected) ** 2 * density).sum() / density.sum()
    assert w.mean() == pytest.approx(expected, abs=5 * sqrt(variance / w.size))
    assert w.var() == pytest.approx(variance, rel=0.06)


def test_truncated_normal_without_an_upper_end():
    w = init.trunc_normal_(empty(1000), 0.0, 1.0, 10.0, float("inf")).numpy()
    assert w.min() >= 10
    assert w.mean() == pytest.approx(10.098, abs=0.02)


@pytest.mark.parametrize(
    "function",
    [
        init.uniform_,
        init.normal_,
        init.trunc_normal_,
        init.orthogonal_,
        init.kaiming_uniform_,
        init.xavier_normal_,
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_seed_gives_the_same_weights_on_every_backend(strict, function, dtype):
    at_home = function(empty(9, 4, dtype=dtype))
    again = function(empty(9, 4, dtype=dtype))
    random.manual_seed(0)
    elsewhere = function(Tensor(strict.asarray(np.zeros((9, 4), dtype))))
    assert type(elsewhere.array) is type(strict.asarray(np.zeros(0)))
    assert elsewhere.dtype == dtype
    assert elsewhere.tolist() == at_home.tolist()
    assert again.tolist() != at_home.tolist()


def test_weights_are_written_in_place_and_outside_the_tape():
    w = Tensor(np.zeros((3, 4), np.float32), requires_grad=True)
    array = w.array
    assert init.kaiming_uniform_(w) is w
    assert w.array is array
    assert w.is_leaf
    assert array.any()


def test_a_linear_layer_gets_weight_and_bias_from_its_fan_in():
    w, b = empty(1000, 16), empty(1000)
    init.fan_in_uniform_(w, b)
    for values in (w.numpy(), b.numpy()):
        assert 0.24 < np.abs(values).max() <= 0.25


@pytest.mark.parametrize(
    ("name", "param", "gain"),
    [
        ("linear", None, 1),
        ("conv2d", None, 1),
        ("sigmoid", None, 1),
        ("tanh", None, 5 / 3),
        ("relu", None, sqrt(2)),
        ("selu", None, 0.75),
        ("leaky_relu", None, sqrt(2 / 1.0001)),
        ("leaky_relu", 1.0, 1),
    ],
)
def test_gains(name, param, gain):
    assert init.calculate_gain(name, param) == pytest.approx(gain)


@pytest.mark.parametrize(
    "function",
    [
        init.xavier_uniform_,
        init.xavier_normal_,
        init.kaiming_uniform_,
        init.kaiming_normal_,
        init.orthogonal_,
        init.fan_in_uniform_,
    ],
)
@pytest.mark.parametrize("shape", [(), (5,), (0, 3), (3, 0)])
def test_shapes_without_fans_are_refused(function, shape):
    with pytest.raises(ShapeError, match=function.__name__):
        function(empty(*shape))


def test_integer_tensors_are_refused():
    for function in (init.uniform_, init.normal_, init.trunc_normal_, init.orthogonal_, init.xavier_uniform_):
        with pytest.raises(DtypeError, match="a floating tensor"):
            function(Tensor(np.zeros((2, 2), np.int64)))


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(SettingError, match="Did you mean 'relu'"):
        init.calculate_gain("rellu")
    with pytest.raises(SettingError, match="Did you mean 'fan_in'"):
        init.kaiming_normal_(empty(2, 2), mode="fanin")
    with pytest.raises(SettingError, match="std >= 0"):
        init.normal_(empty(2), 0.0, -1.0)
    with pytest.raises(SettingError, match="a <= b"):
        init.uniform_(empty(2), 1.0, 0.0)


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [
        (0.0, 0.0, -1.0, 1.0),
        (0.0, float("inf"), -1.0, 1.0),
        (0.0, 1.0, 1.0, 1.0),
        (0.0, 1.0, float("nan"), 1.0),
        (float("nan"), 1.0, -1.0, 1.0),
        (float("inf"), 1.0, -1.0, 1.0),
        (0.0, 1e-9, 1.0, 2.0),
    ],
)
def test_truncations_that_make_no_sense_are_refused(mean, std, a, b):
    with pytest.raises(SettingError, match="0 < std < inf and a < b"):
        init.trunc_normal_(empty(2), mean, std, a, b)
