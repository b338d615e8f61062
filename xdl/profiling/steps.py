"""Profiling the first steps of a training that knows nothing of it.

`measure` runs the training, hears each step of its optimizer, and ends it after enough of them. The same number of
steps is taken with the profiler and without it, so that the profiler's cost is a measurement; one more step measures
memory, since that would disturb the times.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any, ClassVar

from xdl import backend
from xdl.errors import SettingError
from xdl.profiling import watch
from xdl.profiling.profiler import Profile
from xdl.profiling.table import as_dict

WARM_UP = 2  # steps that fill caches and pools, and are not measured


class EnoughSteps(BaseException):
    """Ends the training; no error, so that nothing that handles errors stops it on its way."""


class Steps(watch.Watcher):
    """Measures `steps` steps bare, as many with a profile, and one with memory; then it raises EnoughSteps."""

    closely: ClassVar[bool] = False

    def __init__(self, steps: int) -> None:
        self.timed, self.memory = Profile(), Profile(memory=True)
        self._steps = steps
        self._taken = 0
        self._ends: list[float] = []  # of the bare and the profiled steps, and of the one before them

    def ended(self, work: str) -> None:
        """Counts the optimizer's steps."""
        if work == "backward":
            return
        self._taken += 1
        bare, profiled = WARM_UP + self._steps, WARM_UP + 2 * self._steps
        if WARM_UP <= self._taken <= profiled:
            backend.current().synchronize()
            self._ends.append(perf_counter())
        if self._taken == bare:
            self.timed.__enter__()
        elif self._taken == profiled:
            self.timed.__exit__()
            self.memory.__enter__()
        elif self._taken > profiled:
            raise EnoughSteps

    def medians(self) -> dict[str, float]:
        """Milliseconds of a step without the profiler and with it: medians, which the end of an epoch does not move."""
        lengths = [(end - begin) * 1e3 for begin, end in pairwise(self._ends)]
        return {"bare_ms": median(lengths[: self._steps]), "profiled_ms": median(lengths[self._steps :])}

    def close(self) -> None:
        """Ends what is still open."""
        for profile in (self.timed, self.memory):
            if profile.running:
                profile.__exit__()


def measure(training: Callable[[], Any], steps: int) -> dict[str, Any]:
    """What `table.as_dict` tells of the training's first steps, with bare_ms and profiled_ms of `Steps.medians`.

    Raises SettingError where the training ends before it has made 2 steps + 3.
    """
    if steps < 1:
        raise SettingError("profile", "steps >= 1", steps)
    watcher, ended = Steps(steps), True
    watch.start(watcher)
    try:
        training()
    except EnoughSteps:
        ended = False
    finally:
        watch.stop(watcher)
        watcher.close()
    if ended:
        hint = "Ask for fewer steps, or give the training more: a smaller batch_size, more epochs"
        needed = WARM_UP + 2 * steps + 1
        raise SettingError("profile", f"a training of at least {needed} steps", "one that ended before", hint)
    return {**as_dict(watcher.timed, watcher.memory), **watcher.medians()}
