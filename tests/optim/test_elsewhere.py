"""Optimizers as PyTorch users call them: the same arguments, and states that go on in the other library."""

import inspect

import numpy as np
import pytest

import xdl
from tests.functional.namespaces import Torch, Xdl
from tests.optim.runs import RUNS, STEPS, advance, parameters
from tests.oracle.make_training_fixtures import exact
from xdl import optim
from xdl.errors import CheckpointError, SettingError, ShapeError
from xdl.optim.elsewhere import ELSEWHERE, FREE, OFF

F = Xdl()
NAMES = [name for name in optim.__all__ if name[0].isupper() and name != "Optimizer"]
FIRST = {run.make(F.optim, parameters(F)).__class__.__name__: run for run in reversed(RUNS)}
STOP = 7
BY_STEPS = [name for name in NAMES if name != "LBFGS"]  # whose steps evaluate a closure: tests/optim/test_lbfgs.py


def taken(name):
    """What an optimizer takes of the settings that tell how PyTorch computes."""
    return ELSEWHERE & inspect.signature(getattr(optim, name)).parameters.keys()


def matrix():
    return xdl.ones(2, 3, requires_grad=True)


@pytest.mark.parametrize("name", NAMES)
def test_how_pytorch_computes_changes_nothing(name):
    plain = getattr(optim, name)([matrix()])
    for setting in taken(name):
        for value in (None, False, True) if setting in FREE else (False,):
            given = getattr(optim, name)([matrix()], **{setting: value})
            assert given.defaults == plain.defaults
    (group,) = getattr(optim, name)([{"params": [matrix()], "foreach": True, "capturable": False}]).param_groups
    assert not ELSEWHERE & group.keys()


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_done_is_refused(name):
    for setting in taken(name) & set(OFF):
        with pytest.raises(SettingError, match=f"{name}: expected {setting}=False"):
            getattr(optim, name)([matrix()], **{setting: True})
    with pytest.raises(SettingError, match="capturable=False"):
        getattr(optim, name)([{"params": [matrix()], "capturable": True}])
    with pytest.raises(SettingError, match="foreach: None"):
        getattr(optim, name)([{"params": [matrix()], "foreach": 3}])
    with pytest.raises(SettingError, match=r"lr: a number"):
        getattr(optim, name)([matrix()], lr=xdl.tensor(0.1))


@pytest.mark.torch
@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_those_of_pytorch(name):
    ours, theirs = (
        [(p.name, p.kind, p.default) for p in inspect.signature(getattr(module, name)).parameters.values()]
        for module in (optim, Torch().optim)
    )
    assert ours == theirs


def converted(state, tensor):
    """A state whose tensors are another library's."""
    entries = {
        number: {name: tensor(value) for name, value in values.items()} for number, values in state["state"].items()
    }
    return {"state": entries, "param_groups": state["param_groups"]}


def begun(G, run):
    """A run after some steps: its optimizer, and its parameters by name."""
    p = parameters(G)
    optimizer = run.make(G.optim, p)
    list(advance(G, optimizer, p, range(STOP)))
    return optimizer, p


@pytest.mark.torch
@pytest.mark.parametrize("name", BY_STEPS)
@pytest.mark.parametrize("to_torch", [False, True])
def test_a_training_goes_on_in_the_other_library(name, to_torch):
    oracle, run = Torch(), FIRST[name]
    with exact(oracle.torch):
        G, H = (F, oracle) if to_torch else (oracle, F)
        optimizer, p = begun(G, run)
        q = {key: H.tensor(G.host(t), True) for key, t in p.items()}
        other = run.make(H.optim, q)
        if to_torch:
            state = converted(optimizer.state_dict(), lambda v: H.tensor(F.host(v), False) if hasattr(v, "node") else v)
        else:
            state = converted(optimizer.state_dict(), lambda v: v.numpy())
        other.load_state_dict(state)
        rest = range(STOP, STEPS)
        expected = np.stack(list(advance(G, optimizer, p, rest)))
        np.testing.assert_allclose(np.stack(list(advance(H, other, q, rest))), expected, rtol=0, atol=1e-10)


def test_muon_is_for_matrices():
    optimizer = optim.Muon([matrix()])
    with pytest.raises(ShapeError, match="two dimensions"):
        optimizer.add_param_group({"params": [xdl.ones(3, requires_grad=True)]})
    assert len(optimizer.param_groups) == 1
    with pytest.raises(SettingError, match="adjust_lr_fn"):
        optim.Muon([matrix()], adjust_lr_fn="other")


def test_muon_makes_matrices_nearly_orthogonal():
    w = xdl.tensor(np.random.RandomState(0).standard_normal((3, 50)), requires_grad=True)
    w.grad = w.detach() * 1
    before = w.numpy().copy()
    optim.Muon([w], lr=1.0, weight_decay=0.0).step()
    singular = np.linalg.svd(before - w.numpy(), compute_uv=False)
    assert (abs(singular - 1) < 0.35).all()


def test_adafactor_keeps_rows_and_columns_alone():
    w = xdl.ones(2, 4, 5, requires_grad=True)
    w.grad = xdl.ones(2, 4, 5)
    optimizer = optim.Adafactor([w])
    optimizer.step()
    state = optimizer.state_dict()
    assert {name: v.shape for name, v in state["state"][0].items() if name != "step"} == {
        "row_var": (2, 4, 1),
        "col_var": (2, 1, 5),
    }
    state["state"][0]["row_var"] = xdl.ones(2, 4, 5)
    with pytest.raises(CheckpointError, match=r"row_var of parameter 0 has shape \(2, 4, 5\) in place of \(2, 4, 1\)"):
        optimizer.load_state_dict(state)
    del state["state"][0]["row_var"]
    state["state"][0]["variance"] = xdl.ones(2, 4, 5)
    with pytest.raises(CheckpointError, match="row_var of parameter 0 is missing; variance of parameter 0 is unexp"):
        optimizer.load_state_dict(state)
    with pytest.raises(SettingError, match="eps"):
        optim.Adafactor([w], eps=(-1.0, 0.1))
