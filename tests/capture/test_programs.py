"""A captured step on the host gives bit for bit what the step gives, and leaves all as it does."""

import re
from copy import deepcopy
from threading import Thread

import numpy as np
import pytest

import xdl
from tests.capture.steps import STEPS, inputs, state, supervised, tensors
from tests.cuda_on_host.needs import needs_compiler
from xdl import nn, observe, optim
from xdl.backend import namespaces
from xdl.capture import begin

CALLS = 4


def compared(build, makers, between=None):
    """Runs the captured step and the step itself side by side, with the same random numbers; the captured one."""
    found = []
    for captured in (True, False):
        xdl.manual_seed(3)
        step, parts, optimizers = build()
        example = inputs(makers, 0)
        if captured:
            step = kept = xdl.capture(step, *example)
        else:
            for _ in range(3):
                step(*example)
        outputs = []
        for k in range(CALLS):
            if between is not None:
                between(optimizers)
            outputs.append([y.numpy().copy() for y in tensors(step(*inputs(makers, k + 1)))])
        found.append((outputs, state(parts), xdl.rand(3).tolist(), [o.state_dict() for o in optimizers]))
    (ours, mine, random, states), (theirs, others, expected, wanted) = found
    assert random == expected
    for a, b in zip(ours, theirs, strict=True):
        assert all(x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True))
    for (x, g), (y, h) in zip(mine, others, strict=True):
        assert x.tobytes() == y.tobytes()
        assert (g is None) is (h is None)
        assert g is None or g.tobytes() == h.tobytes()
    for a, b in zip(states, wanted, strict=True):
        assert [s["step"] for s in a["state"].values()] == [s["step"] for s in b["state"].values()]
    return kept


@pytest.mark.parametrize("name", STEPS)
def test_a_captured_step_gives_the_same_bits(name):
    compared(*STEPS[name])


def test_a_learning_rate_that_changes_is_read_at_each_call():
    def slower(optimizers):
        for group in optimizers[0].param_groups:
            group["lr"] *= 0.5

    compared(*STEPS["dropout"], slower)


@needs_compiler
def test_on_another_backend():
    xdl.use("cuda-on-host")
    compared(*STEPS["variational"])


def test_the_program_is_python_that_can_be_read():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    update = optim.SGD(model.parameters(), lr=0.1)

    def step(x):
        update.zero_grad()
        loss = model(x).sum()
        loss.backward()
        update.step()
        return loss

    lines = [line.strip() for line in xdl.capture(step, xdl.ones(4, 2)).source.splitlines()]
    assert lines[0] == "def captured_step(x0):"
    assert lines[1] == "v1, s2 = linear_activation(x0, c1, c2, ('relu',))"
    assert next(line for line in lines if "backward" in line).startswith("(v")
    assert any(line.startswith("SGD_step(v") for line in lines)
    assert lines[-1].startswith("return v")
    assert "del v1" in lines


def test_names_of_functions_and_streams_do_not_meet_those_of_the_program():
    import xdl.random as random

    odd, own = random.stream("v1 = 0; x0"), random.Stream(0, "v1 = 0; x0")

    def captured_step(x):
        return xdl.rand(2, generator=odd) + xdl.rand(2, generator=own) + x.exp() * 0 + (lambda y: y.square())(x)

    captured = xdl.capture(captured_step, xdl.ones(2))
    state, own.step = random.get_state(), 0
    found = captured(xdl.zeros(2)).tolist()
    random.set_state(state)
    own.step = 0
    assert captured_step(xdl.zeros(2)).tolist() == found
    assert "stream('v1 = 0; x0').draw()" in captured.source
    assert "v1___0__x0.draw()" in captured.source
    for name in ("class", "d1", "d2", "d3", "captured_step", "stream"):
        own, twin = random.Stream(5, name), random.Stream(5, name)
        captured = xdl.capture(lambda own=own: xdl.rand(2, generator=own) + xdl.rand(2, generator=odd))
        for _ in range(3):
            xdl.rand(2, generator=twin)
        state = random.get_state()
        found = captured().tolist()
        random.set_state(state)
        assert (xdl.rand(2, generator=twin) + xdl.rand(2, generator=odd)).tolist() == found


def test_what_no_later_line_reads_is_let_go():
    lines = xdl.capture(lambda x: (x.exp(), x.sin())[1], xdl.ones(2)).source.splitlines()
    made = {name for line in lines if " = " in line for name in re.findall(r"[vs][0-9]+", line.split(" = ")[0])}
    ended = {name for line in lines if "del " in line for name in re.findall(r"[vs][0-9]+", line)}
    assert made - ended == set(re.findall(r"[vs][0-9]+", lines[-1]))


def test_numbers_without_an_end_and_slices_with_a_step():
    x = xdl.tensor([1.0, -2.0, 3.0, -4.0])
    for number in (np.inf, -np.inf, np.nan):
        captured = xdl.capture(lambda x, number=float(number): x * number, x)
        np.testing.assert_array_equal(captured(x).numpy(), (x * float(number)).numpy())
    assert xdl.capture(lambda x: x[1::2], x)(x * 2).tolist() == [-4, -8]


