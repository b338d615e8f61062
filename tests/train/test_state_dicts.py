"""Whatever has a state: it goes through a file unchanged, and covers all that a training draws and counts."""

import pytest

import xdl
from tests.functional.namespaces import Xdl
from tests.optim import around
from tests.optim.runs import RUNS, advance, parameters
from tests.optim.schedules import SCHEDULES, optimizer_of, schedules_of
from tests.train.around import differences
from xdl import nn, random
from xdl.functional import dropout
from xdl.optim.swa_utils import AveragedModel, get_ema_avg_fn
from xdl.train import load_state, save_state

F = Xdl()


def through_a_file(folder, state):
    save_state(folder / "state", state)
    return load_state(folder / "state")


def test_states_of_all_optimizers(tmp_path):
    states = {}
    for run in RUNS:
        p = parameters(F)
        optimizer = run.make(F.optim, p)
        assert len(list(advance(F, optimizer, p, range(3)))) == 3
        states[run.id] = optimizer.state_dict()
    assert differences(through_a_file(tmp_path, states), states) == []


def test_states_of_all_schedules(tmp_path):
    states = {}
    for schedule in SCHEDULES:
        made = schedule.make(schedules_of(F), optimizer_of(F, schedule))
        for epoch in range(7):
            schedule.step(made, epoch)
        states[schedule.id] = made.state_dict()
    assert differences(through_a_file(tmp_path, states), states) == []


def test_averages(tmp_path):
    model = around.model(F)
    averaged, resumed = (AveragedModel(model, avg_fn=get_ema_avg_fn(0.8)) for _ in range(2))
    for seed in (1, 2):
        around.move(F, model, seed)
        averaged.update_parameters(model)
    resumed.load_state_dict(through_a_file(tmp_path, averaged.state_dict()))
    around.move(F, model, 3)
    for copy in (averaged, resumed):
        copy.update_parameters(model)
    assert differences(resumed.state_dict(), averaged.state_dict()) == []


def draws():
    """Something of every kind of chance in the library that is no loader's."""
    tensors = [
        xdl.rand(3),
        xdl.randn(3),
        xdl.randint(0, 9, 3),
        xdl.randperm(5),
        dropout(xdl.ones(20)),
        dropout(xdl.ones(9)),
    ]
    return [*(t.tolist() for t in tensors), nn.Linear(2, 2).weight.tolist(), random.permutation(5).tolist()]


@pytest.mark.parametrize("before", [0, 2])
def test_random_streams(tmp_path, before):
    xdl.manual_seed((1 << 64) - 1)
    for _ in range(before):
        draws()
    state = through_a_file(tmp_path, random.get_state())
    expected = draws()
    assert draws() != expected
    xdl.manual_seed(4)
    random.stream("of something else").advance()
    random.set_state(state)
    assert draws() == expected
    assert random.stream("of something else").step == 0
