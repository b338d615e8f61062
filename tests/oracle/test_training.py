"""Schedules, clipping and averaging against what PyTorch gave, and states of its optimizers that go on here."""

import numpy as np
import pytest

from tests.func.functions import numbers
from tests.functional.namespaces import Torch, Xdl
from tests.optim import around, closures
from tests.optim.runs import RUNS, STEPS, advance, parameters, values
from tests.optim.schedules import SCHEDULES, follow
from tests.oracle.make_training_fixtures import FILE, exact, fixtures, read
from xdl import func

F = Xdl()
BY_ID = {"ids": lambda given: given.id}


def assert_close(found, expected, tolerance=1e-10):
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("schedule", SCHEDULES, **BY_ID)
def test_schedule_is_equal(schedule):
    assert follow(F, schedule).tolist() == read()[f"schedule {schedule.id}"].tolist()


@pytest.mark.parametrize("name", around.CLIPS)
def test_clipping_by_norm(name):
    assert_close(around.clip_norm(F, *around.CLIPS[name]), read()[f"clip {name}"])


def test_clipping_by_value():
    assert_close(around.clip_value(F, 0.3), read()["clip value"])


@pytest.mark.parametrize("name", around.AVERAGES)
def test_averages(name):
    assert_close(around.average(F, name), read()[f"average {name}"], 1e-6)


def test_statistics_of_batch_norm():
    assert_close(around.statistics(F), read()["update_bn"], 1e-5)


def test_ids_are_unique_and_all_are_used():
    ids = [*(f"optimizer {run.id}" for run in RUNS), *(f"schedule {schedule.id}" for schedule in SCHEDULES)]
    ids += [f"LBFGS {name}" for name in closures.LBFGS]
    ids += [f"func {name}" for name in numbers(F, func)]
    ids += [*(f"clip {name}" for name in around.CLIPS), *(f"average {name}" for name in around.AVERAGES)]
    assert sorted([*ids, "clip value", "update_bn"]) == sorted(read())


def test_the_file_is_small():
    assert FILE.stat().st_size < 250_000


@pytest.mark.torch
@pytest.mark.parametrize("run", RUNS, **BY_ID)
def test_a_state_of_torch_goes_on_here(run):
    oracle = Torch()
    with exact(oracle.torch):
        p = parameters(oracle)
        optimizer = run.make(oracle.optim, p)
        for _ in advance(oracle, optimizer, p, range(9)):
            pass
        own = {name: F.tensor(oracle.host(t), True) for name, t in p.items()}
        state = optimizer.state_dict()
        state["state"] = {i: {k: _host(v) for k, v in entry.items()} for i, entry in state["state"].items()}
        loaded = run.make(F.optim, own)
        loaded.load_state_dict(state)
        for found, expected in zip(
            advance(F, loaded, own, range(9, STEPS)), advance(oracle, optimizer, p, range(9, STEPS)), strict=True
        ):
            assert_close(found, expected)
        assert_close(values(F, own), values(oracle, p))


def _host(value):
    return value.numpy(force=True).copy() if hasattr(value, "numpy") else value


@pytest.mark.torch
def test_fixtures_are_up_to_date():
    current = fixtures()
    assert sorted(current) == sorted(read())
    for name, value in current.items():
        near = 1e-6 if name == "update_bn" else 1e-10  # float32, whose sums depend on PyTorch's number of threads
        np.testing.assert_allclose(read()[name], value, rtol=near, atol=near, err_msg=name)
