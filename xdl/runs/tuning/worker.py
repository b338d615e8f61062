"""A process that works on a study: it takes one trial after the other, until there are as many as were asked for.

Processes know of each other by the study's folder alone. Whoever takes a trial has the folder claimed meanwhile, so
that trials are counted right and grids have each point once; each process has a folder of its own claimed as long as
it lives, so that the others see when it has died, and put its trial back.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from xdl.errors import XdlError
from xdl.io.claim import claimed, in_turn, is_claimed
from xdl.io.files import storing
from xdl.runs.tuning.journal import ask, require, study_of
from xdl.runs.tuning.search import Search
from xdl.runs.tuning.trials import perform

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial

FOLDER = "workers"
UNFINISHED = ("RUNNING", "WAITING")


def work(folder: Path, search: Search, trials: int, data_dir: Path | None, tell: Callable[[Study, int], None]) -> None:
    """Does trials until the study has so many, those of other processes among them.

    tell: is called after each trial, with its number

    A trial that anything but its own settings ends, as a signal or a full disk, is put back before the error goes on:
    the next process that takes a trial goes on with its run.
    """
    study = study_of(folder, search)
    most = trials if search.size is None else min(trials, search.size)
    with _alive(folder) as me:
        while (trial := _take(study, folder, search, most, me)) is not None:
            try:
                perform(study, trial, search, folder, data_dir)
            except BaseException:
                with suppress(XdlError, OSError):  # what ended it is what there is to say
                    again = study_of(folder, search)  # whatever state a signal left the other one in
                    _put_back(again, again.get_trials(deepcopy=False)[trial.number], search)
                raise
            tell(study, trial.number)


def counting(study: Study) -> list[FrozenTrial]:
    """The trials that run or have ended, without those that were put back and those that wait."""
    trials = study.get_trials(deepcopy=False)
    return [one for one in trials if one.state.name == "RUNNING" or (_is_over(one) and "end" in one.user_attrs)]


def running(study: Study, folder: Path) -> list[FrozenTrial]:
    """The trials that other processes work on now. Of other machines: those that were begun and have not ended."""
    return [
        one for one in study.get_trials(deepcopy=False) if one.state.name == "RUNNING" and not _is_dead(one, folder)
    ]


def _take(study: Study, folder: Path, search: Search, most: int, me: Path) -> Trial | None:
    """The next trial; None where there are enough."""
    with in_turn(folder):
        if is_claimed(me):  # where claims cannot be seen, nobody is known to be dead
            for one in study.get_trials(deepcopy=False):
                if one.state.name == "RUNNING" and _is_dead(one, folder):
                    _put_back(study, one, search)
        if len(counting(study)) >= most:
            return None
        trial = ask(study, search)
        at = {"folder": f"{trial.number:04}", **trial.user_attrs.get("at", {})}
        trial.set_user_attr("at", {**at, "worker": me.name, "host": platform.node()})
        return trial


def _put_back(study: Study, trial: FrozenTrial, search: Search) -> None:
    """Lets a trial fail that did not end, and another one wait in its place, which goes on with its run."""
    if _is_over(trial):
        return
    known = [one.user_attrs.get("again") for one in study.get_trials(deepcopy=False)]
    settings = trial.system_attrs.get("fixed_params", trial.params)
    if trial.number not in known and settings.keys() == search.ranges.keys():  # others were not asked to the end
        at = {name: value for name, value in trial.user_attrs.get("at", {}).items() if name == "folder"}
        study.enqueue_trial(settings, {"again": trial.number, "at": at})
    study.tell(trial.number, state=require().trial.TrialState.FAIL)


def _is_over(trial: FrozenTrial) -> bool:
    return trial.state.name not in UNFINISHED


def _is_dead(trial: FrozenTrial, folder: Path) -> bool:
    """Whether the process that began a trial on this machine is no more."""
    at = trial.user_attrs.get("at", {})
    if at.get("host", platform.node()) != platform.node():
        return False
    place = folder / FOLDER / at.get("worker", "none")
    return not (place.is_dir() and is_claimed(place))


@contextmanager
def _alive(folder: Path) -> Iterator[Path]:
    """A folder of this process, claimed while the block runs."""
    me = folder / FOLDER / f"{os.getpid()}-{token_hex(4)}"
    with storing(me):
        me.mkdir(parents=True)
    try:
        with claimed(me):
            yield me
    finally:
        with suppress(OSError):
            me.rmdir()
