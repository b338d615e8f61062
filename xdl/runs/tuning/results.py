"""What a search found: its trials from the best on, a figure of all of them, and the best one from fresh seeds."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf, isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xdl import plot
from xdl.errors import SettingError
from xdl.io.run_folder import RunFolder
from xdl.runs.repeat import RepeatPlan
from xdl.runs.run import Run
from xdl.runs.saved_run import read_run
from xdl.runs.settings import written
from xdl.runs.start import checked
from xdl.runs.statistics import Band, band
from xdl.runs.tuning import trials
from xdl.runs.tuning.search import Search
from xdl.runs.tuning.worker import counting

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

PLACES = ("COMPLETE", "PRUNED", "FAIL")  # in the ranking; diverged trials come after the pruned ones
FOLDER = "best"


@dataclass(frozen=True)
class Trial:
    """A trial that has ended. value: None where it has none, as for a diverged one; of a pruned one the last it had."""

    number: int
    value: float | None
    ended: str
    settings: dict[str, Any]
    folder: str
    state: str

    @property
    def is_finished(self) -> bool:
        """Whether its run came to its end with a number."""
        return self.state == "COMPLETE" and self.value is not None


def ranked(study: Study, search: Search) -> list[Trial]:
    """The trials that have ended: finished ones from the best on, pruned ones, diverged ones, refused ones."""
    ended = [_trial(one) for one in counting(study) if one.state.name in PLACES]
    sign = 1 if search.mode == "min" else -1

    def place(one: Trial) -> tuple[float, float, int]:
        diverged = 1.5 if one.state == "COMPLETE" and one.value is None else 0
        return diverged or PLACES.index(one.state), inf if one.value is None else sign * one.value, one.number

    return sorted(ended, key=place)


def _trial(one: FrozenTrial) -> Trial:
    value = one.value if one.value is not None and isfinite(one.value) else None
    ended, folder = one.user_attrs["end"]["how"], one.user_attrs["at"]["folder"]
    return Trial(one.number, value, ended, dict(one.params), f"{trials.FOLDER}/{folder}", one.state.name)


def table(search: Search, found: Sequence[Trial]) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows of the ranking."""
    headings = ["", "trial", search.measure, *search.ranges, "ended"]
    rows = []
    for place, one in enumerate(found, 1):
        settings = [one.settings.get(name) for name in search.ranges]
        rows.append([place, one.number, one.value, *settings, one.ended.partition(":")[0]])
    return headings, rows


def figure(search: Search, found: Sequence[Trial]) -> plot.FigureData | None:
    """Parallel coordinates of the trials, the best one marked; None where no trial has ended with settings."""
    drawn = [one for one in found if one.state != "FAIL"]
    if not drawn:
        return None
    columns = {one.name: [trial.settings[one.name] for trial in drawn] for one in search.parsed}
    ranges = {one.name: one.values for one in search.parsed}
    best = 0 if drawn[0].is_finished else None
    said = (
        f": best {', '.join(f'{key}={shortly(value)}' for key, value in drawn[0].settings.items())}"
        if best == 0
        else ""
    )
    return plot.parallel_data(
        columns,
        [nan if one.value is None else one.value for one in drawn],
        f"{search.experiment}, {len(drawn)} trials{said}",
        value=search.measure,
        better=search.mode,
        ranges=ranges,
        log=[one.name for one in search.parsed if one.kind == "log"],
        best=best,
        faint=[one.state == "PRUNED" for one in drawn],
    )


def shortly(value: Any) -> str:
    """A value of a setting in few digits."""
    return f"{value:.3g}" if isinstance(value, float) else written(value)


def retrain(search: Search, best: Trial, seeds: int, folder: Path, data_dir: Path | None) -> Path:
    """Runs the best trial's settings with seeds that no trial had, in a folder below the study's: that folder.

    What is there already is kept, so that it goes on where it was interrupted. Raises what `RepeatPlan.perform` does.
    """
    request = search.request(best.settings, data_dir)
    experiment, settings, about = checked(search.experiment, request)
    step = getattr(settings, "seeds", 1)
    about |= {"seeds": [search.seed + i * step for i in range(1, seeds + 1)]}
    RunFolder.at(folder / FOLDER)
    home = RunFolder.at(folder / FOLDER / f"trial-{best.number:04}")
    if (home.path / "run.json").is_file():
        saved = read_run(home.path)
        if saved.whole and saved.about["seeds"] == about["seeds"]:
            return home.path
        (home.path / "summary.json").unlink(missing_ok=True)
    about["started"] = datetime.now().astimezone().isoformat(timespec="seconds")
    home.write_json("run.json", about)
    RepeatPlan(experiment, settings, Run(home, io.StringIO(), about, data_dir)).perform()
    return home.path


def again(retrained: Path) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows of the results that vary between the runs of the best settings."""
    headings = ["result", "mean", "std", "min", "max"]
    bands = read_run(retrained).summary()["bands"]
    return headings, [
        [name, *(one[key] for key in headings[1:])]
        for name, one in bands.items()
        if one["min"] < one["max"] or one["n"] == 1
    ]


@dataclass(frozen=True)
class Optimism:
    """How much better the best trial looked than its settings are: the best of many is partly luck.

    best: the best trial's result; again: of the runs with fresh seeds; value: by how much the former is better than the
    mean of the latter
    """

    best: float
    again: Band
    value: float


def optimism(search: Search, best: Trial, retrained: Path) -> Optimism:
    """The selection optimism of a search. Raises SettingError for runs without the measure."""
    seeds = read_run(retrained).about["seeds"]
    values = [trials.value_of(read_run(retrained / f"seed-{seed}"), search.measure) for seed in seeds]
    there = [value for value in values if value is not None]
    if not there or best.value is None:
        raise SettingError(f"run {retrained}", f"{search.measure} of the best settings", "none: they all diverged")
    again = band(there)
    better = again.mean - best.value if search.mode == "min" else best.value - again.mean
    return Optimism(best.value, again, better)


def in_words(search: Search, found: Sequence[Trial], optimistic: Optimism | None) -> list[str]:
    """What there is to see: how the trials ended, and what the best one is worth."""
    states = {"finished": 0, "pruned": 0, "diverged": 0, "refused": 0}
    for one in found:
        states[one.ended.replace(":", " ").split()[0]] += 1
    counted = ", ".join(f"{count} {state}" for state, count in states.items() if count)
    trials_in_all = several(len(found), "trial")
    said = [f"{trials_in_all}: {counted}"]
    if optimistic is not None:
        again = optimistic.again
        way = "flattered it" if optimistic.value > 0 else "did not flatter it: its settings were even better again,"
        said.append(
            f"the best of {trials_in_all} had {search.measure} {optimistic.best:.4g}; its settings from "
            f"{several(again.n, 'fresh seed')} have {again.mean:.4g} ({again.min:.4g} to {again.max:.4g}): "
            f"being the best of many {way} by {abs(optimistic.value):.2g}"
        )
    return said


def several(count: int, what: str) -> str:
    """A number of things in words: 1 trial, 2 trials."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def summary(search: Search, found: Sequence[Trial]) -> list[Mapping[str, Any]]:
    """The ranking for programs."""
    return [vars(one) for one in found]
