"""Figures of a recurrent network on waves: forecasts, errors by horizon, losses of the ways to sample windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xdl import plot
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.next_value import NextValue
from xdl.experiments.shared.claims import in_words
from xdl.runs.run import Run
from xdl.train import Record


@dataclass
class Tried:
    """One training. one_step, ahead: RMSE on the test part, in units of the series; drawn: of the first window."""

    model: NextValue
    history: list[Record]
    one_step: float
    ahead: list[float]
    drawn: tuple[list[float], list[float]]


def draw(
    run: Run,
    tried: Mapping[str, Sequence[Tried]],
    baseline: Mapping[str, Sequence[float]],
    noises: Mapping[str, float],
    truth: Sequence[float],
    said: Sequence[str],
) -> None:
    """Forecasts of the test part by the first way and by random windows, errors by horizon, losses by epoch.

    tried:    by way, the first and the third of which are drawn; baseline: its name and RMSE by horizon
    noises:   std of the noise by way, in the series that it was trained and tested on
    truth:    of the first window, as many values as it runs free
    """
    ways, seeds = list(tried), len(next(iter(tried.values())))
    panels: dict[str, Any] = {}
    for i, way_ahead in enumerate(("one step ahead", "running free")):
        lines: dict[str, Any] = {"truth": plot.Line(_count(truth), truth, look="thick")}
        for way in (ways[0], ways[2]):
            values = tried[way][0].drawn[i]
            lines[way] = plot.Line(_count(values), values)
        panels[way_ahead] = lines
    title = "Recurrent network on sin(0.1 t) + cos(0.2 t) with noise, test part"
    run.figure("forecasts", plot.lines_data(panels, title, "step", share=True), "\n".join((said[0], said[2])))
    errors: dict[str, Any] = {way: plot.Line.of_seeds(_count(truth), [one.ahead for one in tried[way]]) for way in ways}
    errors |= {name: plot.Line(_count(values), values) for name, values in baseline.items()}
    if noise := max(noises.values()):
        errors[floor_name(noises)] = plot.Line(_count(truth), [noise] * len(truth), look="dashed")
    title = f"Recurrent network running free, test part ({in_words(seeds)})"
    run.figure("horizon", plot.lines_data({"RMSE": errors}, title, "steps ahead", log=True), "\n".join(said[2:]))
    losses = {
        way: plot.Line.of_seeds(
            [record["epoch"] for record in tried[way][0].history],
            [[record["validation_loss"] for record in one.history] for one in tried[way]],
        )
        for way in ways
    }
    title = f"Ways to sample windows ({in_words(seeds)})"
    panel = {"mean squared error on the validation part, from a fresh state": losses}
    run.figure("losses", plot.lines_data(panel, title, "epoch", log=True), said[1])


def floor_name(noises: Mapping[str, float]) -> str:
    """What the line of the noise is called: a floor, and of which curves, where some have no noise."""
    return "the noise, a floor" if all(noises.values()) else "the noise, a floor of the curves with noise"


def values_of(form: SeriesForm, z: Any) -> list[float]:
    """The values (N,) of a column (N, 1), in units of the series."""
    values: list[float] = form.scale.undo(z)[:, 0].tolist()
    return values


def _count(values: Sequence[float]) -> list[int]:
    return list(range(1, len(values) + 1))
