"""The state of optimizers and schedules: resumed runs, groups, PyTorch's layout, and what is refused."""

import json

import numpy as np
import pytest

import xdl
from tests.functional.namespaces import Xdl
from tests.optim.runs import RUNS, STEPS, advance, parameters, trajectory
from tests.optim.schedules import SCHEDULES, follow, optimizer_of, schedules_of, settings_of
from xdl import optim
from xdl.errors import CheckpointError, SettingError

F = Xdl()
BY_ID = {"ids": lambda given: given.id}


def saved(state):
    """A state as files hold it: settings through JSON, tensors as host arrays."""
    entries = {
        i: {k: F.host(v) if isinstance(v, xdl.Tensor) else v for k, v in e.items()} for i, e in state["state"].items()
    }
    return {"state": entries, "param_groups": json.loads(json.dumps(state["param_groups"]))}


@pytest.mark.parametrize("stop", [1, 2, 9])
@pytest.mark.parametrize("run", RUNS, **BY_ID)
def test_a_resumed_run_is_equal_bit_for_bit(run, stop):
    expected = trajectory(F, run)
    p = parameters(F)
    optimizer = run.make(F.optim, p)
    list(advance(F, optimizer, p, range(stop)))
    state = saved(optimizer.state_dict())
    again = {name: F.tensor(F.host(t), True) for name, t in p.items()}
    resumed = run.make(F.optim, again)
    list(advance(F, resumed, again, [17, 18]))  # a past that loading must forget
    for name, t in again.items():
        with xdl.no_grad():
            t[...] = F.tensor(F.host(p[name]), False)
    resumed.load_state_dict(state)
    found = list(advance(F, resumed, again, range(stop, STEPS)))
    assert np.stack(found).tobytes() == expected[stop:].tobytes()


@pytest.mark.parametrize("stop", [1, 7, 20])
@pytest.mark.parametrize("schedule", SCHEDULES, **BY_ID)
def test_a_resumed_schedule_is_equal(schedule, stop):
    expected = follow(F, schedule).tolist()
    optimizer = optimizer_of(F, schedule)
    first = schedule.make(schedules_of(F), optimizer)
    for epoch in range(stop):
        schedule.step(first, epoch)
    state, groups = json.loads(json.dumps(first.state_dict())), saved(optimizer.state_dict())
    other = optimizer_of(F, schedule)
    resumed = schedule.make(schedules_of(F), other)
    other.load_state_dict(groups)
    resumed.load_state_dict(state)
    assert settings_of(other) == expected[stop]
    assert resumed.get_last_lr() == first.get_last_lr()
    for epoch in range(stop, schedule.epochs):
        schedule.step(resumed, epoch)
        assert settings_of(other) == expected[epoch + 1]


def test_groups_can_be_added():
    a, b = xdl.zeros(2, requires_grad=True), xdl.zeros(3, requires_grad=True)
    optimizer = optim.SGD([a], lr=1.0)
    optimizer.add_param_group({"params": b, "lr": 0.5})
    a.grad, b.grad = xdl.ones(2), xdl.ones(3)
    optimizer.step()
    assert (a.tolist(), b.tolist()) == ([-1, -1], [-0.5, -0.5, -0.5])
    assert [group["lr"] for group in optimizer.state_dict()["param_groups"]] == [1.0, 0.5]
    with pytest.raises(SettingError, match="each parameter once"):
        optimizer.add_param_group({"params": [a]})
    with pytest.raises(SettingError, match="Did you mean 'momentum'"):
        optimizer.add_param_group({"params": [xdl.zeros(1, requires_grad=True)], "momentun": 0.9})


def test_momentum_that_comes_and_goes():
    """As in PyTorch the buffer begins at the first step with momentum, and waits through those without."""
    p = xdl.zeros(1, requires_grad=True)
    optimizer = optim.SGD([p], lr=1.0, dampening=0.5)
    found = []
    for momentum, g in ((0.0, 1.0), (0.5, 2.0), (0.0, 4.0), (0.5, 8.0)):
        optimizer.param_groups[0]["momentum"] = momentum
        p.grad = xdl.tensor([g])
        optimizer.step()
        found.append(p.item())
    assert found == [-1.0, -3.0, -7.0, -12.0]  # the buffer is 2, then 0.5 * 2 + (1 - 0.5) * 8 = 5
    assert optim.SGD([xdl.zeros(1, requires_grad=True)]).state_dict()["state"] == {}


