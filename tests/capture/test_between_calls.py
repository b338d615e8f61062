"""What happens between the calls of a captured step: writes, parameters that change, other settings and layouts."""

import numpy as np
import pytest

import xdl
from xdl import nn, optim
from xdl.capture import begin
from xdl.errors import BackendError, GraphError

X = xdl.ones(4, 3)


def training(make=optim.SGD):
    layer = nn.Linear(3, 2)
    update = make(layer.parameters(), lr=0.1)

    def step(x):
        update.zero_grad()
        loss = layer(x).square().mean()
        loss.backward()
        update.step()
        return loss

    return layer, update, step


def by_hand():
    w = xdl.ones(3, requires_grad=True)

    def step(x):
        with xdl.no_grad():
            w.sub_(0.1 * x[0])

    return w, step


def statistics():
    norm = nn.BatchNorm1d(3)
    return norm.running_var, lambda x: norm(x)


def viewed():
    w = xdl.ones(3)

    def step(x):
        w[1:].mul_(0.5)
        return x * w

    return w, step


@pytest.mark.parametrize("make", [by_hand, statistics, viewed])
def test_a_graph_that_read_what_a_call_writes_over_is_refused(make):
    written, step = make()
    captured = xdl.capture(step, X)
    for call in (captured, step):
        other = xdl.ones(3, requires_grad=True)
        y = (written * other).sum()
        call(X)
        with pytest.raises(GraphError, match="written in place since"):
            y.backward()


def test_an_input_that_the_step_writes_into_is_written_however_it_lies_in_memory():
    captured = xdl.capture(lambda x: x.add_(1.0), X)
    assert X.tolist() == xdl.ones(4, 3).tolist()
    for x in (xdl.zeros(4, 3), xdl.zeros(3, 4).T, xdl.zeros(8, 3)[::2]):
        other = xdl.ones(4, 3, requires_grad=True)
        y = (x * other).sum()
        captured(x)
        assert x.tolist() == X.tolist()
        with pytest.raises(GraphError):
            y.backward()
    captured, other = begin(lambda x: x * 2, x), xdl.ones(4, 3, requires_grad=True)
    for _ in range(4):
        y = (x * other).sum()
        captured(x)
        y.backward()  # the step has only read


@pytest.mark.parametrize("turn", range(4))
def test_batches_that_lie_otherwise_in_memory_are_captured_while_a_training_runs(turn):
    _, _, step = training()
    places = [xdl.ones(4, 3), xdl.ones(3, 4).T, xdl.ones(8, 3)[::2], xdl.ones(3, 4).T]
    places = places[turn:] + places[:turn]
    captured, rectified = begin(step, X), begin(nn.functional.relu, X)
    losses = [captured(x).item() for x in places + places]
    assert captured.source
    assert all(rectified(x).tolist() == X.tolist() for x in places + places)
    assert losses == sorted(losses, reverse=True)
    adding, found = begin(lambda x: x.add_(1.0).sum(), X), []
    for x in places:
        adding(x)
        found.append(x.tolist())
    assert found == [xdl.full((4, 3), 2.0).tolist()] * 4


def test_an_input_may_want_a_gradient():
    captured = xdl.capture(lambda x: xdl.grad((x * x).sum(), [x])[0], xdl.ones(3, requires_grad=True))
    assert captured(xdl.full((3,), 4.0, requires_grad=True)).tolist() == [8, 8, 8]
    recorded = [xdl.ones(3, requires_grad=True) for _ in range(3)]
    captured = begin(lambda x: (x * x).sum().backward(), recorded[0])
    for x in recorded:
        captured(x)
        x.grad = None
    captured(xdl.ones(3, requires_grad=True))
    assert [x.grad for x in recorded] == [None] * 3


