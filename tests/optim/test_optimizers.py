"""Optimizers step by step: PyTorch's trajectories, groups, missing gradients, saved states, one update for all."""

import numpy as np
import pytest

import xdl
from tests.functional.namespaces import Torch, Xdl
from tests.optim.runs import RUNS, STEPS, advance, parameters, trajectory
from tests.oracle.make_training_fixtures import KEPT, exact, read, unrounded
from xdl import backend, kernel
from xdl.errors import CheckpointError, DtypeError

F = Xdl()
by_id = pytest.mark.parametrize("run", RUNS, ids=lambda run: run.id)


@by_id
def test_trajectory_is_that_of_pytorch(run):
    np.testing.assert_allclose(trajectory(F, run)[KEPT], read()[f"optimizer {run.id}"], rtol=0, atol=1e-10)


@pytest.mark.torch
@by_id
def test_trajectory_beside_pytorch(run):
    oracle = Torch()
    with exact(oracle.torch):
        np.testing.assert_allclose(trajectory(F, run), trajectory(oracle, run), rtol=0, atol=1e-10)
    with unrounded(oracle.torch):
        expected = trajectory(oracle, run, "float32")
    np.testing.assert_allclose(trajectory(F, run, "float32"), expected, rtol=0, atol=2e-5)


@by_id
def test_float32_stays_close(run):
    np.testing.assert_allclose(trajectory(F, run, "float32"), trajectory(F, run), rtol=0, atol=2e-5)


@by_id
def test_reference_updates_agree(run):
    expected = trajectory(F, run)
    kernel.set_mode("reference")
    np.testing.assert_allclose(trajectory(F, run), expected, rtol=0, atol=1e-12)


@by_id
def test_strict_array_api_without_looking_at_values(run, strict, no_synchronization):
    expected = trajectory(F, run)
    backend.use(strict.name)
    p = parameters(F)
    optimizer = run.make(F.optim, p)
    steps = advance(F, optimizer, p, range(STEPS))
    step = optimizer.step
    optimizer.step = lambda: within(no_synchronization, step)
    np.testing.assert_allclose(np.stack(list(steps)), expected, rtol=0, atol=1e-12)


def within(manager, function):
    with manager():
        function()


@by_id
def test_state_dict_has_the_entries_of_pytorch(run):
    p = parameters(F)
    optimizer = run.make(F.optim, p)
    list(advance(F, optimizer, p, range(1)))
    state = optimizer.state_dict()
    order = [id(t) for group in optimizer.param_groups for t in group["params"]]
    late = order.index(id(p["late"]))
    names = ENTRIES[type(optimizer).__name__]
    assert late not in state["state"]
    for number, values in state["state"].items():
        assert set(values) <= names
        for name in [name for name, v in values.items() if isinstance(v, xdl.Tensor)]:
            assert values[name].shape == optimizer.buffer_shape(name, p_shape(optimizer, number))
    assert [number for group in state["param_groups"] for number in group["params"]] == list(range(len(order)))


MOMENTS = {"step", "exp_avg", "exp_avg_sq"}
ENTRIES = {
    "SGD": {"step", "momentum_buffer"},
    "Adagrad": {"step", "sum"},
    "Adadelta": {"step", "square_avg", "acc_delta"},
    "RMSprop": {"step", "square_avg", "grad_avg", "momentum_buffer"},
    "Adam": {*MOMENTS, "max_exp_avg_sq"},
    "AdamW": {*MOMENTS, "max_exp_avg_sq"},
    "Adamax": {"step", "exp_avg", "exp_inf"},
    "NAdam": {*MOMENTS, "mu_product"},
    "RAdam": MOMENTS,
    "Rprop": {"step", "prev", "step_size"},
    "ASGD": {"step", "eta", "mu", "ax"},
    "Adafactor": {"step", "row_var", "col_var", "variance"},
    "Muon": {"step", "momentum_buffer"},
}


def p_shape(optimizer, number):
    return [t for group in optimizer.param_groups for t in group["params"]][number].shape


def test_a_state_of_other_shapes_is_refused_and_changes_nothing():
    p, q = [xdl.ones(3, requires_grad=True)], [xdl.ones(4, requires_grad=True)]
    first, second = xdl.optim.Adam(p, lr=0.5), xdl.optim.Adam(q, lr=0.1)
    p[0].sum().backward()
    first.step()
    with pytest.raises(CheckpointError, match=r"exp_avg of parameter 0 has shape \(3,\)"):
        second.load_state_dict(first.state_dict())
    assert second.param_groups[0]["lr"] == 0.1
    with pytest.raises(CheckpointError, match="groups"):
        xdl.optim.Adam([{"params": p}, {"params": q}]).load_state_dict(first.state_dict())


def test_two_optimizers_over_one_parameter():
    w = xdl.tensor(np.array([1.0, 2.0]), requires_grad=True)
    first, second = xdl.optim.SGD([w], lr=0.1), xdl.optim.SGD([w], lr=1.0)
    for _ in range(2):
        for optimizer in (first, second):
            optimizer.zero_grad()
            (w * w).sum().backward()
            optimizer.step()
    np.testing.assert_allclose(w.numpy(), np.array([1.0, 2.0]) * (0.8 * -1.0) ** 2)


