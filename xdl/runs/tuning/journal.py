"""The journal of a study: Optuna's file of lines of JSON, which several processes and machines append to.

Three things of Optuna 5.0 are done here instead, since a process that is killed at any moment must not harm the others.
Its lock of the file outlives a process that is killed, by 30 seconds or, where the path is relative, for ever; a line
that was cut makes the whole journal unreadable as soon as others follow; its GridSampler may give a point to two
processes at once, and takes one that failed for done.
"""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path
from random import Random, uniform
from time import sleep
from typing import TYPE_CHECKING, Any

from xdl.errors import DataError, XdlError
from xdl.io.claim import WITHOUT_LOCKS
from xdl.io.files import lock, storing
from xdl.runs.tuning.ranges import Range
from xdl.runs.tuning.search import Search

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import Trial

NAME = "journal.log"
INSTALL = 'pip install "optuna>=5"'
REDUCTION = 3  # of successive halving: a third of the trials goes on after 1, 3, 9, ... epochs
CHUNK = 1 << 16


class JournalLock:
    """Optuna's lock of a journal, as one of the system, which ends with its process. A cut last line is removed.

    Nobody else writes while it is held, so a line without an end is of a process that was killed while it wrote.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.handle = path, -1

    def acquire(self) -> bool:
        """Waits for the lock. Raises DataError on a disk without locks."""
        with storing(self.path):
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            while not _locked(handle, self.path):
                sleep(uniform(0.001, 0.01))
            os.ftruncate(handle, _whole(handle))
        except BaseException:
            os.close(handle)
            raise
        self.handle = handle
        return True

    def release(self) -> None:
        """Gives it back."""
        os.close(self.handle)


def _locked(handle: int, path: Path) -> bool:
    try:
        lock(handle)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in WITHOUT_LOCKS:
            hint = "Choose a folder on another disk with --out"
            raise DataError(f"study {path}", "a disk whose files can be locked", error.strerror, hint) from error
        raise
    return True


def _whole(handle: int) -> int:
    """The length of a file up to its last end of a line."""
    end = os.fstat(handle).st_size
    while end > 0:
        begin = max(0, end - CHUNK)
        os.lseek(handle, begin, os.SEEK_SET)
        place = os.read(handle, end - begin).rfind(b"\n")
        if place >= 0:
            return begin + place + 1
        end = begin
    return 0


def require() -> Any:
    """The package optuna, which says nothing by itself from now on. Raises XdlError with the install command."""
    try:
        import optuna
    except ImportError as error:
        raise XdlError("xdl tune", "optuna", f"none ({error})", f"Install it: {INSTALL}") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def study_of(folder: Path, search: Search) -> Study:
    """The study whose journal lies in a folder. Raises DataError for a damaged journal."""
    optuna = require()
    path = (folder / NAME).absolute()
    try:
        backend = optuna.storages.journal.JournalFileBackend(str(path), lock_obj=JournalLock(path))
        study: Study = optuna.create_study(
            storage=optuna.storages.JournalStorage(backend),
            study_name=folder.name,
            direction="minimize" if search.mode == "min" else "maximize",
            load_if_exists=True,
        )
    except (ValueError, LookupError, TypeError) as error:
        hint = "Start another one with --study; the runs of its trials can still be compared"
        raise DataError(f"study {folder}", f"a journal that Optuna has written in {NAME}", error, hint) from error
    if search.pruner == "halving":
        study.pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=REDUCTION)
    else:
        study.pruner = optuna.pruners.NopPruner()
    return study


def ask(study: Study, search: Search) -> Trial:
    """The next trial, with its settings: one that waits, as that of a process that was killed, or a new one.

    Each is drawn from a seed of its own, so that processes draw different ones. One process at a time may ask.
    """
    optuna = require()
    trials = study.get_trials(deepcopy=False)
    seed = search.seed * 1_000_003 + len(trials)
    waiting = any(trial.state.name == "WAITING" for trial in trials)
    if search.sampler == "grid" and not waiting:
        study.enqueue_trial(_next_point(search, [trial.params for trial in trials]))
    if search.sampler == "tpe":
        study.sampler = optuna.samplers.TPESampler(seed=seed % (1 << 32), constant_liar=True)
    else:
        study.sampler = optuna.samplers.RandomSampler(seed=seed % (1 << 32))
    return study.ask({one.name: distribution(one) for one in search.parsed})


def distribution(one: Range) -> Any:
    """A range in Optuna's words."""
    kinds = require().distributions
    if one.kind == "choice":
        return kinds.CategoricalDistribution(one.values)
    of = kinds.IntDistribution if one.whole else kinds.FloatDistribution
    return of(*one.values, log=one.kind == "log")


def _next_point(search: Search, tried: list[dict[str, Any]]) -> dict[str, Any]:
    """The first point of the grid, in an order that the seed decides, that no trial has had."""
    names = [one.name for one in search.parsed]
    points = [
        dict(zip(names, values, strict=True)) for values in product(*(p.points(search.points) for p in search.parsed))
    ]
    Random(search.seed).shuffle(points)
    return next(point for point in points if point not in tried)
