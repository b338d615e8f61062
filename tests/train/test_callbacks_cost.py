"""The measurement of what callbacks cost runs, and its figures belong together."""

import pytest


def test_the_benchmark_measures(bench):
    found = bench("callbacks").measure(rounds=1, steps=2)
    assert min(found.values()) > 0
    assert found["ratio_of_steps"] == pytest.approx(found["watched_step"] / found["bare_step"])
    spread = found["epoch_end"] / 1875 / found["bare_step"]
    assert found["ratio_of_an_epoch"] == pytest.approx(found["ratio_of_steps"] + spread)