def test_a_parameter_written_between_steps_keeps_its_value():
    w = xdl.tensor(np.array([1.0, 2.0]), requires_grad=True)
    optimizer = xdl.optim.SGD([w], lr=1.0)
    with xdl.no_grad():
        w[...] = 10.0
    w.sum().backward()
    optimizer.step()
    assert w.tolist() == [9.0, 9.0]


def test_a_step_after_the_forward_is_noticed():
    w = xdl.tensor(np.array([1.0, 2.0]), requires_grad=True)
    optimizer = xdl.optim.SGD([w], lr=1.0)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(xdl.errors.GraphError, match="written in place"):
        loss.backward()


def test_large_and_small_parameters_of_two_dtypes():
    """Large gradients are read in place, small ones gathered; both dtypes have their own buffer."""
    shapes = [(3,), (200, 200), (2, 2), (), (40_000,)]
    p = [xdl.tensor(np.full(s, 1.0, d), requires_grad=True) for s in shapes for d in ("float32", "float64")]
    optimizer = xdl.optim.SGD(p, lr=0.5)
    for i, t in enumerate(p):
        t.grad = xdl.tensor(np.full(t.shape, float(i), t.dtype))
    optimizer.step()
    for i, t in enumerate(p):
        np.testing.assert_array_equal(t.numpy(), np.full(t.shape, 1.0 - 0.5 * i, t.dtype))


def test_updates_keep_the_identity_of_arrays():
    w = xdl.tensor(np.ones(3), requires_grad=True)
    optimizer = xdl.optim.Adam([w])
    home = w.array
    for _ in range(3):
        w.grad = xdl.tensor(np.ones(3))
        optimizer.step()
    assert w.array is home


def test_neighbours_are_one_update_however_large():
    p = [xdl.tensor(np.zeros(n), requires_grad=True) for n in (3, 50_000, 4, 5, 40_000, 6)]
    optimizer = xdl.optim.SGD(p, lr=1.0)
    calls = []
    optimizer.update = lambda _flat, run, _group: calls.append(run)
    for t in p[:5]:
        t.grad = xdl.tensor(np.full(t.shape, float(len(t))))
    optimizer.step()
    (run,) = calls
    assert (run.low, run.high) == (0, 90_024)
    assert [len(g) for g in run.grads] == [8, 50_000, 16, 40_000]
    values, lengths = [3, 1, 50_000, 4, 1, 5, 1, 40_000], [3, 5, 50_000, 4, 4, 5, 3, 40_000]
    np.testing.assert_array_equal(np.concatenate(run.grads), np.repeat(values, lengths))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_and_their_states_begin_at_multiples_of_64_bytes(dtype):
    p = [xdl.zeros(n, dtype=dtype, requires_grad=True) for n in (3, 50_000, 1, 7)]
    optimizer = xdl.optim.Adam(p, amsgrad=True)
    for t in p:
        t.grad = xdl.ones(t.shape, dtype=dtype)
    optimizer.step()
    state = optimizer.state_dict()["state"]
    for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"):
        assert [state[i][name].shape for i in range(4)] == [t.shape for t in p]
    ((flat,),) = optimizer._flats
    assert [start * p[0].dtype.itemsize % 64 for start in flat.starts] == [0] * 4
    for i, t in enumerate(p):
        assert t.array.ctypes.data - flat.array.ctypes.data == flat.starts[i] * p[0].dtype.itemsize


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["Adam", "AdamW", "Adagrad", "Adadelta", "RMSprop", "Adamax", "NAdam", "RAdam"])
def test_the_gaps_between_parameters_divide_nothing_by_zero(name):
    p = [xdl.ones(n, requires_grad=True) for n in (3, 5)]
    optimizer = getattr(xdl.optim, name)(p, lr=0.1, eps=0.0)
    for _ in range(7):
        for t in p:
            t.grad = xdl.ones(t.shape)
        optimizer.step()
    assert all(t.isfinite().all() for t in p)


def test_a_parameter_of_another_dtype_is_refused():
    w = xdl.tensor(np.ones(3, np.float32), requires_grad=True)
    optimizer = xdl.optim.SGD([w], lr=1.0)
    w.array = w.array.astype(np.float64)
    w.grad = xdl.tensor(np.ones(3))
    with pytest.raises(DtypeError, match=r"float32, as when it was made, found float64.*Make the optimizer after"):
        optimizer.step()
    assert w.tolist() == [1, 1, 1]
    assert w.dtype == "float64"


def test_it_prints_the_settings_of_its_groups():
    first, second = xdl.zeros(2, requires_grad=True), xdl.zeros(3, requires_grad=True)
    groups = [{"params": [first]}, {"params": [second], "lr": 0.5}]
    lines = repr(xdl.optim.SGD(groups, lr=0.1, momentum=0.9)).splitlines()
    assert (lines[0], lines[-1]) == ("SGD (", ")")
    assert [line for line in lines if "Group" in line or " lr:" in line] == [
        "Parameter Group 0",
        "    lr: 0.1",
        "Parameter Group 1",
        "    lr: 0.5",
    ]
    assert "    momentum: 0.9" in lines
    assert not any("params" in line for line in lines)
