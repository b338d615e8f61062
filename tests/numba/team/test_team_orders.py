"""The team's protocol in many orders: its own text runs in two threads, and chance says at each word who goes on."""

from random import Random
from threading import Condition, Thread
from types import FunctionType

import pytest

pytest.importorskip("numba")

from xdl import backend

backend.load("numpy")

from xdl.kernels.numba.loops.team import team  # noqa: E402

COUNTS = (1, 2, 3, 2)  # jobs of the runs
PATIENCE, ENOUGH = 30, 5000


class Stage:
    """Memory of words, and two threads of which one goes at a time."""

    def __init__(self, seed, first):
        self.chance, self.turn, self.moved = Random(seed), 0, Condition()
        self.words = {team.RUN: first, team.NEXT: first << 2 * team.BITS}
        self.done, self.alive, self.steps = [], [True, True], 0

    def functions(self, who):
        """The words of the loops for a thread, and the loops: `run` and `serve`."""

        def load(place):
            self.step(who)
            return self.words.get(place, 0)

        def store(place, value):
            self.step(who)
            self.words[place] = value

        def fetch_add(place, value):
            self.step(who)
            before = self.words.get(place, 0)
            self.words[place] = before + value
            return before

        def call(function, row):
            self.done.append((function, row - 8))

        words = {"load": load, "store": store, "fetch_add": fetch_add, "call": call, "pause": lambda: None}
        names = {**vars(team), **words}
        for name in ("_take", "run", "serve"):
            names[name] = FunctionType(getattr(team, name).function.__code__, names)
        return names["run"], names["serve"]

    def step(self, who):
        """Waits for this thread's turn; then chance says who is next."""
        with self.moved:
            self.moved.wait_for(lambda: self.turn == who or not self.alive[1 - who])
            if self.chance.random() < 0.4:
                self.turn = 1 - who
            self.moved.notify()
            self.steps += 1
            if self.steps > ENOUGH:
                raise TimeoutError("a run that never ends")

    def leave(self, who):
        with self.moved:
            self.alive[who] = False
            self.moved.notify()


def runs(stage):
    """Makes all runs; whether each had done its jobs, once, when it ended."""
    run, _ = stage.functions(0)
    good = True
    for number, count in enumerate(COUNTS):
        table, stage.done = 10_000 * (number + 1), []
        rows = [table + 100 * job for job in range(count)]
        stage.words |= dict.fromkeys(rows, 7)
        run(0, table, count, 100)
        good = good and sorted(stage.done) == [(7, row) for row in rows]
    return good


def played(seed, first=0):
    stage = Stage(seed, first)
    _, serve = stage.functions(1)

    def help_out():
        try:
            serve(0, 0, PATIENCE)
        except TimeoutError:
            pass
        finally:
            stage.leave(1)

    helper = Thread(target=help_out, daemon=True)
    helper.start()
    try:
        return runs(stage)
    except TimeoutError:
        return False
    finally:
        stage.leave(0)
        helper.join()


@pytest.mark.parametrize("first", [0, team.RUNS - 1])
def test_every_job_is_done_once_before_its_run_ends(first):
    assert [seed for seed in range(600) if not played(seed, first)] == []