def test_a_closure_computes_the_loss_before_the_step():
    p = xdl.tensor([3.0], requires_grad=True)
    optimizer = optim.SGD([p], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with xdl.no_grad():
        assert optimizer.step(closure).item() == 9
    assert p.tolist() == [0]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        *[(name, {"lr": -1.0}) for name in optim.__all__ if name[0].isupper() and name != "Optimizer"],
        ("SGD", {"momentum": -0.1}),
        ("SGD", {"nesterov": True}),
        ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
        ("Adam", {"betas": (1.0, 0.9)}),
        ("NAdam", {"momentum_decay": -1.0}),
        ("Adamax", {"eps": -1e-8}),
        ("Adagrad", {"lr_decay": -0.1}),
        ("Adagrad", {"initial_accumulator_value": -0.1}),
        ("Adadelta", {"rho": 1.5}),
        ("RMSprop", {"alpha": -0.1}),
        ("Rprop", {"etas": (0.5, 0.9)}),
        ("Rprop", {"step_sizes": (1.0, 0.1)}),
    ],
)
def test_settings_out_of_range(name, settings):
    with pytest.raises(SettingError, match=name):
        getattr(optim, name)([xdl.zeros(1, requires_grad=True)], **settings)


def _state(change):
    """An Adam over two parameters, its state after a step, changed."""
    p = [xdl.zeros(2, requires_grad=True), xdl.zeros(3, requires_grad=True)]
    optimizer = optim.Adam(p)
    for t in p:
        t.grad = xdl.ones(*t.shape)
    optimizer.step()
    state = saved(optimizer.state_dict())
    change(state)
    return optimizer, state


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s["param_groups"][0]["params"].pop(), "groups of \\[1\\] parameters in place of \\[2\\]"),
        (lambda s: s["param_groups"][0].pop("betas"), "lacks betas"),
        (lambda s: s["param_groups"][0].update(momentum=0.9), "has momentum"),
        (lambda s: s["state"].update({2: {"step": 1}}), "parameter 2 of 2"),
        (lambda s: s["param_groups"][0].update(lr=-1), "group 0: Adam: expected lr"),
        (lambda s: s["param_groups"][0].update(lr="fast"), "group 0 has lr = 'fast'"),
        (lambda s: s.update(param_groups={}), "no list of groups"),
        (lambda s: s.update(state=[]), "no state of parameters"),
        (lambda s: s["state"].update({0: 3}), "parameter 0 of 2"),
        (lambda s: s["state"][0].update(step="2"), "step of parameter 0 is str in place of a number"),
        (lambda s: s["state"][1].update(exp_avg=np.zeros(2)), "exp_avg of parameter 1 has shape \\(2,\\)"),
        (lambda s: s["state"][1].update(exp_avg=np.zeros(3)), "exp_avg of parameter 1 has dtype float64 in place"),
        (lambda s: s["state"][1].update(exp_avg=[0.0] * 3), "exp_avg of parameter 1 is list in place of an array"),
        (lambda s: s["state"][1].update(sum=np.zeros(3)), "sum of parameter 1 is unexpected"),
        (lambda s: s["state"][0].pop("exp_avg_sq"), "exp_avg_sq of parameter 0 is missing"),
        (lambda s: [e.pop("exp_avg") for e in s["state"].values()], "parameter 0 is missing; exp_avg of parameter 1"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, message):
    optimizer, state = _state(change)
    before = saved(optimizer.state_dict())
    with pytest.raises(CheckpointError, match=message):
        optimizer.load_state_dict(state)
    assert repr(saved(optimizer.state_dict())) == repr(before)


def test_a_state_as_torch_writes_it():
    """Its steps are float tensors, SGD's are missing, and its groups name how it computes."""
    extra = {"foreach": None, "fused": None, "capturable": False, "differentiable": False, "initial_lr": 0.1}
    optimizer, state = _state(lambda s: s["param_groups"][0].update(extra))
    state["state"][0]["step"] = np.array(1, np.float32)
    optimizer.load_state_dict(state)
    assert optimizer.state_dict()["state"][0]["step"] == 1
    assert optimizer.state_dict()["param_groups"][0].keys() - {"initial_lr"} == {*optimizer.defaults, "params"}
    p = xdl.zeros(2, requires_grad=True)
    sgd = optim.SGD([p], lr=1.0, momentum=0.5, dampening=0.5)
    groups = sgd.state_dict()["param_groups"]
    sgd.load_state_dict({"state": {0: {"momentum_buffer": np.array([2.0, 4.0], np.float32)}}, "param_groups": groups})
    p.grad = xdl.ones(2)
    sgd.step()
    assert p.tolist() == [-1.5, -2.5]  # 0.5 b + (1 - 0.5) g: the buffer has a past
