"""Generated prices of which is known that nobody can forecast them: a random walk."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from xdl import backend, random
from xdl.data.series.table import SeriesTable, of_columns
from xdl.errors import SettingError

PARTS = 8  # steps within a day, of which the extremes are the day's high and low
MEMORY = 0.98  # of the logarithm of the daily std, from day to day


def random_walk(samples: int = 4000, std: float = 0.01, clustering: float = 0.0, seed: int = 0) -> SeriesTable:
    """Prices whose logarithm is a random walk: log returns are independent of all that was before, with mean 0.

        log close_t = log close_(t-1) + r_t,   r_t = std exp(h_t) z_t,   h_t = 0.98 h_(t-1) + noise

    samples:    trading days
    std:        of a day's log return
    clustering: std of h: 0 for days that are all alike, 0.5 for calm and wild weeks as of real markets. Then the size
                of a return can be forecast, its sign still cannot (S. J. Taylor, "Modelling Financial Time Series",
                1986)

    The best forecast of log close is the last one, so that the skill of any other is at most 0. Columns "open",
    "high", "low", "close", "volume" and "turnover", of one walk of 8 steps a day; volume grows with the size of the
    return. Raises SettingError for fewer than 2 samples, a std that is not above 0, negative clustering.
    """
    finite = isfinite(std) and isfinite(clustering)
    if samples < 2 or std <= 0 or clustering < 0 or not finite:
        found = (samples, std, clustering)
        raise SettingError("random_walk", "samples >= 2, std > 0, clustering >= 0", found)
    stream = random.Stream(seed, "random_walk")
    h = _autoregression(MEMORY, clustering, _normal(stream, samples))
    steps = _normal(stream, samples, PARTS) * (std * np.exp(h) / np.sqrt(PARTS))[:, None]
    path = np.log(1000.0) + np.cumsum(steps).reshape(samples, PARTS)
    opened = np.concatenate([[np.log(1000.0)], path[:-1, -1]])
    walked = np.concatenate([opened[:, None], path], axis=1)
    returns = path[:, -1] - opened
    busy = _autoregression(0.9, 0.2, _normal(stream, samples)) + 0.2 * np.abs(returns) / std
    volume, close = 1e9 * np.exp(busy), np.exp(path[:, -1])
    prices = {"open": np.exp(opened), "high": np.exp(walked.max(1)), "low": np.exp(walked.min(1)), "close": close}
    return of_columns({**prices, "volume": volume, "turnover": volume * close})


def _autoregression(memory: float, std: float, z: Any) -> Any:
    """x_t = memory x_(t-1) + noise, of that std from the first step on."""
    x, factor = std * z, np.sqrt(1 - memory**2)
    for t in range(1, len(z)):
        x[t] = memory * x[t - 1] + factor * std * z[t]
    return x


def _normal(stream: random.Stream, *shape: int) -> Any:
    backend.load("numpy")
    return stream.normal(shape, "float64", np.empty(0, np.uint64))
