"""xdl.capture: the graph holds what the step launches, a call is one launch, and other inputs are refused."""

from threading import Thread

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.gpu.steps import Counter, counting, training
from tests.stand_in_cupy import counted
from tests.stand_in_cupy.capturing import listed
from xdl import observe
from xdl.errors import BackendError, DeviceMemoryError, DtypeError, ShapeError

pytestmark = needs_compiler


@pytest.fixture(autouse=True)
def on_cupy(stand_in):
    xdl.use("cupy")


@pytest.mark.parametrize("settings", [{"lr": 0.1}, {"lr": 0.1, "momentum": 0.9}])
def test_the_graph_holds_what_an_uncaptured_step_launches(settings):
    step, _, example = training(**settings)
    captured = xdl.capture(step, *example)
    with listed() as uncaptured:
        step(*example)
    nodes = captured._graph._graph.nodes
    assert nodes == uncaptured
    assert {"batch_norm_statistics", "batch_norm_input_gradient", "sgd_step"} <= {what for _, what in nodes}


def test_a_call_copies_the_inputs_and_is_one_launch():
    step, _, example = training()
    captured = xdl.capture(step, *example)
    new = [xdl.randn(4, 8) for _ in example]
    with counted() as costs:
        loss = captured(*new)
    assert costs.launches.by_name() == {"graph": 1}
    assert (costs.copies.by_name(), costs.waits) == ({"device to device": 2}, {})
    assert [own.tolist() for own in captured._inputs] == [x.tolist() for x in new]
    assert loss is captured(*new)
    assert loss.node is None


def test_the_step_runs_three_times_and_leaves_the_example_alone():
    step, norm, example = training(lr=0.1)
    calls, before = [], [x.tolist() for x in example]
    captured = xdl.capture(lambda x, y: calls.append(0) or step(x, y), *example)
    captured(*example)
    assert len(calls) == 3
    assert captured._graph._graph.launches == 2  # the third run, and the call
    assert [x.tolist() for x in example] == before
    after_two = norm.weight.tolist()  # the stand-in's graphs change nothing
    xdl.manual_seed(0)
    step, norm, _ = training(lr=0.1)
    step(*example)
    step(*example)
    assert norm.weight.tolist() == after_two


def test_outputs_keep_their_form():
    x = xdl.ones(2, 3)
    found = xdl.capture(lambda x: {"a": (x.to("cuda") + 1, [x * 2]), "b": None}, x)(x)
    assert found["a"][0].shape == found["a"][1][0].shape == (2, 3)
    assert found["b"] is None
    assert xdl.capture(lambda: None)() is None


WRONG = {
    "too few": (lambda x, _: (x,), ShapeError, "2 inputs"),
    "a shape": (lambda x, y: (x, y[:3]), ShapeError, r"input 1 of shape \(4, 8\).*found \(3, 8\)"),
    "a dtype": (lambda x, y: (x.double(), y), DtypeError, "input 0 of dtype float32.*found float64"),
    "a place": (lambda x, y: (x, y.cpu()), BackendError, r"input 1 on cuda:0, found cpu.*\.to"),
    "a number": (lambda _, y: (1.0, y), DtypeError, "a Tensor as input 0, found float"),
}


@pytest.mark.parametrize("what", WRONG)
def test_other_inputs_are_refused_by_their_number(what):
    step, _, example = training()
    captured = xdl.capture(step, *example)
    change, kind, words = WRONG[what]
    with pytest.raises(kind, match=words):
        captured(*change(*example))


def test_the_steps_own_errors_are_its_own():
    n = Counter()

    def step(x):
        if n() == 3:
            raise LookupError("mine")
        return x + 1

    with pytest.raises(LookupError, match="mine"):
        xdl.capture(step, xdl.ones(2))
    with pytest.raises(BackendError, match="inside another"):
        xdl.capture(lambda x: xdl.capture(lambda y: y, x)(x), xdl.ones(2))
    assert observe.launches is None


def test_nothing_is_copied_from_the_host_again():
    """An index by a list has places, of many arrays CuPy joins the addresses: what it copies to the device."""

    def step(x):
        turned = x[:, [1, 0]]
        return xdl.cat([turned] * 20), xdl.stack([turned] * 20, 1)

    captured = xdl.capture(step, xdl.randn(3, 2, 5))
    assert [y.shape for y in captured(xdl.randn(3, 2, 5))] == [(60, 2, 5), (3, 20, 2, 5)]
    assert len(captured._graph._constants) > 0
    assert ("copies", "host to device") not in captured._graph._graph.nodes


def test_a_graph_has_the_memory_limit(stand_in):
    stand_in.get_default_memory_pool().set_limit(size=1 << 20)
    with pytest.raises(DeviceMemoryError, match=r"room for 3\.00 MiB"):
        xdl.capture(counting(lambda x, n: xdl.zeros(3 << 18 if n == 3 else 1) + x[0, 0])[0], xdl.ones(1, 1))


def test_other_threads_are_not_heard():
    def elsewhere():
        xdl.ones(2, 3).softmax(1).tolist()

    def step(x):
        thread = Thread(target=elsewhere)
        if n() == 2:
            thread.start()
            thread.join()
        return x + 1

    n = Counter()
    assert xdl.capture(step, xdl.ones(2))(xdl.ones(2)).shape == (2,)


def test_waiting_after_every_launch_is_refused(monkeypatch):
    monkeypatch.setenv("XDL_CUDA_SYNC", "1")
    with pytest.raises(BackendError, match="XDL_CUDA_SYNC"):
        xdl.capture(lambda x: x.softmax(1), xdl.ones(7, 11))
