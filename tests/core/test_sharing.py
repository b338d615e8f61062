"""Items that go to whoever is free: each one once, by two threads where one is awake, and no error lost."""

import threading
from threading import Event, current_thread, main_thread

import numpy as np
import pytest

import xdl
from xdl import overlap, sharing, threads
from xdl.unwritten import here

PATIENCE = 20  # seconds


@pytest.fixture(autouse=True)
def number_of_threads():
    before = threads.get_num_threads()
    yield
    assert sharing._offer is None
    assert not threads.is_alone()
    threads.set_num_threads(before)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("pays", [False, True])
@pytest.mark.parametrize("n", [0, 1, 2, 17])
def test_every_item_is_done_once(count, pays, n):
    threads.set_num_threads(count)
    done = []
    sharing.share(lambda item, thread: done.append((item, thread)), n, pays)
    assert sorted(item for item, _ in done) == list(range(n))
    assert {thread for _, thread in done} <= set(range(count if pays else 1))


def share_beside_a_task(part, n):
    """Shares n items while the second thread has a task, which ends as soon as the caller begins its first item."""
    threads.set_num_threads(2)
    begun = Event()
    result = np.zeros(1)

    def task():
        assert begun.wait(PATIENCE)
        return np.ones(1)

    def item(i, thread):
        begun.set()
        part(i, thread)

    here.depth += 1
    try:
        overlap.later(task, lambda: result)
        assert threads.is_alone()
        sharing.share(item, n, False)
    finally:
        here.depth -= 1
        here.finish()
    assert result[0] == 1


def test_the_second_thread_joins_in():
    joined, done = Event(), []

    def part(item, thread):
        if current_thread() is main_thread():
            assert joined.wait(PATIENCE)
        else:
            joined.set()
        done.append((item, thread))

    share_beside_a_task(part, 6)
    assert sorted(item for item, _ in done) == list(range(6))
    assert {thread for _, thread in done} == {0, 1}


def test_an_error_on_the_second_thread_is_raised_by_the_caller():
    failed = Event()

    def part(item, thread):
        if current_thread() is not main_thread():
            failed.set()
            raise MemoryError("no more")
        assert failed.wait(PATIENCE)

    with pytest.raises(MemoryError, match="no more"):
        share_beside_a_task(part, 4)


def test_an_error_of_the_caller_waits_for_the_second_thread():
    inside, left = Event(), []

    def part(item, thread):
        if current_thread() is main_thread():
            assert inside.wait(PATIENCE)
            raise ValueError("mine")
        inside.set()
        threading.Event().wait(0.05)
        left.append(item)

    with pytest.raises(ValueError, match="mine"):
        share_beside_a_task(part, 3)
    assert len(left) == 2


def test_batch_norm_has_the_same_bits_on_any_number_of_threads():
    found = []
    for count in (1, 2, 3):
        threads.set_num_threads(count)
        values = np.random.RandomState(0).standard_normal((40, 48, 48, 16)).astype("float32").transpose(0, 3, 1, 2)
        x = xdl.tensor(values, requires_grad=True)
        y = xdl.functional.batch_norm(x, None, None, training=True)
        y.square().mul(y).sum().backward()
        found.append((y.numpy().tobytes(), x.grad.numpy().tobytes()))
    assert found[0] == found[1] == found[2]
