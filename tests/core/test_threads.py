"""The fork-join pool."""

import os
import threading
import weakref

import numpy as np
import pytest

import xdl
from xdl import threads
from xdl.errors import SettingError


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 100])
def test_parallel_covers_the_range_once(count, n):
    threads.set_num_threads(count)
    seen = np.zeros(n, int)
    used = []

    def part(low, high, thread):
        seen[low:high] += 1
        used.append(thread)

    threads.parallel(part, n)
    assert (seen == 1).all()
    assert len(set(used)) == len(used) <= count


def test_nested_calls_run_in_place():
    threads.set_num_threads(3)
    seen = []

    def outer(low, high, thread):
        threads.parallel(lambda a, b, _: seen.append((thread, a, b, threading.get_ident())), 4)

    threads.parallel(outer, 3)
    for thread in range(3):
        mine = [entry for entry in seen if entry[0] == thread]
        assert sorted(x for _, a, b, _ in mine for x in range(a, b)) == [0, 1, 2, 3]
        assert len({ident for *_, ident in mine}) == 1


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_errors_of_any_part_are_raised_and_the_pool_goes_on(failing):
    threads.set_num_threads(3)

    def part(low, high, thread):
        if thread == failing:
            raise KeyError(thread)

    for _ in range(3):
        with pytest.raises(KeyError, match=str(failing)):
            threads.parallel(part, 3)
    seen = []
    threads.parallel(lambda _low, _high, thread: seen.append(thread), 3)
    assert sorted(seen) == [0, 1, 2]


def test_calls_of_several_threads_take_turns():
    threads.set_num_threads(2)
    totals = []

    def work():
        for _ in range(50):
            out = np.zeros(10)
            threads.parallel(lambda low, high, _, out=out: out.__setitem__(slice(low, high), 1.0), 10)
            totals.append(out.sum())

    workers = [threading.Thread(target=work) for _ in range(4)]
    [w.start() for w in workers]
    [w.join(30) for w in workers]
    assert totals == [10.0] * 200


def test_settings_are_checked():
    for bad in (0, -1, 1.5, "2"):
        with pytest.raises(SettingError, match="at least 1"):
            xdl.set_num_threads(bad)
    xdl.set_num_threads(2)
    assert xdl.get_num_threads() == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_computes():
    threads.set_num_threads(2)
    threads.parallel(lambda *_: None, 2)
    child = os.fork()
    if child == 0:
        seen = []
        threads.parallel(lambda _low, _high, thread: seen.append(thread), 2)
        os._exit(0 if sorted(seen) == [0, 1] else 1)
    for _ in range(200):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        threading.Event().wait(0.05)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
        pytest.fail("the child hangs")
    assert os.waitstatus_to_exitcode(status) == 0


def test_the_same_threads_give_the_same_bits():
    def gradients():
        xdl.manual_seed(1)
        x = xdl.randn(9, 3, 20, 20, requires_grad=True)
        w = xdl.randn(8, 3, 3, 3, requires_grad=True)
        y = xdl.conv2d(x, w, padding=1)
        y = xdl.batch_norm(y, None, None, training=True).relu()
        (y * y).mean().backward()
        return y.numpy().tobytes() + x.grad.numpy().tobytes() + w.grad.numpy().tobytes()

    by_count = {}
    for count in (1, 2, 3, 1, 2, 3):
        xdl.set_num_threads(count)
        assert by_count.setdefault(count, gradients()) == gradients()


def test_a_part_is_let_go_when_it_is_done():
    """Else the arrays that it works on would stay until the helper's next part."""

    def sums(x):
        return lambda low, high, _: seen.append(x[low:high].sum())

    threads.set_num_threads(2)
    x, seen = np.ones(10), []
    held = weakref.ref(x)
    threads.parallel(sums(x), 10)
    assert seen == [5, 5]
    del x
    assert held() is None
