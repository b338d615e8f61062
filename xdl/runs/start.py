"""Starting an experiment, and the files that tell of it: run.json at the start, summary.json at the end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

import xdl
from xdl import backend, kernel
from xdl.errors import DataError, SettingError, nearest
from xdl.io.claim import claimed
from xdl.io.run_folder import RunFolder
from xdl.report import info
from xdl.runs import settings_file
from xdl.runs.registry import Experiment, find
from xdl.runs.run import Run
from xdl.runs.settings import from_text, make


@dataclass(frozen=True)
class Asked:
    """What a user asked for; None where nothing was said.

    given:    settings as text, see `settings.from_text`; they win over those of the file `config`
    data:     the name of a data set; data_dir: a folder with its files
    backend:  where the arrays live
    seed:     of initial weights, order of the data and masks: equal seeds give equal runs
    """

    given: Mapping[str, str]
    config: Path | None = None
    data: str | None = None
    data_dir: Path | None = None
    backend: str | None = None
    seed: int | None = None

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
        the experiment raises. A new run whose data cannot be had leaves no folder.
        """
        folder = self.run.folder
        try:
            with claimed(folder.path):
                return self._perform()
        except DataError:
            if folder.files == ["run.json"] and not self.run.resumed:
                (folder.path / "run.json").unlink()
                folder.path.rmdir()
            raise

    def _perform(self) -> dict[str, Any]:
        run, folder = self.run, self.run.folder
        run.say(f"{self.experiment.name}: {self.experiment.summary}\nfolder: {folder.path}")
        started = perf_counter()
        results = self.experiment.load().run(self.settings, run)
        summary = {
            **run.about,
            "shows": self.experiment.shows,
            **results,
            "figures": run.notes[0] if run.notes else "drawn",
            "seconds": round(perf_counter() - started, 3),
            "folder": str(folder.path),
            "files": sorted({*folder.files, "summary.json"}),
        }
        folder.write_json("summary.json", summary)
        run.say(f"files: {', '.join(folder.files)}")
        return summary


def start(name: str, asked: Asked, *, out: str | os.PathLike[str], stream: TextIO) -> Plan:
    """A new run of an experiment, in the folder `<out>/<name>/<time>/`.

    stream: where progress and results are written for people

    Raises SettingError for an unknown experiment, setting or data set, or a folder that cannot be written;
    BackendError. The folder is made only when all else is right.
    """
    experiment = find(name)
    data = data_set(experiment, asked.data)
    settings = make(experiment.load().Settings, presets(experiment, data), asked.settings(experiment))
    used = backend.use(asked.backend) if asked.backend else backend.current()
    seed = 0 if asked.seed is None else asked.seed
    xdl.manual_seed(seed)
    about = {
        "experiment": name,
        "settings": asdict(settings),
        "seed": seed,
        "data": data,
        "backend": used.name,
        **kernel.options(),
        "versions": info.versions(),
        "started": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    folder = RunFolder(out, name)
    folder.write_json("run.json", about)
    return Plan(experiment, settings, Run(folder, stream, about, asked.data_dir))


def data_set(experiment: Experiment, asked: str | None) -> str | None:
    """The data set to use: the one asked for, or the experiment's first; None for one that has none to choose.

    Raises SettingError for one that the experiment does not take.
    """
    if asked is None:
        return experiment.data[0] if experiment.data else None
    if asked not in experiment.data:
        own = f"Leave --data out: {experiment.name} makes its own data"
        hint = nearest(asked, experiment.data) if experiment.data else own
        raise SettingError(f"xdl run {experiment.name} --data", "a data set that it takes", repr(asked), hint)
    return asked


def presets(experiment: Experiment, data: str | None) -> dict[str, Any]:
    """The experiment's defaults for a data set, where they differ from the settings' own."""
    found: dict[str, Any] = getattr(experiment.load(), "PRESETS", {}).get(data, {})
    return found
