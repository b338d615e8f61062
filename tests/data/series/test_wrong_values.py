"""Series: settings that are nan, negative or not whole, and series that leave all numbers, are refused by name."""

import numpy as np
import pytest

from xdl import data
from xdl.data.series.adding import adding_problem
from xdl.data.series.levels import noisy_levels
from xdl.errors import DataError, SettingError, ShapeError

NAN = float("nan")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: data.autoregression(0, [0.5]), "autoregression: expected samples >= 1"),
        (lambda: data.autoregression(5, [NAN]), "finite coefficients"),
        (lambda: data.autoregression(5, 0.5), r"finite coefficients \(k,\)"),
        (lambda: data.autoregression(5, [0.5], NAN), "noise >= 0, found nan"),
        (lambda: data.autoregression(5, [0.5], -1), "noise >= 0"),
        (lambda: data.autoregression(2000, [1.5]), "a series that stays finite"),
        (lambda: data.characteristic_roots([NAN]), "characteristic_roots: expected finite coefficients"),
        (lambda: data.impulse_response([0.5], 1.5), "steps >= 1, found 1.5"),
        (lambda: data.forecast_floor([0.5], 3, -1), "forecast_floor: expected noise >= 0"),
        (lambda: data.random_walk(5, NAN), "std > 0"),
        (lambda: data.random_walk(5, float("inf")), "std > 0"),
        (lambda: data.random_walk(5, 0.01, NAN), "clustering >= 0"),
        (lambda: noisy_levels(5, noise=NAN), "noisy_levels: expected noise >= 0"),
        (lambda: noisy_levels(2.5), "samples >= 1, found 2.5"),
        (lambda: adding_problem(1, 2.5), "length >= 1, found 2.5"),
        (lambda: data.sine_mix(0), "sine_mix: expected samples >= 1"),
        (lambda: data.noisy_curve(-1), "noisy_curve: expected samples >= 1"),
        (lambda: data.windows([1.0, 2.0, 3.0], 1.5), "int as inputs, found 1.5"),
        (lambda: data.chronological_split(np.arange(9), (0.5, 0.5), "a"), "int as gap, found 'a'"),
    ],
)
def test_settings_that_cannot_be(call, says):
    with pytest.raises(SettingError, match=says):
        call()


def test_normalization():
    with pytest.raises(DataError, match="numbers whose squares are finite, found 1e\\+308"):
        data.Standardize.fit([1e308, -1e308])
    with pytest.raises(ShapeError, match=r"numbers of 1 columns, found \(1,\)"):
        data.Standardize.fit([1.0, 2.0]).columns(1)
    with pytest.raises(DataError, match="mean and std"):
        data.Standardize.from_state(None)
