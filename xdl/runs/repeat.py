"""The same experiment from several seeds: what of its results is the method, and what is luck.

A folder `<out>/<experiment>/<time>/` holds a run of its own for each seed, in seed-0/, seed-1/, ..., and beside them
run.json, events.jsonl, figures/bands.png, and in summary.json the bands of all results.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import nan
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

import xdl
from xdl import kernel, plot
from xdl.errors import SettingError
from xdl.io.run_folder import RunFolder
from xdl.runs.registry import Experiment
from xdl.runs.resume import find_run, resume
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun, read_run
from xdl.runs.settings import written
from xdl.runs.start import Plan, RunRequest, checked, finish, start, underway
from xdl.runs.statistics import band, numbers, wilson_interval
from xdl.train import MetricsFile

AROUND = {"shows", "what_to_see", "figures", "seconds", "folder", "files"}  # of a summary: no results
ENDS = (" from", " to", " least loss", " largest loss")  # names of results that are ends of a range
HEADINGS = ("result", "mean", "std", "min", "max", "95 % interval")


@dataclass(frozen=True)
class RepeatPlan:
    """Runs of one experiment with the same settings and several seeds, those in run.about["seeds"]."""

    experiment: Experiment
    settings: Any
    run: Run

    def perform(self) -> dict[str, Any]:
        """Does what is missing of the runs, seed by seed, and returns the summary: "runs" and "bands".

        Raises what `Plan.perform` does; then the seeds that are finished stay so.
        """
        with underway(self.experiment, self.run):
            started = perf_counter()
            summaries = []
            for seed in self.run.about["seeds"]:
                self.run.say(f"\nseed {seed}")
                self.run.event("seed", {"seed": seed})
                summaries.append(self._one(seed))
            bands = bands_of(summaries)
            self._show(bands)
            results = {"runs": [_line(summary) for summary in summaries], "bands": bands}
            return finish(self.experiment, self.run, results, perf_counter() - started)

    def _one(self, seed: int) -> dict[str, Any]:
        """The summary of a seed's run, which is started, resumed, or finished already."""
        folder = RunFolder.at(self.run.folder.path / f"seed-{seed}")
        about = {name: value for name, value in self.run.about.items() if name not in ("seeds", "resumed")}
        about |= {"seed": seed, "started": datetime.now().astimezone().isoformat(timespec="seconds")}
        try:
            saved = read_run(folder.path) if (folder.path / "run.json").is_file() else None
        except SettingError:  # damaged: it said what this one says
            folder.write_json("run.json", about)
            saved = read_run(folder.path)
        if saved is None:
            folder.write_json("run.json", about)
            xdl.manual_seed(seed)
            run = replace(self.run, folder=folder, about=about, resumed=False)
            return Plan(self.experiment, self.settings, run).perform()
        if saved.whole and saved.settings == self.settings:
            return saved.summary()
        old, new = asdict(saved.settings), asdict(self.settings)
        given = {name: written(value) for name, value in new.items() if value != old[name]}
        request = RunRequest(given, data_dir=self.run.data_dir)
        return resume(saved, request, stream=self.run.stream).perform()

    def _show(self, bands: Mapping[str, Mapping[str, Any]]) -> None:
        """A table of the results that are not the same for all seeds, and a figure of the validation curves."""
        seeds = self.run.about["seeds"]
        rows = [
            (name, *(one[key] for key in HEADINGS[1:5]), _words(one.get("interval")))
            for name, one in bands.items()
            if one["min"] < one["max"] or len(seeds) == 1
        ]
        own = getattr(self.settings, "seeds", 1)
        each = f", of each {own} trainings with its seed and the next ones" if own > 1 else ""
        self.run.say(f"\n{len(seeds)} seeds, {seeds[0]} to {seeds[-1]}{each}:")
        if rows:
            self.run.table(HEADINGS, rows)
        else:
            self.run.say(f"no result varies: all {len(bands)} are the same with every seed")
        if panels := _curves([self.run.folder.path / f"seed-{seed}" for seed in seeds]):
            title = f"{self.experiment.name}: mean and range of {len(seeds)} seeds"
            self.run.figure("bands", plot.bands_data(panels, title))


def repeat(name: str, request: RunRequest, *, out: str | os.PathLike[str], stream: TextIO) -> RepeatPlan:
    """New runs of an experiment with request.seeds seeds, from request.seed on. Raises as `start` does.

    A run that trains from several seeds of its own, its setting `seeds`, takes as many: the next one begins behind
    them, so that no training is in two runs.
    """
    experiment, settings, about = checked(name, request)
    step = getattr(settings, "seeds", 1)
    about |= {"seeds": [about["seed"] + i * step for i in range(request.seeds or 1)]}
    folder = RunFolder(out, name)
    folder.write_json("run.json", about)
    return RepeatPlan(experiment, settings, Run(folder, stream, about, request.data_dir))


def prepare(
    target: str, request: RunRequest, *, resumed: bool, out: str | os.PathLike[str], stream: TextIO
) -> Plan | RepeatPlan:
    """What `xdl run` performs: an experiment from one seed or from several, new or resumed.

    target: the name of the experiment; where it is resumed also the folder of a run, see `find_run`

    Raises as `start` and `resume` do.
    """
    if not resumed:
        return (start if request.seeds is None else repeat)(target, request, out=out, stream=stream)
    saved: SavedRun = find_run(target, Path(out))
    plan = resume(saved, request, stream=stream)
    return RepeatPlan(plan.experiment, plan.settings, plan.run) if "seeds" in saved.about else plan


def bands_of(summaries: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """{result: {"n", "mean", "std", "min", "max"}} over the summaries of several runs that have it, see `numbers`.

    A test accuracy has also "interval", Wilson's for the mean accuracy: what the size of the test set, which is the
    same for all seeds, leaves open.
    """
    found = [_results(summary) for summary in summaries]
    bands: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(name for results in found for name in results):
        one = bands[name] = band([results[name] for results in found if name in results])._asdict()
        samples = found[0].get("test_samples")
        if samples and "test" in name and name.endswith("accuracy"):
            one["interval"] = wilson_interval(min(1.0, one["mean"]) * samples, int(samples))
    return bands


def _results(summary: Mapping[str, Any]) -> dict[str, float]:
    """The numbers among a run's results, without the ends of ranges over seeds of its own."""
    about = {"experiment", "settings", "quick", "seed", "data", "backend", *kernel.options(), "versions", "resumed"}
    found = numbers({name: value for name, value in summary.items() if name not in AROUND | about})
    return {name: value for name, value in found.items() if not name.endswith(ENDS)}


def _line(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What the summary of all says of one run."""
    flat = {name: value for name, value in _results(summary).items() if name in summary}
    return {"seed": summary["seed"], "folder": f"seed-{summary['seed']}", **flat, "seconds": summary["seconds"]}


def _words(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.4f} to {interval[1]:.4f}"


def _curves(folders: Sequence[Path]) -> dict[str, dict[str, list[list[float]]]]:
    """{measure: {training: one curve a seed}} of every validation measure in the runs' metrics.jsonl."""
    panels: dict[str, dict[str, list[list[float]]]] = {}
    for folder in folders:
        saved = read_run(folder)
        for path in sorted(folder.rglob(MetricsFile.name)):
            training = path.parent.relative_to(folder).as_posix().strip(".")
            history = saved.records(path)
            for name in dict.fromkeys(name for record in history for name in record if name.startswith("validation_")):
                curve = [nan if record.get(name) is None else record[name] for record in history]
                measure = name.removeprefix("validation_")
                panels.setdefault(measure, {}).setdefault(training or "validation", []).append(curve)
    return panels
