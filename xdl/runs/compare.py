"""Several runs side by side: one figure with their curves, one table of what differs (徐彬 5.6.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xdl import plot
from xdl.errors import SettingError
from xdl.io.json_text import shown
from xdl.runs.apart import differing, in_words, names
from xdl.runs.saved_run import SavedRun, read_run
from xdl.runs.settings import written
from xdl.runs.task import find_task
from xdl.train import MetricsFile

BETTER = {"min": min, "max": max}
NAMED = 6  # trainings inside a run, in a hint


def compare(paths: Sequence[Path], figure: Path) -> dict[str, Any]:
    """Draws the curves of the runs: {"figure", "data", "differ", "runs": one dict a run, "best": {measure: a run}}.

    figure: the PNG; the data that it is drawn from go to a file beside it, FIGURE.safetensors in place of FIGURE.png,
            which is there without matplotlib, too
    differ: a sentence about what the runs were asked for, and which of them have equal curves; it also stands below the
            figure

    A run's dict has its experiment, data, seed, the settings that are not the same in all runs, its epochs, its
    parameters and seconds, and the measures of the runs' tasks; None for what a run does not have (one that is not
    finished has no test results). A training inside a run of several, as RUN/with-penalty, counts as a run.
    "ended" says whether it is finished, or what nan or infinity has ended it: such a run is never the best. "best" has
    the measures that two runs or more have.

    Raises SettingError for fewer than two runs, folders that hold none or that have no epochs, or a figure that is
    no PNG; XdlError without matplotlib, when the figure's data are written.
    """
    if len(paths) < 2:
        raise SettingError("xdl compare", "two runs or more", len(paths), "For example: xdl compare runs/mlp/*")
    if figure.suffix != ".png":
        raise SettingError("xdl compare --out", "a name that ends in .png", figure)
    runs = [_read(path) for path in paths]
    histories = {name: run.history() for name, run in zip(names(runs), runs, strict=True)}
    empty = [str(run.path) for run, history in zip(runs, histories.values(), strict=True) if not history]
    if empty:
        inside = [str(part) for run in runs if str(run.path) in empty for part in _trainings(run.path)]
        named = ", ".join(inside[:NAMED]) + (f" and {len(inside) - NAMED} more" if len(inside) > NAMED else "")
        hint = f"Name trainings inside: {named}" if inside else ""
        raise SettingError("xdl compare", "runs with an epoch in metrics.jsonl", f"none in {', '.join(empty)}", hint)
    measures = _measures(runs)
    panels = [name.removeprefix("validation_") for name in measures if name.startswith("validation_")]
    differ = "; ".join([_differ(runs), *_equal(histories, panels or ["loss"])])
    data = plot.comparison_data(histories, _title(runs), panels or ["loss"]).captioned(differ)
    data_file = figure.with_suffix(".safetensors")
    plot.save_data(data, data_file)
    plot.draw(data, figure)
    settings = [{name: written(value) for name, value in run.about["settings"].items()} for run in runs]
    rows = []
    for name, run, values in zip(histories, runs, settings, strict=True):
        row: dict[str, Any] = {"run": name, "folder": str(run.path)}
        row |= {key: run.about[key] for key in ("experiment", "data", "seed")}
        row |= {key: values.get(key) for key in differing(settings) if key != "epochs"}
        results = run.summary() if run.finished else {}
        last = histories[name][-1]
        row |= {
            "epochs": len(histories[name]),
            "ended": "finished" if _is_finished(run) else run.astray or "not finished",
        }
        row |= {key: _number(run, key, results.get(key, last.get(key))) for key in (*measures, "parameters", "seconds")}
        rows.append(row)
    usable = [row for row, run in zip(rows, runs, strict=True) if not run.astray]
    best = _best(usable, measures)
    return {"figure": str(figure), "data": str(data_file), "differ": differ, "runs": rows, "best": best}


def _read(path: Path) -> SavedRun:
    """The run in a folder, or a training inside a run of several, which has its own epochs and the run's settings."""
    whole = path.resolve().parent
    inside = (path / MetricsFile.name).is_file() and (whole / "run.json").is_file()
    return replace(read_run(whole), path=path) if _is_part(path) and inside else read_run(path)


def _trainings(path: Path) -> list[Path]:
    """The folders inside a run's that have epochs of their own."""
    return sorted(file.parent for file in path.rglob(MetricsFile.name))


def _is_part(path: Path) -> bool:
    return not (path / "run.json").is_file()


def _is_finished(run: SavedRun) -> bool:
    return run.finished or (_is_part(run.path) and (run.path.resolve().parent / "summary.json").is_file())


def _differ(runs: Sequence[SavedRun]) -> str:
    """A sentence about what the runs were asked for, or that they are trainings of one run."""
    if all(_is_part(run.path) for run in runs) and len({run.path.resolve().parent for run in runs}) == 1:
        return "these are trainings of one run, which their names tell apart"
    return in_words(runs)


def _equal(histories: Mapping[str, Sequence[Mapping[str, float]]], measures: Sequence[str]) -> list[str]:
    """For each group of runs whose curves are the same, so that one hides the other, a sentence that says so."""
    drawn = [f"{part}_{measure}" for part in ("train", "validation") for measure in measures]
    groups: dict[str, list[str]] = {}
    for name, history in histories.items():
        curves = [[record.get(key) for key in ("epoch", *drawn)] for record in history]
        groups.setdefault(str(curves), []).append(name)
    return [f"equal curves: {' and '.join(alike)}" for alike in groups.values() if len(alike) > 1]


def _title(runs: Sequence[SavedRun]) -> str:
    """The experiments and the data that are compared."""
    experiments = dict.fromkeys(run.experiment.name for run in runs)
    data = dict.fromkeys(run.about["data"] for run in runs if run.about["data"])
    return ", ".join(experiments) + (f" on {', '.join(data)}" if data else "")


def _measures(runs: Sequence[SavedRun]) -> dict[str, str]:
    """{measure: "min" or "max", whichever is better}, of all runs' tasks."""
    tasks = [find_task(run.experiment) for run in runs]
    return {name: better for task in tasks if task for name, better in task.measures.items()}


def _number(run: SavedRun, name: str, value: Any) -> float | None:
    """A result of a run, None for none. Raises SettingError where its summary has something else there."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise SettingError(f"{run.path / 'summary.json'}", f"a number as {name}", shown(value), run.how_to_resume())


def _best(rows: Sequence[Mapping[str, Any]], measures: Mapping[str, str]) -> dict[str, str]:
    """{measure: the run that has the best of it, or all that do}."""
    best = {}
    for name, better in measures.items():
        found = [(row[name], row["run"]) for row in rows if row[name] is not None]
        if len(found) > 1:
            value = BETTER[better](number for number, _ in found)
            best[name] = " and ".join(run for number, run in found if number == value)
    return best
