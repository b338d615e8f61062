"""What all threads of a process share: one thread never disturbs, or is disturbed by, what another one does."""

import subprocess
import sys
import threading
from time import monotonic, sleep

import numpy as np
import pytest

import xdl
from tests.at_once import at_once, frequent_switches
from xdl import kernel, nn, observe, random
from xdl.errors import GraphError, SettingError, ShapeError
from xdl.profiling import watch
from xdl.random import streams

tensor = sys.modules["xdl.tensor"]
SECONDS = 0.3  # that threads try to meet each other


def until_end(action):
    """Calls action() again and again for a while."""
    end = monotonic() + SECONDS
    while monotonic() < end:
        action()


def a_step(size=5):
    """A forward and a backward pass; the gradient."""
    x = xdl.ones(size, size, requires_grad=True)
    (nn.ReLU()(x * 3.0) * x).sum().backward()
    return x.grad.numpy()


def test_no_grad_is_of_the_thread_that_says_so():
    inside, left = threading.Event(), threading.Event()

    def work(i):
        if i:
            with xdl.no_grad():
                inside.set()
                assert left.wait(20)
                return (xdl.ones(2, requires_grad=True) * 2).requires_grad
        assert inside.wait(20)
        recorded = (xdl.ones(2, requires_grad=True) * 2).requires_grad
        left.set()
        return recorded

    assert at_once(work, 2) == [True, False]


def test_a_write_is_seen_by_backward_though_another_thread_began_one_before(monkeypatch):
    began, go_on, ticks = threading.Event(), threading.Event(), tensor.ticks

    class Ticks:
        """The other thread has its tick, and waits before it notes it."""

        def __next__(self):
            tick = next(ticks)
            if threading.current_thread().name == "other":
                began.set()
                go_on.wait(20)
            return tick

    monkeypatch.setattr(tensor, "ticks", Ticks())
    other = threading.Thread(target=tensor.written, args=([xdl.ones(2)],), name="other")
    other.start()
    assert began.wait(20)
    x = xdl.ones(2, requires_grad=True)
    y = (x * x).sum()
    with xdl.no_grad():
        x[...] = 5.0
    go_on.set()
    other.join()
    with pytest.raises(GraphError, match="written in place"):
        y.backward()


def test_watchers_come_and_go_while_another_thread_works():
    expected = a_step()

    def work(i):
        if i:
            return until_end(watcher_for_a_moment)
        return until_end(lambda: np.testing.assert_array_equal(a_step(), expected))

    at_once(work, 3)
    assert observe.observer is observe.work is None
    assert not watch._watchers


def watcher_for_a_moment():
    """Switches a watcher on and off."""
    mine = watch.Watcher()
    watch.start(mine)
    a_step()
    assert observe.observer is not None  # another thread's stop must not take it away
    watch.stop(mine)


def test_watchers_start_and_stop_one_at_a_time(monkeypatch):
    """Else one that stops takes away the hooks of one that has just started."""
    switch, inside, most = watch._switch, [], []

    def slow():
        inside.append(1)
        most.append(len(inside))
        sleep(1e-3)
        inside.pop()
        switch()

    monkeypatch.setattr(watch, "_switch", slow)
    at_once(lambda _: [watcher_for_a_moment() for _ in range(5)], 3)
    assert max(most) == 1


def test_a_setting_that_another_thread_changes_while_versions_are_looked_up_is_obeyed(monkeypatch):
    x, slot = np.ones((3, 4), np.float32), kernel.slots["relu"]
    look_up = slot._versions

    def meanwhile(x):
        found = look_up(x)
        kernel.set_mode("reference")
        return found

    slot.forget()
    monkeypatch.setattr(slot, "_versions", meanwhile)
    assert slot(x)[0].name == "relu_blocks"
    assert slot(x)[0].name == "reference"


def test_errors_of_one_thread_leave_the_others_alone():
    expected = a_step()

    def fail():
        y = (xdl.ones(3, requires_grad=True) * 2).sum()
        y.backward()
        with pytest.raises(GraphError, match="freed"):
            y.backward()
        with pytest.raises(ShapeError), xdl.no_grad():
            xdl.ones(2, 3) @ xdl.ones(2, 3)
        with pytest.raises(KeyError), xdl.enable_grad():
            raise KeyError

    def work(i):
        return until_end(fail if i % 2 else lambda: np.testing.assert_array_equal(a_step(), expected))

    at_once(work, 4)
    assert tensor.is_grad_enabled()


def test_the_first_use_may_be_of_all_threads_at_once():
    code = """
        import threading, sys, xdl
        sys.setswitchinterval(1e-6)
        begin, errors = threading.Barrier(6), []
        def work():
            begin.wait()
            try:
                assert float((xdl.ones(3) * 2).sum()) == 6
            except BaseException as error:
                errors.append(repr(error))
        workers = [threading.Thread(target=work) for _ in range(6)]
        [w.start() for w in workers]; [w.join() for w in workers]
        print(errors)
    """
    code = "\n".join(line[8:] for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_no_step_of_a_stream_is_given_out_twice():
    draws = random.Stream(3, "shared")
    found = at_once(lambda _: [draws.advance() for _ in range(4000)], 4)
    assert sorted(step for steps in found for step in steps) == list(range(16_000))


def test_a_name_has_one_stream_in_all_threads():
    for round in range(50):
        found = at_once(lambda _, round=round: random.stream(f"new {round}"), 4)
        assert len({id(stream) for stream in found}) == 1


def test_streams_are_made_while_others_are_listed_and_seeded(monkeypatch):
    monkeypatch.setattr(streams, "_shared", streams._Streams(0))

    def work(i):
        if i == 0:
            return [random.stream(f"made {k}") for k in range(1500)]
        return [random.get_state() if i == 1 else random.manual_seed(0) for _ in range(80)]

    assert len(random.get_state()["steps"]) == 0
    at_once(work, 3)


def test_own_streams_are_of_one_thread_and_end():
    xdl.manual_seed(5)
    alone = xdl.rand(3).numpy()
    xdl.manual_seed(5)
    with random.own_streams(5):
        assert random.initial_seed() == 5
        np.testing.assert_array_equal(xdl.rand(3).numpy(), alone)
        with random.own_streams(6):
            xdl.manual_seed(7)
            xdl.rand(2)
            assert random.get_state() == {"seed": 7, "steps": {"random": 1}}
        assert random.get_state() == {"seed": 5, "steps": {"random": 1}}
        assert at_once(lambda _: random.get_state(), 2) == [{"seed": 5, "steps": {}}] * 2
    assert random.get_state() == {"seed": 5, "steps": {}}
    np.testing.assert_array_equal(xdl.rand(3).numpy(), alone)
    with pytest.raises(SettingError, match="own_streams"), random.own_streams(-1):
        pass


def test_masks_of_own_streams_are_those_of_a_thread_alone():
    def work(i):
        with random.own_streams(i):
            return [xdl.functional.dropout(xdl.ones(700), 0.3).numpy().tobytes() for _ in range(30)]

    alone = [work(i) for i in range(4)]
    assert len(set(alone[0])) == 30
    with frequent_switches():
        assert at_once(work, 4) == alone
