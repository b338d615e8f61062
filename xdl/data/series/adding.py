"""The adding problem: what a network must remember over a whole sequence (Hochreiter and Schmidhuber 1997)."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl import backend, random
from xdl.data.sampler import positive
from xdl.errors import SettingError, expect

MEAN_SQUARED_ERROR = 1 / 6  # of predicting the mean, 1: the variance of the sum of two uniform numbers


def adding_problem(samples: int, length: int, seed: int = 0) -> tuple[Any, Any]:
    """Sequences x (N, T, 2) and the sums y (N, 1) that they ask for, float32.

    x[:, :, 0] is uniform in [0, 1), and x[:, :, 1] is 1 at two steps and 0 elsewhere: at one of the first T // 2 and at
    one of the rest. y is the sum of the two numbers that stand there, so the first must be kept for T / 2 steps on
    average, past others that look like it. Predicting the mean, 1, has a mean squared error of 1/6.

    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997), section 5.4; with a mark
    in each half as in Q. Le, N. Jaitly and G. Hinton, "A simple way to initialize recurrent networks" (2015).

    Raises SettingError for no samples, and for a length below 2.
    """
    positive("adding_problem", samples, "samples")
    expect(
        positive("adding_problem", length, "length") >= 2,
        SettingError,
        "adding_problem",
        "length >= 2: one step for each mark",
        length,
    )
    backend.load("numpy")
    stream, like = random.Stream(seed, "adding_problem"), np.empty(0, np.uint64)
    x = np.zeros((samples, length, 2), np.float32)
    x[:, :, 0] = stream.uniform((samples, length), "float32", like)
    rows, half = np.arange(samples), length // 2
    for low, high in ((0, half), (half, length)):
        x[rows, stream.integers(low, high, (samples,), like), 1] = 1
    return x, (x[:, :, 0] * x[:, :, 1]).sum(axis=1, keepdims=True)
