"""Faults that were found by trying to break the engine: interrupts, users' kernels, freed graphs."""

import signal
import subprocess
import sys
from threading import Thread
from typing import NamedTuple

import numpy as np
import pytest

import xdl
from xdl import functional as F
from xdl import kernel, overlap, threads
from xdl.errors import BackendError, GraphError, ShapeError
from xdl.extend import Kernel, record

INTERRUPTED = """
import signal, time
import numpy as np
from xdl import threads
def interrupt(*_): raise KeyboardInterrupt
signal.signal(signal.SIGALRM, interrupt)
out, moments, end, count = np.empty(1 << 16), np.random.default_rng(0), time.monotonic() + 2, 0
def part(low, high, _): np.sin(out[low:high])
while time.monotonic() < end:
    try:
        signal.setitimer(signal.ITIMER_REAL, moments.uniform(0.0002, 0.003))
        while True:
            threads.parallel(part, 1 << 16)
    except KeyboardInterrupt:
        count += 1
signal.setitimer(signal.ITIMER_REAL, 0)
threads.parallel(part, 1 << 16)
assert not threads.inside_part()
print(count)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs SIGALRM")
def test_the_pool_survives_interrupts():
    environment = {"XDL_NUM_THREADS": "2", "PYTHONPATH": str(kernel.__file__).removesuffix("/xdl/kernel.py")}
    command = [sys.executable, "-c", INTERRUPTED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) > 20


def test_an_interrupt_before_a_helper_has_its_part_ends_the_wait_for_it(monkeypatch):
    done, calls = [], []

    def call(helper):
        calls.append(helper)
        if len(calls) == 1:
            raise KeyboardInterrupt

    def work():
        try:
            threads.parallel(lambda *_: None, 100)
        except KeyboardInterrupt:
            threads.parallel(lambda *piece: done.append(piece), 100)

    threads.set_num_threads(2)
    monkeypatch.setattr(threads.pool, "waiting", [(lambda _: None, call, lambda _: None)])
    worker = Thread(target=work, daemon=True)
    worker.start()
    worker.join(20)
    assert sorted(done) == [(0, 50, 0), (50, 100, 1)]


def _twice_rule(needs, g, y, saved, a, b):
    return g, g


@pytest.fixture
def shared_pair():
    """A user's slot whose backward returns what it got, twice."""

    class AddPair:
        forward = staticmethod(lambda a, b: (a + b, None))
        backward = staticmethod(lambda g, *_: (g, g))

    slot = Kernel("add_of_a_user", AddPair)

    def add(a, b):
        version, y, saved = slot(a.array, b.array)
        return record(y, (a, b), _twice_rule, saved, version)

    yield add
    del kernel.slots["add_of_a_user"]


def test_a_users_kernel_may_return_one_array_twice(shared_pair):
    p, q = (xdl.tensor([v], requires_grad=True) for v in (1.0, 2.0))
    (shared_pair(p, q) + p * 5).sum().backward()
    assert (p.grad.item(), q.grad.item()) == (6.0, 1.0)
    p.grad = q.grad = None
    c = xdl.ones(1)
    shared_pair(p, q).backward(c)
    shared_pair(p, q).backward(c)
    assert (p.grad.item(), q.grad.item(), c.item()) == (2.0, 2.0, 1.0)


def test_gradients_through_a_freed_graph_are_refused():
    x, w = (xdl.ones(2, requires_grad=True) for _ in range(2))
    d = (x * w).sum()
    h = d * d
    xdl.grad(d, [x])
    with pytest.raises(GraphError, match="retain_graph"):
        xdl.grad(h, [w])
    y = x * x
    z = y * 2
    y.sum().backward()
    with pytest.raises(GraphError, match="retain_graph"):
        xdl.grad(z.sum(), [x])
    assert xdl.grad((w * 2).sum(), [x]) == (None,)


def test_a_plain_backward_adds_to_gradients_with_a_graph():
    x = xdl.ones(3, requires_grad=True)
    (x * x * x).sum().backward(create_graph=True)
    (x * x).sum().backward()
    assert x.grad.tolist() == [5.0] * 3


def test_without_a_second_thread_the_caller_computes(monkeypatch):
    def no_thread(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(overlap, "start_new_thread", no_thread)
    monkeypatch.setattr(overlap, "_second", overlap._Second())
    before = xdl.get_num_threads()
    xdl.set_num_threads(2)
    try:
        w = xdl.randn(16, 16, 3, 3, requires_grad=True)
        F.conv2d(F.conv2d(xdl.randn(8, 16, 16, 16), w, padding=1), w, padding=1).sum().backward()
    finally:
        xdl.set_num_threads(before)
    assert np.isfinite(w.grad.numpy()).all()


def test_an_interrupt_behind_the_start_of_the_second_thread_leaves_it_the_only_one(monkeypatch):
    started = []

    def start(*_):
        started.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(overlap, "start_new_thread", start)
    second = overlap._Second()
    with pytest.raises(KeyboardInterrupt):
        second.ready()
    assert second.ready()
    assert started == [1]


def test_a_users_version_of_a_low_priority_is_asked_before_a_choice():
    slot = kernel.slots["conv2d"]
    seen = []

    @slot.register("numpy", name="of_a_user", priority=10, when=lambda *_: seen.append(1) or False)
    class OfAUser:
        forward = backward = None

    try:
        F.conv2d(xdl.zeros(1, 1, 4, 4), xdl.zeros(1, 1, 3, 3))
        assert seen
    finally:
        slot.versions["numpy"] = [v for v in slot.versions["numpy"] if v.name != "of_a_user"]
        slot.forget()


def test_what_cannot_be_registered_or_asked():
    slot = kernel.slots["relu"]
    with pytest.raises(BackendError, match="Did you mean 'numpy'"):
        slot.register("nmupy")

    @slot.register("numpy", name="asks_wrongly", when=lambda *_: 1 / 0)
    class AsksWrongly:
        forward = backward = None

    try:
        assert "asks_wrongly cannot say" in slot.explain(np.ones(2))
    finally:
        slot.versions["numpy"] = [v for v in slot.versions["numpy"] if v.name != "asks_wrongly"]
        slot.forget()


def test_several_results_in_a_named_tuple():
    class Pair(NamedTuple):
        double: object
        triple: object

    x = xdl.ones(2, requires_grad=True)
    double, triple = record(Pair(x.array * 2, x.array * 3), (x,), lambda *given: (given[1][0] * 2 + given[1][1] * 3,))
    (double.sum() + triple.sum()).backward()
    assert x.grad.tolist() == [5.0, 5.0]
    with pytest.raises(ShapeError, match="1 grad_outputs"):
        xdl.grad([x.sum()], [x], [None, None])


def test_a_way_through_a_freed_node_beside_another_way_is_refused():
    x = xdl.ones(1, requires_grad=True)
    h = x * 3
    (h * h).sum().backward()
    with pytest.raises(GraphError, match="earlier backward freed"):
        xdl.grad((h * 2 + x * x).sum(), [x])  # 2 by the other way alone, where 8 is right
    beside = xdl.ones(1, requires_grad=True)
    (g,) = xdl.grad((h * 2 + beside * beside).sum(), [beside])
    assert g.tolist() == [2.0]
