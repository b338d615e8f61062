"""The form of a model of a series: several columns, log returns, running free, and what is refused."""

import numpy as np
import pytest

from xdl.creation import ones
from xdl.data import Standardize
from xdl.errors import DataError, SettingError, ShapeError
from xdl.experiments.series.forecaster import direct, errors_of
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.free_running import free_run
from xdl.experiments.series.linear import LinearForecast, autoregressive, rmse
from xdl.nn import Module

PRICES = 100 * 1.1 ** np.arange(6.0)[:, None]


class Constant(Module):
    """Forecasts 1 in normalized units, two steps at once."""

    def forward(self, x):
        return ones(len(x), 2, 1)


def test_log_returns_are_undone_to_prices():
    form = SeriesForm(("close",), 3, 2, Standardize((0.0,), (np.log(1.1),)), returns=True)
    assert form.seen(PRICES).tolist() == pytest.approx(np.ones((5, 1)))
    assert form.forecast(Constant(), PRICES, 3, direct) == pytest.approx(100 * 1.1 ** np.arange(6.0, 9)[:, None])
    assert errors_of(form, Constant(), PRICES) == {
        "windows": 1,
        "test_rmse": pytest.approx(0, abs=1e-6),
        "persistence_rmse": pytest.approx(np.log(1.1)),
        "skill": pytest.approx(1),
    }
    with pytest.raises(DataError, match="above 0, for its log returns, found -1 in step 1"):
        form.seen(-PRICES / 100)
    with pytest.raises(ShapeError, match="at least 4 steps, of which it sees the last, found 3"):
        form.forecast(Constant(), PRICES[:3], 1, direct)
    with pytest.raises(ShapeError, match="1 columns: close"):
        errors_of(form, Constant(), np.ones((9, 2)))


def test_a_model_that_forecasts_one_of_two_columns_cannot_run_free():
    form = SeriesForm(("close", "volume"), 2, 2, Standardize((10.0, 0.0), (2.0, 1.0)))
    values = np.array([[10.0, 1], [12, 2], [14, 3], [16, 4]])
    assert form.forecast(Constant(), values, 2, direct) == [[12], [12]]
    with pytest.raises(SettingError, match="at most 2 steps, since only close of close, volume are forecast, found 3"):
        form.forecast(Constant(), values, 3, direct)
    found = errors_of(form, Constant(), values)
    assert found["test_rmse"] == pytest.approx((2**2 / 2 + 4**2 / 2) ** 0.5)
    assert found["persistence_rmse"] == pytest.approx((2**2 / 2 + 4**2 / 2) ** 0.5)


def test_least_squares_by_hand_and_running_free():
    series = np.array([1.0, 2, 4, 8, 16, 32, 64])
    linear = autoregressive(series, 2)
    assert free_run(linear, np.array([[[2.0], [4.0]]]), 3)[0, :, 0].tolist() == pytest.approx([8, 16, 32], rel=1e-5)
    assert rmse([1.0, 3.0], [1.0, 1.0]) == pytest.approx(2**0.5)
    with pytest.raises(ShapeError, match="more than 6 windows for 6 weights, found 2"):
        autoregressive(series, 5)
    with pytest.raises(ShapeError, match="a forecast of shape"):
        rmse([1.0], [1.0, 2.0])
    with pytest.raises(SettingError, match="steps >= 1"):
        free_run(linear, np.ones((1, 2, 1)), 0)
    x, y = np.random.default_rng(0).normal(size=(2, 400, 3, 1))
    assert LinearForecast.fit(x, y)(x).shape == (400, 3, 1)
