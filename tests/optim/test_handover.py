"""What PyTorch's schedules saved goes on here; named parameters, and collections without order."""

import json
from inspect import signature
from weakref import WeakSet

import numpy as np
import pytest

import xdl
from tests.functional.namespaces import Torch, Xdl
from tests.optim.handover import FIRSTS, begun, gone_on, read
from tests.optim.schedules import SCHEDULES, schedules_of
from xdl import nn, optim
from xdl.errors import CheckpointError, GraphError, KindError, SettingError
from xdl.nn import utils

F = Xdl()


@pytest.mark.parametrize("name", FIRSTS)
def test_a_schedule_goes_on_from_what_pytorch_saved(name):
    state = read()[name]
    np.testing.assert_allclose(gone_on(F, FIRSTS[name], state), state["rest"], rtol=1e-12)


def test_every_schedule_has_a_saved_state():
    kept = {name for name in vars(optim.lr_scheduler) if name.endswith(("LR", "Restarts", "Plateau", "Scheduler"))}
    assert kept - {"LRScheduler"} | {"SWALR"} == set(FIRSTS) == set(read())


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", SCHEDULES, ids=lambda case: case.id)
def test_every_schedule_goes_on_beside_pytorch(case):
    state = begun(Torch(), case)
    np.testing.assert_allclose(gone_on(F, case, state), state["rest"], rtol=1e-12)
    assert FIRSTS[case.id.partition(" ")[0]] is not case or read()[case.id.partition(" ")[0]] == state


class Falling:
    """A rate by an object, whose attributes PyTorch keeps."""

    def __init__(self, by):
        self.by = by

    def __call__(self, e):
        return self.by**e


def made(name, by):
    """A schedule with an object of this kind."""
    optimizer = optim.SGD([xdl.zeros(1, requires_grad=True)], lr=0.5, momentum=0.9)
    if name == "CyclicLR":
        return optim.lr_scheduler.CyclicLR(optimizer, 0.1, 0.2, 2, scale_fn=Falling(by))
    return getattr(optim.lr_scheduler, name)(optimizer, Falling(by))


@pytest.mark.parametrize(
    ("name", "key"),
    [("LambdaLR", "lr_lambdas"), ("MultiplicativeLR", "lr_lambdas"), ("CyclicLR", "_scale_fn_custom")],
)
def test_objects_that_are_called_get_what_pytorch_kept_of_them(name, key):
    one, other = made(name, 0.5), made(name, 0.9)
    kept = {"by": 0.9}
    one.load_state_dict({**other.state_dict(), key: [kept] if key == "lr_lambdas" else kept})
    for _ in range(3):
        one.step()
        other.step()
        assert one.get_last_lr() == other.get_last_lr()


def test_a_broken_state_of_pytorch_changes_nothing():
    case = FIRSTS["OneCycleLR"]
    state = read()["OneCycleLR"]
    del state["schedule"]["last_epoch"]
    with pytest.raises(CheckpointError, match="last_epoch is missing"):
        gone_on(F, case, state)


def a_net():
    return nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))


NAMES = ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_named_parameters_are_in_the_state():
    net = a_net()
    optimizer = optim.Adam(net.named_parameters(), lr=0.1)
    assert optimizer.param_groups[0]["params"] == [*net.parameters()]
    net(xdl.ones(4, 2)).sum().backward()
    optimizer.step()
    state = optimizer.state_dict()
    assert state["param_groups"][0]["param_names"] == NAMES
    json.dumps(state["param_groups"])
    plain = optim.Adam(net.parameters(), lr=0.5)
    plain.load_state_dict(state)
    assert plain.param_groups[0]["lr"] == 0.1
    assert plain.state_dict()["param_groups"][0]["param_names"] == NAMES
    without = optim.Adam(net.parameters(), lr=0.5).state_dict()
    optimizer.load_state_dict(without)
    assert optimizer.state_dict()["param_groups"][0] == {**without["param_groups"][0], "param_names": NAMES}
    state["param_groups"][0]["param_names"] = ["one"]
    with pytest.raises(CheckpointError, match="param_names that are not one for each"):
        plain.load_state_dict(state)


