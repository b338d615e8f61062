"""Batch norm cuts its sums by blocks of rows, not by threads, so its bits do not depend on their number."""

import numpy as np
import pytest

import xdl
from xdl import threads


@pytest.fixture(autouse=True)
def number_of_threads():
    before = threads.get_num_threads()
    yield
    threads.set_num_threads(before)


def test_batch_norm_has_the_same_bits_on_any_number_of_threads():
    found = []
    for count in (1, 2, 3):
        threads.set_num_threads(count)
        values = np.random.RandomState(0).standard_normal((40, 48, 48, 16)).astype("float32").transpose(0, 3, 1, 2)
        x = xdl.tensor(values, requires_grad=True)
        y = xdl.functional.batch_norm(x, None, None, training=True)
        y.square().mul(y).sum().backward()
        found.append((y.numpy().tobytes(), x.grad.numpy().tobytes()))
    assert found[0] == found[1] == found[2]
