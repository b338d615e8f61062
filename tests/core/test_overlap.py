"""Work that backward leaves for a second thread: the same bits, nothing read too early, nothing left behind."""

import threading

import numpy as np
import pytest

import xdl
from xdl import nn, overlap, threads
from xdl.unwritten import here


@pytest.fixture(autouse=True)
def two_threads():
    before = threads.get_num_threads()
    threads.set_num_threads(2)
    yield
    assert not threads.pool._alone
    assert not here.unwritten
    assert here.depth == 0
    threads.set_num_threads(before)


@pytest.fixture
def left(monkeypatch):
    """How many tasks were left to the second thread."""
    count = []
    submit = overlap._Second.submit
    monkeypatch.setattr(overlap._Second, "submit", lambda self, task: (count.append(1), submit(self, task)))
    return count


def network():
    xdl.manual_seed(0)
    layers = []
    for _ in range(4):
        layers += [nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU()]
    return nn.Sequential(*layers)


def images(seed=0):
    return xdl.tensor(np.random.RandomState(seed).standard_normal((8, 16, 20, 20)).astype("float32"))


def gradients(model, x, loss=lambda y: (y * y).sum()):
    model.zero_grad()
    loss(model(x)).backward()
    return [p.grad.numpy().copy() for p in model.parameters()]


def equal(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def at_once(*args):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "WAITING", 0)
        return gradients(*args)


def test_the_bits_are_those_of_work_done_at_once(left):
    model, x = network(), images()
    expected = at_once(model, x)
    assert not left
    for _ in range(10):
        equal(gradients(model, x), expected)
    assert left


def test_gradients_that_are_summed_or_used_further_are_waited_for(left):
    class Twice(nn.Module):
        """A filter that is used twice and itself computed: its gradients are added up, then multiplied."""

        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(
                xdl.tensor(np.random.RandomState(2).standard_normal((16, 16, 3, 3)).astype("float32"))
            )

        def forward(self, x):
            w = self.w * 0.1
            return xdl.functional.conv2d(xdl.functional.conv2d(x, w, padding=1), w, padding=1)

    model, x = nn.Sequential(nn.Conv2d(16, 16, 1), Twice()), images()
    expected = at_once(model, x)
    for _ in range(10):
        equal(gradients(model, x), expected)
    assert left


def test_a_second_backward_adds(left):
    model, x = network(), images()
    once = gradients(model, x)
    model(x).square().sum().backward()
    equal([p.grad.numpy() for p in model.parameters()], [g + g for g in once])
    assert left


def test_watchers_see_gradients_that_are_written(left):
    model, x = network(), images()
    with xdl.detect_anomaly():
        model(x).sum().backward()
    assert not left


def test_an_error_of_a_task_leaves_backward_and_the_next_one_works(monkeypatch, left):
    model, x = network(), images()
    expected = gradients(model, x)
    with monkeypatch.context() as patch:
        later = overlap.later

        def failing(compute, empty):
            def fail():
                raise MemoryError("no more")

            return later(fail, empty)

        patch.setattr(overlap, "later", failing)
        with pytest.raises(MemoryError, match="no more"):
            gradients(model, x)
    equal(gradients(model, x), expected)


def test_callers_of_several_threads_do_not_mix(left):
    models = [network() for _ in range(3)]
    expected = [at_once(model, images(i)) for i, model in enumerate(models)]
    found = {}

    def work(i):
        for _ in range(5):
            found[i] = gradients(models[i], images(i))

    callers = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for i in range(3):
        equal(found[i], expected[i])
    assert left


@pytest.mark.parametrize("count", [1, 3])
def test_other_numbers_of_threads_leave_nothing(count, left):
    threads.set_num_threads(count)
    gradients(network(), images())
    assert not left
