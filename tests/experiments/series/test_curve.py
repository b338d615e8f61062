"""The noisy curve and the best forecast that its windows allow."""

from statistics import fmean

import pytest

from xdl.experiments.series.curve import Curve
from xdl.experiments.series.linear import LinearForecast


@pytest.mark.parametrize("pace", [1.0, 0.1])
def test_the_best_forecast_is_between_the_noise_and_least_squares(pace: float) -> None:
    curve = Curve.of(4000, 0.03, 0, 10, 1, pace)
    best = fmean(curve.by_step(curve.best()))
    linear = fmean(curve.by_step(LinearForecast.fit(*curve.pairs[0])(curve.pairs[2][0])))
    assert 0.03**2 < best < linear


def test_the_best_forecast_of_ten_values_with_the_noises_that_the_experiment_names() -> None:
    """The book's loss of 0.0014 cannot be reached with noise of 0.03, and can with 0.02."""
    found = [
        fmean(curve.by_step(curve.best())) for curve in (Curve.of(10_000, noise, 0, 10, 2) for noise in (0.03, 0.02))
    ]
    assert found == pytest.approx([0.0041, 0.0010], abs=5e-5)


def test_long_waves_are_the_same_waves_seen_more_slowly() -> None:
    short, long = (Curve.of(1000, 1e-6, 0, 10, 1, pace).test for pace in (1.0, 0.1))
    assert long.std() < short.std()
    assert abs(long[1:] - long[:-1]).max() < 0.2 * abs(short[1:] - short[:-1]).max()
