"""The threads of BLAS: one while anybody's part runs, the chosen number else; and what a fork finds of all that."""

import ctypes
import os
import signal
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from xdl import guard, overlap, threads
from xdl.guard import Guard
from xdl.unwritten import here

FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Python, about forks beside threads


@pytest.fixture(autouse=True)
def two_threads():
    before = threads.get_num_threads()
    threads.set_num_threads(2)
    yield
    assert not threads.blas._holders
    assert blas_threads() == {2}
    threads.set_num_threads(before)


def blas_threads():
    """How many threads the BLAS libraries use now."""
    return {library.num_threads for library in threads.blas._blas()}


@pytest.fixture
def part_of_another_thread():
    """While a part of another thread runs."""
    begun, end, failed = threading.Event(), threading.Event(), []

    def part(low, high, thread):
        begun.set()
        failed.append(not end.wait(30))

    other = threading.Thread(target=threads.parallel, args=(part, 2))
    other.start()
    assert begun.wait(30)
    yield
    end.set()
    other.join(30)
    assert failed == [False, False]


def an_overlap():
    """A gradient that the second thread has written."""
    here.depth = 1
    try:
        found = overlap.later(lambda: np.ones(3), lambda: np.zeros(3))
        here.finish()
    finally:
        here.depth = 0
    return found


def test_one_thread_for_parts_whoever_else_ends(part_of_another_thread):
    assert blas_threads() == {1}
    seen = []
    threads.serial(lambda *_: seen.append(blas_threads()), 1)
    np.testing.assert_array_equal(an_overlap(), np.ones(3))
    assert seen == [{1}]
    assert blas_threads() == {1}


def test_one_thread_from_the_first_task_until_the_tape_has_waited():
    here.depth, written = 1, threading.Event()
    try:
        overlap.later(lambda: written.set() or np.ones(3), lambda: np.zeros(3))
        assert written.wait(30)
        for _ in range(1000):
            if not overlap._second.running:
                break
            threading.Event().wait(0.01)
        assert not threads.pool._alone
        assert blas_threads() == {1}
        here.finish()
        assert blas_threads() == {2}
    finally:
        here.depth = 0
        here.finish()


def test_an_error_in_a_part_gives_the_threads_back():
    def fail(*_):
        raise KeyError

    for run in (threads.parallel, threads.serial):
        with pytest.raises(KeyError):
            run(fail, 2)
        assert blas_threads() == {2}
        assert not threads.inside_part()


def in_a_child(check):
    """Whether check() is true in a forked process, within half a minute."""
    child = os.fork()
    if not child:
        good = False
        try:
            good = check()
        finally:
            os._exit(0 if good else 1)
    for _ in range(600):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        threading.Event().wait(0.05)
    os.kill(child, 9)
    os.waitpid(child, 0)
    pytest.fail("the child hangs")


@FORK
def test_a_child_of_a_process_whose_parts_run(part_of_another_thread):
    def check():
        seen = []
        threads.parallel(lambda _low, _high, thread: seen.append((thread, *blas_threads())), 2)
        return blas_threads() == {2} and sorted(seen) == [(0, 1), (1, 1)] and an_overlap().tolist() == [1, 1, 1]

    assert in_a_child(check)


@FORK
def test_a_child_finds_guards_free_that_another_thread_held():
    guard, held, end = Guard(), threading.Event(), threading.Event()

    def hold():
        with guard.lock:
            held.set()
            end.wait(30)

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(30)
    assert in_a_child(lambda: guard.lock.acquire(timeout=5))
    assert not guard.lock.acquire(blocking=False)
    end.set()
    other.join()


def test_an_interrupt_while_the_libraries_are_sought_waits(monkeypatch):
    called = ctypes.CFUNCTYPE(None)

    def sought():
        called(lambda: os.kill(os.getpid(), signal.SIGINT))()  # in a callback of C an exception is lost
        library = SimpleNamespace(user_api="blas", num_threads=2, set_num_threads=lambda _: None)
        return SimpleNamespace(lib_controllers=[library])

    monkeypatch.setitem(sys.modules, "threadpoolctl", SimpleNamespace(ThreadpoolController=sought))
    monkeypatch.setattr(threads.blas, "_libraries", [])
    with pytest.raises(KeyboardInterrupt):
        threads.set_blas_threads(1)
    assert len(threads.blas._libraries) == 1
    monkeypatch.undo()


def test_what_ends_the_search_is_raised_and_without_a_thread_the_caller_searches(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        guard.undisturbed(lambda: 1 / 0)

    def no_thread(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(guard, "start_new_thread", no_thread)
    done = []
    guard.undisturbed(lambda: done.append(1))
    assert done == [1]