def test_a_tensor_that_gets_another_array_has_that_of_each_call():
    written, kept = xdl.zeros(2), xdl.zeros(1).expand(2)

    def step(x):
        written.data, kept.data = x * 2, x[:1].expand(2)  # what is expanded cannot be written into

    captured = xdl.capture(step, xdl.ones(2))
    for k in range(3):
        captured(xdl.ones(2) * k)
        assert (written.tolist(), kept.tolist()) == ([2 * k, 2 * k], [k, k])


def test_the_step_runs_three_times_and_the_example_stays():
    runs, x = [], xdl.ones(2)

    def step(x):
        runs.append(0)
        return x.add_(1)

    captured = xdl.capture(step, x)
    assert (len(runs), x.tolist()) == (3, [1, 1])
    captured(x)
    assert (len(runs), x.tolist()) == (3, [2, 2])


def test_a_step_can_be_captured_while_it_trains():
    step, (model,), _ = supervised(lambda: nn.Linear(20, 10))()
    batches = [inputs(STEPS["SGD"][1], seed) for seed in range(6)]
    before = [p.numpy().copy() for p in model.parameters()]
    losses = [step(*batch).item() for batch in batches]
    after = [p.numpy().copy() for p in model.parameters()]
    step, (model,), _ = supervised(lambda: nn.Linear(20, 10))()
    for p, values in zip(model.parameters(), before, strict=True):
        p.data = xdl.tensor(values)
    captured = begin(step, *batches[0])
    assert [captured(*batch).item() for batch in batches] == losses
    assert all((p.numpy() == values).all() for p, values in zip(model.parameters(), after, strict=True))
    assert "backward" in captured.source


def test_inputs_that_lie_otherwise_in_memory_and_one_that_comes_twice():
    x = xdl.tensor(np.arange(6.0).reshape(2, 3))
    captured = xdl.capture(lambda a, b: a @ b.mT, x, x)
    assert captured(x.mT.clone().mT, x).tolist() == (x @ x.mT).tolist()
    captured = begin(lambda a, b: a - b, x, x)
    for _ in range(3):
        captured(x, x)
    assert captured(x, x + 1).tolist() == [[-1] * 3] * 2


def test_outputs_are_new_tensors_outside_the_tape():
    w = xdl.ones(2, requires_grad=True)
    captured = xdl.capture(lambda x: x * w, xdl.ones(2))
    first, second = captured(xdl.ones(2)), captured(xdl.ones(2) * 3)
    assert (first.tolist(), second.tolist(), first.requires_grad) == ([1, 1], [3, 3], False)
    assert xdl.capture(lambda: None)() is None
    named = xdl.capture(lambda x: x.max(1), xdl.ones(2, 2))(xdl.eye(2))
    assert (type(named), named.indices.tolist()) == (type(xdl.ones(2, 2).max(1)), [0, 1])


def test_a_copy_of_a_tensor_is_one():
    captured = xdl.capture(lambda x: (deepcopy(x).add_(1), x), xdl.ones(2))
    assert [y.tolist() for y in captured(xdl.zeros(2))] == [[1, 1], [0, 0]]


def test_a_function_of_the_namespace_may_get_all_arguments_by_name():
    captured = xdl.capture(lambda x: x + xdl.Tensor(namespaces[type(x.array)].ones(shape=(2,))), xdl.ones(2))
    assert captured(xdl.ones(2) * 4).tolist() == [5, 5]
    captured = xdl.capture(lambda x: xdl.Tensor(namespaces[type(x.array)].clip(x.array, max=x.array[:1])), xdl.ones(2))
    assert captured(xdl.tensor([2.0, 3.0])).tolist() == [2, 2]


def test_of_an_array_that_is_made_anew_the_shape_may_be_read():
    w = xdl.ones(2)
    captured = xdl.capture(lambda x: x * (xdl.Tensor(np.ones(3, "float32")).shape[0] + len(w)), xdl.ones(2))
    w.data = xdl.ones(2, dtype="float64")
    assert captured(xdl.ones(2)).tolist() == [5, 5]


def test_values_of_the_step_are_the_same_at_each_call_though_it_writes_into_them():
    captured = xdl.capture(lambda x: xdl.tensor([1.0, 2.0]).add_(x), xdl.ones(2))
    assert [captured(xdl.ones(2) * k).tolist() for k in (1, 2)] == [[2, 3], [3, 4]]


def test_what_else_computes_meanwhile_is_not_recorded():
    found = []

    def elsewhere():
        found.append((xdl.ones(3) * xdl.tensor([1.0, 2.0, 3.0])).tolist())

    def step(x):
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()
        return x * 2

    captured = xdl.capture(step, xdl.ones(2))
    assert found == [[1, 2, 3]] * 3
    assert len([line for line in captured.source.splitlines() if " = " in line]) == 1


def test_afterwards_tensors_and_backends_are_as_before():
    array, xp = xdl.Tensor.array, namespaces[np.ndarray]
    step, (model,), _ = supervised(lambda: nn.Linear(20, 10))()
    before = [p.array for p in model.parameters()]
    xdl.capture(step, *inputs(STEPS["SGD"][1], 0))
    assert xdl.Tensor.array is array
    assert namespaces[np.ndarray] is xp
    assert xdl.backend.current().name == "numpy"
    assert observe.launches is None
    assert all(type(p.array) is type(p.grad.array) is np.ndarray for p in model.parameters())
    step(*inputs(STEPS["SGD"][1], 1))
    assert len(before) == 2
