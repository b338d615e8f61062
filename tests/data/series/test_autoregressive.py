"""What is known of autoregressions: roots, impulse responses and the floor of forecasts, against long series."""

import numpy as np
import pytest

from xdl import data
from xdl.errors import SettingError, ShapeError


def test_roots_and_response_by_hand():
    assert sorted(data.characteristic_roots([0.5, 0.06]).real) == pytest.approx([-0.1, 0.6])
    assert data.impulse_response([0.5], 4).tolist() == [1, 0.5, 0.25, 0.125]
    assert data.impulse_response([0.5, 0.06], 3).tolist() == pytest.approx([1, 0.5, 0.31])
    assert data.forecast_floor([0.5], 2, noise=2.0) == pytest.approx([2, 2 * 1.25**0.5])


def test_the_floor_is_what_the_true_coefficients_reach():
    a = data.stable_coefficients(4, seed=2)
    x = data.autoregression(20000, a, noise=0.5, seed=1).astype(np.float64)
    window, after = data.windows(x, 4, 3)
    state, found = window[:, :, 0], []
    for step in range(3):
        forecast = state[:, ::-1] @ a
        found.append(np.sqrt(((forecast - after[:, step, 0]) ** 2).mean()))
        state = np.column_stack([state[:, 1:], forecast])
    assert found == pytest.approx(data.forecast_floor(a, 3, 0.5), rel=0.02)
    assert data.forecast_floor(a, 2000, 0.5)[-1] == pytest.approx(x.std(), rel=0.05)


def test_what_is_refused():
    with pytest.raises(ShapeError, match=r"shape \(k,\), k >= 1, found \(0,\)"):
        data.characteristic_roots([])
    with pytest.raises(SettingError, match="steps >= 1"):
        data.impulse_response([0.5], 0)
