"""Starting an experiment, and the files that tell of it: run.json at the start, summary.json at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

import xdl
from xdl import backend, kernel
from xdl.errors import DataError, SettingError, StorageError, expect
from xdl.io.claim import claimed
from xdl.io.run_folder import RunFolder
from xdl.report import info
from xdl.runs import settings_file
from xdl.runs.memory import too_little_memory
from xdl.runs.registry import Experiment, find
from xdl.runs.run import Run
from xdl.runs.settings import from_text, make
from xdl.runs.statistics import check_finite, numbers
from xdl.train import EventStream

SHOWN = 8  # files that are named at the end
TOO_SHORT = "quick: too short to show what the experiment is about; leave --quick out for that"


@dataclass(frozen=True)
class RunRequest:
    """What a user asked for; None where nothing was said.

    given:    settings as text, see `settings.from_text`; they win over those of the file `config`
    data:     the name of a data set; data_dir: a folder with its files
    backend:  where the arrays live
    seed:     of initial weights, order of the data and masks: equal seeds give equal runs
    quick:    the experiment's QUICK settings come before its defaults: a run of a few seconds
    seeds:    how many runs, with the seeds seed, seed + 1, ..., or further apart; see `repeat`
    """

    given: Mapping[str, str]
    config: Path | None = None
    data: str | None = None
    data_dir: Path | None = None
    backend: str | None = None
    seed: int | None = None
    quick: bool = False
    seeds: int | None = None

    def settings(self, experiment: Experiment) -> dict[str, Any]:
        """The settings that were named, read and checked."""
        kind = experiment.load().Settings
        from_file = settings_file.read(kind, self.config) if self.config else {}
        return {**from_file, **from_text(kind, self.given)}


@dataclass(frozen=True)
class Plan:
    """An experiment that is ready to run: everything that was asked for is checked, and run.json is written."""

    experiment: Experiment
    settings: Any
    run: Run

    def perform(self) -> dict[str, Any]:
        """Runs it in its folder and returns its summary, which is also in summary.json there.

        Raises NonFiniteError, StorageError, SettingError where another process works in the folder, and what else
        the experiment raises. A new run whose data or settings are refused before it trained, or too large for the
        memory, leaves no folder.
        """
        with underway(self.experiment, self.run):
            started = perf_counter()
            results = self.experiment.load().run(self.settings, self.run)
            return finish(self.experiment, self.run, results, perf_counter() - started)


@contextmanager
def underway(experiment: Experiment, run: Run) -> Iterator[None]:
    """Claims the run's folder, and tells its events of the start and of an end that comes too early.

    A MemoryError leaves as the one of `too_little_memory`, which names the settings that ask for much.
    """
    folder = run.folder
    try:
        with claimed(folder.path):
            run.event("resumed" if run.resumed else "start")
            run.say(f"{experiment.name}: {experiment.summary}\nfolder: {folder.path}")
            if run.about.get("quick") and quick_settings(experiment):
                run.say(TOO_SHORT)
            try:
                yield
            except BaseException as error:
                with suppress(StorageError):  # a full disk may be what ended it
                    phase = "failed" if isinstance(error, Exception) else "interrupted"
                    run.event(phase, error=str(error) or type(error).__name__, kind=type(error).__name__)
                raise
    except (DataError, SettingError, MemoryError) as error:
        if not run.resumed and all(name == EventStream.name or name.endswith(".json") for name in folder.files):
            folder.remove()
        if isinstance(error, MemoryError):
            of = f"xdl run {experiment.name}"
            raise too_little_memory(of, error, run.about["settings"], defaults(experiment, run.about)) from error
        raise


def finish(experiment: Experiment, run: Run, results: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Writes and returns the summary.

    Raises NonFiniteError for results that are not finite: such a run is no success; SettingError for an experiment
    whose results have no number, since each one ends in a measure.
    """
    check_finite(f"results of {experiment.name}", results)
    expect(bool(numbers(results)), SettingError, f"results of {experiment.name}", "at least one number", "none")
    folder = run.folder
    summary = {
        **run.about,
        "shows": experiment.shows,
        **results,
        **({"what_to_see": run.seen} if run.seen else {}),
        "figures": run.notes[0] if run.notes else "drawn",
        "seconds": round(seconds, 3),
        "folder": str(folder.path),
        "files": sorted({*folder.files, "summary.json"}),
    }
    folder.write_json("summary.json", summary)
    run.event("end", {name: value for name, value in numbers(results).items() if name in results})
    run.say(files_in_words(folder.files))
    return summary


