"""Dropout of channels and alpha dropout: whole channels, the right rate, kept means and variances."""

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.functional.elementwise.feature_dropout import REST

CHANNELS = [("dropout1d", (7,)), ("dropout2d", (3, 2)), ("dropout3d", (2, 1, 3))]


def ones(*shape):
    return xdl.Tensor(np.ones(shape))


@pytest.mark.parametrize(("name", "places"), CHANNELS)
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_channels_fall_whole_at_the_right_rate(name, places, p):
    y = getattr(xdl.functional, name)(ones(100, 200, *places), p).numpy().reshape(100, 200, -1)
    assert (y == y[:, :, :1]).all()
    kept = y[:, :, 0] != 0
    std = (p * (1 - p) / kept.size) ** 0.5
    assert abs(kept.mean() - (1 - p)) < 4 * std + 2**-17
    assert y.max() == pytest.approx(1 / (1 - p), rel=2**-16 / (1 - p))
    assert np.corrcoef(kept[:, :-1].ravel(), kept[:, 1:].ravel())[0, 1] == pytest.approx(0, abs=0.03)
    assert np.corrcoef(kept[:-1].ravel(), kept[1:].ravel())[0, 1] == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(("name", "places"), [CHANNELS[0], CHANNELS[2]])
def test_one_sample_without_a_batch(name, places):
    y = getattr(xdl.functional, name)(ones(400, *places), 0.5).numpy().reshape(400, -1)
    assert (y == y[:, :1]).all()
    assert 140 < (y[:, 0] == 0).sum() < 260


def test_three_dimensions_are_one_place_for_dropout2d():
    y = xdl.functional.dropout2d(ones(50, 20, 8), 0.5).numpy()
    assert (y == y[:, :, :1]).all()
    assert 0.4 < (y == 0).mean() < 0.6


def test_two_dimensions_are_channels_for_dropout2d():
    with pytest.warns(UserWarning, match="is dropout"):
        y = xdl.functional.dropout2d(ones(50, 20), 0.5).numpy()
    assert 0.4 < (y == 0).mean() < 0.6
    assert set(y.reshape(-1).tolist()) == {0.0, 2.0}


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_alpha_dropout_keeps_mean_and_variance(p):
    x = np.random.RandomState(3).standard_normal(400_000)
    y = xdl.functional.alpha_dropout(xdl.Tensor(x), p, training=True).numpy()
    assert y.mean() == pytest.approx(0, abs=0.02)
    assert y.var() == pytest.approx(1, abs=0.03)
    values, counts = np.unique(y, return_counts=True)
    dropped = values[np.argmax(counts)]
    assert counts.max() / y.size == pytest.approx(p, abs=0.005)
    slope = (y[y != dropped][1] - y[y != dropped][0]) / (x[y != dropped][1] - x[y != dropped][0])
    np.testing.assert_allclose(slope, 1 / ((1 - p) * (1 + REST**2 * p)) ** 0.5, rtol=1e-3)
    np.testing.assert_allclose(dropped, slope * REST * (1 - p), rtol=1e-3)


def test_feature_alpha_dropout_drops_channels():
    x = np.random.RandomState(4).standard_normal((300, 100, 4))
    y = xdl.functional.feature_alpha_dropout(xdl.Tensor(x), 0.3, training=True).numpy()
    dropped = (y == y[:, :, :1]).all(axis=2)
    assert dropped.mean() == pytest.approx(0.3, abs=0.02)
    assert y.mean() == pytest.approx(0, abs=0.03)
    assert y.var() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", ["Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"])
def test_modules_rest_in_evaluation(name):
    places = {"Dropout2d": 2, "Dropout3d": 3}.get(name, 1)
    x = ones(20, 10, *[2] * places)
    layer = getattr(nn, name)(0.4)
    assert (layer(x).numpy() != 1).any()
    assert layer.eval()(x) is x
    assert repr(layer) == f"{name}(p=0.4)"
    with pytest.raises(SettingError, match="0 <= p <= 1"):
        getattr(nn, name)(1.5)


def test_the_same_seed_gives_the_same_channels():
    xdl.manual_seed(5)
    first = xdl.functional.dropout2d(ones(8, 8, 2, 2), 0.5).numpy()
    second = xdl.functional.dropout2d(ones(8, 8, 2, 2), 0.5).numpy()
    xdl.manual_seed(5)
    np.testing.assert_array_equal(xdl.functional.dropout2d(ones(8, 8, 2, 2), 0.5).numpy(), first)
    assert (first != second).any()


@pytest.mark.parametrize(("name", "shape"), [("dropout1d", (3,)), ("dropout2d", (3,)), ("dropout3d", (2, 2, 2))])
def test_errors(name, shape):
    function = getattr(xdl.functional, name)
    with pytest.raises(ShapeError, match=name):
        function(ones(*shape))
    with pytest.raises(SettingError, match="0 <= p <= 1"):
        function(ones(2, 2, 2, 2) if name != "dropout1d" else ones(2, 2), -0.1)
    with pytest.raises(DtypeError, match=name):
        function(xdl.ones(2, 2, 2, 2, dtype="int64"))
    with pytest.raises(ShapeError, match="feature_alpha_dropout"):
        xdl.functional.feature_alpha_dropout(ones(3), training=True)
