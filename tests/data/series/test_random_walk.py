"""The generated prices are what they are said to be: returns of mean 0 that nothing before them tells."""

import numpy as np
import pytest

from xdl.data import random_walk
from xdl.errors import SettingError


def correlation(x, lag):
    return np.corrcoef(x[:-lag], x[lag:])[0, 1]


@pytest.mark.parametrize("clustering", [0.0, 0.5])
def test_returns_are_independent_in_sign_and_their_size_clusters_where_asked(clustering):
    table = random_walk(20_000, 0.01, clustering, seed=3)
    returns = np.diff(np.log(table.column("close")))
    limit = 4 / np.sqrt(len(returns)) * (1 + 2 * clustering)
    assert all(abs(correlation(returns, lag)) < limit for lag in range(1, 6))
    assert abs(returns.mean()) < 4 * returns.std() / np.sqrt(len(returns))
    assert (correlation(np.abs(returns), 1) > 0.1) == (clustering > 0)
    if not clustering:
        assert returns.std() == pytest.approx(0.01, rel=0.03)


def test_the_columns_are_those_of_one_walk():
    table = random_walk(500, seed=1)
    opened, high, low, close = (table.column(name) for name in ("open", "high", "low", "close"))
    assert opened[1:] == pytest.approx(close[:-1], rel=1e-12)
    assert opened[0] == pytest.approx(1000)
    assert (high >= np.maximum(opened, close) - 1e-9).all()
    assert (low <= np.minimum(opened, close) + 1e-9).all()
    assert np.corrcoef(np.abs(np.log(close / opened)), np.log(table.column("volume")))[0, 1] > 0.1
    assert (random_walk(500, seed=1).values == table.values).all()
    assert (random_walk(500, seed=2).values != table.values).any()
    with pytest.raises(SettingError, match="std > 0"):
        random_walk(500, 0.0)
