"""Running an experiment: settings in, one folder and one summary out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any, TextIO

import xdl
from xdl import backend, info
from xdl.experiments.registry import find
from xdl.experiments.settings import make
from xdl.train.run import RunFolder


@dataclass(frozen=True)
class Run:
    """One run of an experiment. metadata: what its model file says about it."""

    folder: RunFolder
    stream: TextIO
    metadata: Mapping[str, Any]

    def say(self, text: str) -> None:
        """Writes a line for people."""
        print(text, file=self.stream, flush=True)


def run_experiment(
    name: str,
    given: Mapping[str, str],
    *,
    backend_name: str | None,
    seed: int,
    out: str | os.PathLike[str],
    stream: TextIO,
) -> dict[str, Any]:
    """Runs an experiment and returns its summary, which is also in `<out>/<name>/<time>/summary.json`.

    given:        settings as text, see `settings.make`
    backend_name: where the arrays live; None keeps the current backend
    seed:         of initial weights, order of the data and masks: equal seeds give equal runs
    stream:       where progress and results are written for people

    Raises SettingError for an unknown experiment or setting, or a folder that cannot be written; BackendError;
    NonFiniteError. All but the last come before any training.
    """
    experiment = find(name)
    module = experiment.load()
    settings = make(module.Settings, given)
    used = backend.use(backend_name) if backend_name else backend.current()
    xdl.manual_seed(seed)
    about = {"experiment": name, "settings": asdict(settings), "seed": seed}
    run = Run(RunFolder(out, name), stream, about)
    run.say(f"{name}: {experiment.summary}\nfolder: {run.folder.path}")
    started = perf_counter()
    results = module.run(settings, run)
    summary = {
        **about,
        "shows": experiment.shows,
        "backend": used.name,
        "threads": xdl.get_num_threads(),
        "versions": info.versions(),
        **results,
        "seconds": round(perf_counter() - started, 3),
        "folder": str(run.folder.path),
        "files": [*run.folder.files, "summary.json"],
    }
    run.folder.write_json("summary.json", summary)
    run.say(f"files: {', '.join(run.folder.files)}")
    return summary