def start(name: str, request: RunRequest, *, out: str | os.PathLike[str], stream: TextIO) -> Plan:
    """A new run of an experiment, in the folder `<out>/<name>/<time>/`.

    stream: where progress and results are written for people

    Raises SettingError for an unknown experiment, setting or data set, or a folder that cannot be written;
    BackendError. The folder is made only when all else is right.
    """
    experiment, settings, about = checked(name, request)
    folder = RunFolder(out, name)
    folder.write_json("run.json", about)
    return Plan(experiment, settings, Run(folder, stream, about, request.data_dir))


def checked(name: str, request: RunRequest) -> tuple[Experiment, Any, dict[str, Any]]:
    """The experiment, its settings, and what run.json says of the run; the backend and the seed are in use then.

    Raises as `start` does, before anything is written.
    """
    experiment = find(name)
    data = data_set(experiment, request.data)
    quick = quick_settings(experiment) if request.quick else {}
    settings = make(experiment.load().Settings, presets(experiment, data), quick, request.settings(experiment))
    used = backend.current() if request.backend is None else backend.use(request.backend)
    seed = 0 if request.seed is None else request.seed
    xdl.manual_seed(seed)
    about = {
        "experiment": name,
        "settings": asdict(settings),
        "quick": request.quick,
        "seed": seed,
        "data": data,
        "backend": used.name,
        **kernel.options(),
        "versions": info.versions(),
        "started": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    return experiment, settings, about


def data_set(experiment: Experiment, named: str | None) -> str | None:
    """The data set to use: the one named, or the experiment's first; None for one that has none to choose.

    Raises SettingError for one that the experiment does not take.
    """
    if named is None:
        return experiment.data[0] if experiment.data else None
    experiment.check_data(named, f"xdl run {experiment.name}")
    return named


def presets(experiment: Experiment, data: str | None) -> dict[str, Any]:
    """The experiment's defaults for a data set, where they differ from the settings' own."""
    found: dict[str, Any] = getattr(experiment.load(), "PRESETS", {}).get(data, {})
    return found


def defaults(experiment: Experiment, about: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a run has where the user sets none."""
    quick = quick_settings(experiment) if about.get("quick") else {}
    return asdict(make(experiment.load().Settings, presets(experiment, about.get("data")), quick))


def quick_settings(experiment: Experiment) -> dict[str, Any]:
    """The experiment's QUICK settings, checked. Raises SettingError for none, or for values that it does not take."""
    module = experiment.load()
    if not hasattr(module, "QUICK"):
        raise SettingError(f"xdl run {experiment.name} --quick", "an experiment with settings QUICK", "none")
    return settings_file.from_values(module.Settings, module.QUICK, f"QUICK of {experiment.name}")


def files_in_words(files: Sequence[str]) -> str:
    """A line about the files of a run: the figures and the model by name, the others by number."""
    named = [name for name in files if name.endswith(".png") or name == "model.safetensors"]
    shown = ", ".join(named[:SHOWN]) + (f" and {len(named) - SHOWN} more" if len(named) > SHOWN else "")
    count = len(files) - len(named)
    rest = "1 other" if count == 1 else f"{count} others"
    return f"files: {shown}; {rest}" if named else f"files: {rest}"