CHANGES = {
    "another dtype and back": (lambda layer, _: layer.double().float(), "another array in a tensor of shape"),
    "frozen": (
        lambda layer, _: layer.weight.requires_grad_(False),
        "requires_grad=False of a tensor of shape",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_parameter_that_is_not_as_it_was_is_refused(what):
    change, found = CHANGES[what]
    layer, update, step = training()
    captured = xdl.capture(step, X)
    assert captured.changed() == ""
    change(layer, update)
    before = layer.weight.numpy().copy()
    with pytest.raises(BackendError, match=f"as it was captured with, found {found}"):
        captured(X)
    assert layer.weight.numpy().tolist() == before.tolist()


def test_values_that_are_loaded_are_seen():
    layer, update, step = training(optim.Adam)
    captured = xdl.capture(step, X)
    other, theirs, step_of_other = training(optim.Adam)
    step_of_other(X)
    layer.load_state_dict(other.state_dict())
    update.load_state_dict(theirs.state_dict())
    captured(X)
    step_of_other(X)
    assert layer.weight.numpy().tobytes() == other.weight.numpy().tobytes()


def first(schedule, update):
    schedule.step()
    update.step()


def last(schedule, update):
    update.step()
    schedule.step()


@pytest.mark.parametrize("order", [first, last])
def test_a_schedule_within_the_step_is_refused(order):
    layer, update, _ = training()
    schedule = optim.lr_scheduler.ExponentialLR(update, 0.5)

    def step(x):
        update.zero_grad()
        layer(x).square().mean().backward()
        order(schedule, update)

    with pytest.raises(BackendError, match=r"SGD: expected a captured step that leaves lr as it is, found 0\.0"):
        xdl.capture(step, X)


def test_a_pair_of_settings_within_the_step_is_one():
    layer, update, _ = training(optim.Adam)

    def step(x):
        update.zero_grad()
        layer(x).square().mean().backward()
        update.step()
        group = update.param_groups[0]
        group["betas"] = group["betas"][0] / 2, group["betas"][1]

    with pytest.raises(BackendError, match="Adam: expected a captured step that leaves betas as it is"):
        xdl.capture(step, X)


def test_gradients_that_are_set_to_zero_and_weights_that_are_averaged():
    found = []
    for captured in (True, False):
        xdl.manual_seed(2)
        layer, update, _ = training(optim.Adam)
        average = optim.swa_utils.AveragedModel(layer)

        def step(x, layer=layer, update=update, average=average):
            update.zero_grad(set_to_none=False)
            layer(x).square().sum().backward()
            update.step()
            with xdl.no_grad():
                for mean, p in zip(average.module.parameters(), layer.parameters(), strict=True):
                    raw = mean.array
                    raw *= 0.5
                    raw += 0.5 * p.array

        run = xdl.capture(step, X) if captured else step
        for _ in range(4 if captured else 7):
            run(X)
        tensors = [*layer.parameters(), *average.module.parameters(), layer.weight.grad]
        found.append([t.numpy().tobytes() for t in tensors])
    assert found[0] == found[1]


def test_an_optimizer_goes_on_from_what_the_step_has_written():
    found = []
    for captured in (True, False):
        xdl.manual_seed(2)
        layer, update, _ = training(optim.Adam)

        def step(x, layer=layer, update=update):
            update.zero_grad()
            layer(x).square().sum().backward()
            layer.weight.data *= 0.5
            update.step()

        run = xdl.capture(step, X) if captured else step
        for _ in range(4 if captured else 7):
            run(X)
        found.append([p.numpy().tobytes() for p in layer.parameters()])
    assert found[0] == found[1]


def test_numbers_of_float64_are_no_values_that_the_host_reads():
    def step(x):
        total = x.sum()
        total = total + total.exp()
        kept, total = total, total * 2
        return kept, total, (x - total).square().mean().sqrt()

    x = xdl.tensor(np.linspace(0, 1, 12).reshape(4, 3))
    captured = xdl.capture(step, x)
    assert [y.item() for y in captured(x * 2)] == [y.item() for y in step(x * 2)]


def test_numbers_in_place_are_new_numbers():
    def step(x):
        a = x.array[0, 0] + 1.0
        b = a
        a += 1.0
        return xdl.Tensor(x.array * 0 + a), xdl.Tensor(x.array * 0 + b)

    captured = xdl.capture(step, X)
    assert [y.numpy().mean() for y in captured(X)] == [y.numpy().mean() for y in step(X)]