def test_groups_of_named_parameters():
    net = a_net()
    groups = [{"params": part.named_parameters(prefix), "lr": lr} for prefix, part, lr in
              (("first", net[0], 0.1), ("last", net[1], 0.2))]  # fmt: skip
    optimizer = optim.SGD(groups)
    assert [group["param_names"] for group in optimizer.param_groups] == [
        ["first.weight", "first.bias"],
        ["last.weight", "last.bias"],
    ]
    more = xdl.zeros(1, requires_grad=True)
    with pytest.raises(SettingError, match="all groups, or of none"):
        optimizer.add_param_group({"params": [more]})
    with pytest.raises(SettingError, match="1 of 2"):
        optim.SGD([("a", more), xdl.zeros(1, requires_grad=True)])


@pytest.mark.torch
def test_named_parameters_are_those_of_pytorch():
    import torch

    theirs, ours = torch.nn.Linear(2, 3), nn.Linear(2, 3)
    states = []
    for F, net in ((torch, theirs), (xdl, ours)):
        optimizer = F.optim.SGD(net.named_parameters(), lr=0.1, momentum=0.9)
        net(F.ones(4, 2)).sum().backward()
        optimizer.step()
        states.append(optimizer.state_dict())
    given, own = states
    assert own["param_groups"][0]["param_names"] == given["param_groups"][0]["param_names"]
    buffers = {i: {"momentum_buffer": s["momentum_buffer"].numpy()} for i, s in given["state"].items()}
    loaded = optim.SGD(ours.parameters(), lr=0.2)
    loaded.load_state_dict({**given, "state": buffers})
    assert loaded.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]


UNORDERED = {
    "optimizer": lambda p: optim.SGD(p),
    "group": lambda p: optim.SGD([{"params": p}]),
    "add_param_group": lambda p: optim.SGD([xdl.zeros(1, requires_grad=True)]).add_param_group({"params": p}),
    "clip_grad_norm_": lambda p: utils.clip_grad_norm_(p, 1.0),
    "clip_grad_value_": lambda p: utils.clip_grad_value_(p, 1.0),
    "clip_grads_with_norm_": lambda p: utils.clip_grads_with_norm_(p, 1.0, xdl.ones()),
    "get_total_norm": lambda p: utils.get_total_norm(p),
    "parameters_to_vector": lambda p: utils.parameters_to_vector(p),
    "vector_to_parameters": lambda p: utils.vector_to_parameters(xdl.ones(2), p),
    "l1_penalty": lambda p: utils.l1_penalty(p),
    "l2_penalty": lambda p: utils.l2_penalty(p),
    "ModuleList": lambda p: nn.ModuleList(p),
    "ParameterList": lambda p: nn.ParameterList(p),
    "ParameterDict": lambda p: nn.ParameterDict(p),
}


@pytest.mark.parametrize("kind", [set, frozenset, WeakSet])
@pytest.mark.parametrize("name", UNORDERED)
def test_sets_of_parameters_are_refused(name, kind):
    p = [xdl.zeros(1, requires_grad=True) for _ in range(2)]
    with pytest.raises(KindError, match="order") as error:
        UNORDERED[name](kind(p))
    assert isinstance(error.value, TypeError)


def test_what_is_no_tensor_is_refused():
    p = xdl.zeros(1, requires_grad=True)
    for params in ([p, 3], ["weight"], [None], 3, [{"lr": 0.1}], [{"params": [p]}, p]):
        with pytest.raises(KindError):
            optim.SGD(params)
    with pytest.raises(GraphError, match="detach"):
        optim.SGD([p * 2])
    optim.SGD({"weight": p}.values())
    optim.SGD(q for q in [p])


@pytest.mark.torch
def test_schedules_have_pytorchs_arguments():
    import torch

    ours, theirs = schedules_of(xdl), schedules_of(torch)
    for name in FIRSTS:
        found, expected = (signature(getattr(S, name).__init__).parameters for S in (ours, theirs))
        assert list(found) == list(expected), name
        assert [p.default for p in found.values()] == [p.default for p in expected.values()], name
    for F in (xdl, torch):
        with pytest.raises(TypeError, match="verbose"):
            schedules_of(F).StepLR(F.optim.SGD([F.ones(1, requires_grad=True)], lr=0.1), 3, verbose=True)
