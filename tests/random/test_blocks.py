"""Numbers are drawn a block at a time: beside what a draw gives it takes about a megabyte, of whatever size."""

import tracemalloc

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.random import Stream

N = 1 << 20
LIKE = np.zeros(0)
WEIGHT = xdl.zeros(N)
DRAWS = {
    "uniform": lambda: Stream(0, "x").uniform((N,), "float32", LIKE),
    "normal": lambda: Stream(0, "x").normal((N,), "float32", LIKE),
    "uniform weights": lambda: nn.init.uniform_(WEIGHT, -1, 1),
    "normal weights": lambda: nn.init.normal_(WEIGHT, 0, 2),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_draw_takes_little_more_memory_than_its_numbers(draw):
    draw()
    tracemalloc.start()
    try:
        drawn = draw()
        assert tracemalloc.get_traced_memory()[1] < 4 * N + 1.25 * (1 << 20)
    finally:
        tracemalloc.stop()
    assert drawn.shape == (N,)
