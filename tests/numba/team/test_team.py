"""The team: jobs of compiled loops are done once each, by any number of threads, after a fork, within parts."""

import os
from threading import Thread
from time import monotonic, sleep

import numpy as np
import pytest

from xdl import backend, threads
from xdl.threads import parallel, pool

pytest.importorskip("numba")

backend.load("numpy")

from xdl.kernels.numba import activation, loss, sharing, team  # noqa: E402
from xdl.kernels.numba.conv import winograd  # noqa: E402

X = np.random.default_rng(0).standard_normal(400_001).astype("float32")


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    monkeypatch.setattr(sharing, "FORK", 0)
    monkeypatch.setattr(sharing, "WORTH", 0)


def relu(x=X):
    y = np.empty_like(x)
    sharing.over(activation.relu[x.dtype], 1.0, [x, y])
    return y


@pytest.mark.parametrize("count", [1, 2, 3, 7, 16])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_job_is_done_once(count, dtype):
    threads.set_num_threads(count)
    for n in (1, 2, 5, 1000, 12_345):
        x = X[:n].astype(dtype)
        for _ in range(50):
            scaled = x[:, None].copy()
            sharing.over(loss.scale[scaled.dtype], 1.0, [scaled], 3.0)  # in place: twice would be 9
            np.testing.assert_array_equal(scaled[:, 0], x * np.asarray(3, dtype))


def test_jobs_take_arrays_that_lie_in_any_order():
    panels, w = sharing.counted(7), np.random.default_rng(0).standard_normal((200, 12, 9)).astype("float32")
    for given in (w, w[::-2, ::2], w.swapaxes(0, 1).copy().swapaxes(0, 1)):
        results = []
        for count in (1, 3):
            threads.set_num_threads(count)
            u = np.zeros((36, 7 * given.shape[1] * 32), "float32")
            sharing.over(winograd.transform_filters[w.dtype], 1.0, [panels], given, 3, False, 32, u)
            results.append(u)
        rows = len(given) // 32 * given.shape[1] * 32  # of whole panels; beyond them is anything
        np.testing.assert_array_equal(*(u[:, :rows] for u in results))
        assert results[0].any()


def test_helpers_wait_awake_and_then_sleep():
    threads.set_num_threads(2)
    relu()
    relu()
    end = 200
    while team._words[team.AWAKE] and end:
        sleep(0.01)
        end -= 1
    assert end
    assert (relu() == np.maximum(X, 0)).all()


def test_no_helper_falls_asleep_while_a_run_is_prepared():
    threads.set_num_threads(2)
    relu()
    team._words[team.COMING] = 1
    try:
        team._join()
        end = monotonic() + 30
        while not team._words[team.AWAKE]:  # on a machine that is busy it may come late
            assert monotonic() < end
        looks = []
        for _ in range(40):
            sleep(0.002)  # ten times its patience
            looks.append(team._words[team.AWAKE] > 0)
        assert sum(looks) > 30  # now and then it counts itself off for a moment
    finally:
        team._words[team.COMING] = 0


def test_a_helper_that_is_woken_takes_jobs():
    threads.set_num_threads(2)
    relu()
    x, end, stays = np.resize(X, 20_000_000), monotonic() + 30, False
    while not stays and monotonic() < end:  # on a machine that is busy it may come late
        looks = []
        sleep(0.02)  # all sleep
        work = Thread(target=sharing.over, args=(activation.relu[x.dtype], 1.0, [x, x]))
        work.start()
        while work.is_alive():
            sleep(0.001)  # without the interpreter, which the helper needs to come
            looks.append(team._words[team.AWAKE] > 0)
        work.join()
        stays = sum(looks) > len(looks) / 3
    assert stays


def test_parts_of_python_and_jobs_take_turns():
    threads.set_num_threads(3)
    sums = []
    for _ in range(30):
        found = [0, 0, 0]

        def part(low, high, thread, found=found):
            found[thread] = int((relu(X[:2000]) > 0).sum()) * (high - low)  # a job within a part: alone

        parallel(part, 3)
        sums.append(tuple(found))
        assert (relu() == np.maximum(X, 0)).all()
    assert set(sums) == {(int((X[:2000] > 0).sum()),) * 3}
    for count in (2, 5, 1, 4):
        threads.set_num_threads(count)
        assert (relu() == np.maximum(X, 0)).all()


def test_several_threads_of_the_user():
    threads.set_num_threads(2)
    wrong = []

    def work(seed):
        x = np.random.default_rng(seed).standard_normal(20_000).astype("float32")
        for _ in range(100):
            if not (relu(x) == np.maximum(x, 0)).all():
                wrong.append(seed)

    users = [Thread(target=work, args=(seed,)) for seed in range(4)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_helpers_of_its_own():
    threads.set_num_threads(2)
    relu()
    team._words[team.AWAKE] = team._words[team.OFF] = 1  # one waits awake, and is called
    child = os.fork()
    if not child:
        good = not team._words.any()
        good = good and (relu() == np.maximum(X, 0)).all() and len(pool._helpers) == 1
        os._exit(0 if good else 1)
    team._words[team.AWAKE] = team._words[team.OFF] = 0
    assert os.waitpid(child, 0)[1] == 0


def test_what_is_not_worth_it_stays_here(monkeypatch):
    threads.set_num_threads(2)
    monkeypatch.setattr(sharing, "FORK", 10**9)
    monkeypatch.setattr(team, "shared", None)
    relu()
    threads.set_num_threads(1)
    monkeypatch.setattr(sharing, "FORK", 0)
    relu()


def test_both_sides_of_the_compiler_agree_on_where_words_lie():
    from xdl.kernels.numba.loops.team import jobs
    from xdl.kernels.numba.loops.team import team as compiled

    places = [place // 8 for place in (compiled.LINE, compiled.AWAKE, compiled.COMING, compiled.OFF)]
    assert places == [team.LINE, team.AWAKE, team.COMING, team.OFF]
    assert jobs.WIDTH == team.WIDTH
