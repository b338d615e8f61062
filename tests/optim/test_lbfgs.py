"""LBFGS step by step: PyTorch's trajectories and counts, states that go on, what is refused."""

import numpy as np
import pytest

import xdl
from tests.functional.namespaces import Torch, Xdl
from tests.optim.closures import LBFGS, STEPS, run, start, steps
from tests.oracle.make_training_fixtures import exact, read
from xdl import backend, io, nn, optim
from xdl.errors import CheckpointError, DtypeError, KindError, SettingError

F = Xdl()


@pytest.mark.parametrize("name", LBFGS)
def test_trajectory_is_that_of_pytorch(name):
    np.testing.assert_allclose(run(F, name), read()[f"LBFGS {name}"], rtol=1e-9, atol=1e-9)


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:Converting a tensor")
@pytest.mark.parametrize("name", LBFGS)
def test_a_state_of_pytorch_goes_on_here(name):
    oracle = Torch()
    with exact(oracle.torch):
        p = start(oracle)
        optimizer = oracle.optim.LBFGS(list(p.values()), **LBFGS[name])
        steps(oracle, optimizer, p, 2)
        own = {key: F.tensor(oracle.host(t), True) for key, t in p.items()}
        state = optimizer.state_dict()
        state["state"] = {0: {key: _host(value) for key, value in state["state"][0].items()}}
        loaded = optim.LBFGS(list(own.values()))
        loaded.load_state_dict(state)
        found, expected = steps(F, loaded, own, 2), steps(oracle, optimizer, p, 2)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def _host(value):
    if isinstance(value, list):
        return [_host(part) for part in value]
    return value.numpy(force=True).copy() if hasattr(value, "numpy") else value


@pytest.mark.parametrize("name", LBFGS)
def test_strict_array_api_agrees(name, strict):
    expected = run(F, name)
    backend.use(strict.name)
    np.testing.assert_allclose(run(F, name), expected, rtol=1e-9, atol=1e-9)


def test_float32_stays_close():
    np.testing.assert_allclose(run(F, "wolfe", "float32"), run(F, "wolfe"), rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", LBFGS)
def test_a_resumed_run_is_equal_bit_for_bit(name, tmp_path):
    p = start(F)
    optimizer = optim.LBFGS(list(p.values()), **LBFGS[name])
    steps(F, optimizer, p, 2)
    io.save_state(tmp_path / "state", optimizer.state_dict())
    again = {key: F.tensor(F.host(t), True) for key, t in p.items()}
    resumed = optim.LBFGS(list(again.values()), lr=9.0)
    resumed.load_state_dict(io.load_state(tmp_path / "state"))
    assert steps(F, resumed, again, STEPS).tobytes() == steps(F, optimizer, p, STEPS).tobytes()


def test_a_module_is_fitted_in_a_few_steps():
    x = xdl.randn(40, 3)
    y = x @ xdl.tensor([[1.0], [-2.0], [0.5]]) + 4
    net = nn.Linear(3, 1)
    optimizer = optim.LBFGS(net.parameters(), line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        return loss

    with xdl.no_grad():
        for _ in range(2):
            optimizer.step(closure)
    assert closure().item() < 1e-9
    assert optimizer.func_evals < 30


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_value_that_is_not_finite_shortens_the_step():
    """log(1 - p) has no value beyond 1: PyTorch's search goes on with nan."""
    p = xdl.tensor([0.0, 0.5], dtype="float64", requires_grad=True)
    optimizer = optim.LBFGS([p], lr=5.0, line_search_fn="strong_wolfe", max_iter=40, max_eval=400)

    def closure():
        optimizer.zero_grad()
        loss = -(1 - p).log().sum() - p.sum() * 3
        loss.backward()
        return loss

    optimizer.step(closure)
    np.testing.assert_allclose(p.detach().numpy(), 2 / 3, atol=1e-6)


def parameter(dtype="float32"):
    return xdl.ones(2, dtype=dtype, requires_grad=True)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"lr": -1.0}, "lr"),
        ({"max_iter": 0}, "max_iter"),
        ({"max_eval": 0}, "max_eval"),
        ({"history_size": 1.5}, "history_size"),
        ({"tolerance_grad": -1e-3}, "tolerance_grad"),
        ({"tolerance_change": -1e-3}, "tolerance_change"),
        ({"line_search_fn": "weak"}, "line_search_fn"),
    ],
)
def test_settings_out_of_range(settings, named):
    with pytest.raises(SettingError, match=named):
        optim.LBFGS([parameter()], **settings)


def test_what_it_does_not_take():
    with pytest.raises(KindError, match="a closure, found NoneType"):
        optim.LBFGS([parameter()]).step()
    with pytest.raises(SettingError, match="one group"):
        optim.LBFGS([{"params": [parameter()]}, {"params": [parameter()]}])
    with pytest.raises(DtypeError, match="one dtype"):
        optim.LBFGS([parameter(), parameter("float64")])


DAMAGES = {
    "func_evals is missing": lambda e: e.pop("func_evals"),
    "prev_loss is missing": lambda e: e.pop("prev_loss"),
    "more is unexpected": lambda e: e.update(more=1),
    "n_iter is -1": lambda e: e.update(n_iter=-1),
    "t is str": lambda e: e.update(t="1"),
    r"d has shape \(3,\)": lambda e: e.update(d=xdl.ones(3, dtype="float64")),
    "old_dirs has dtype float32": lambda e: e["old_dirs"].__setitem__(0, xdl.ones(22)),
    "lists of one length": lambda e: e["ro"].pop(),
    "ro is str": lambda e: e["ro"].__setitem__(0, "x"),
}


@pytest.mark.parametrize("problem", DAMAGES)
def test_a_damaged_state_changes_nothing(problem):
    p = start(F)
    optimizer = optim.LBFGS(list(p.values()))
    steps(F, optimizer, p, 1)
    state = optimizer.state_dict()
    DAMAGES[problem](state["state"][0])
    fresh = optim.LBFGS(list(p.values()), lr=0.5)
    with pytest.raises(CheckpointError, match=problem):
        fresh.load_state_dict(state)
    assert fresh.param_groups[0]["lr"] == 0.5
    assert fresh.state_dict()["state"] == {}


def test_states_of_other_forms_are_refused():
    optimizer = optim.LBFGS([parameter()])
    groups = optimizer.state_dict()["param_groups"]
    for entries in ({1: {}}, [], {0: 3}):
        with pytest.raises(CheckpointError, match=r"parameter 0|no dict"):
            optimizer.load_state_dict({"state": entries, "param_groups": groups})
    p = start(F)
    longer = optim.LBFGS(list(p.values()))
    steps(F, longer, p, 1)
    state = longer.state_dict()
    state["param_groups"][0]["history_size"] = 2
    with pytest.raises(CheckpointError, match="more than history_size 2"):
        optim.LBFGS(list(p.values())).load_state_dict(state)
