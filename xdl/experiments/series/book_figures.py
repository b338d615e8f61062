"""Figures of forecasts of the noisy curve: errors of all cells by step, losses by epoch, the curve itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

from xdl import plot
from xdl.runs.run import Run

SHOWN = 150  # steps of the curve


def draw_steps(
    run: Run, title: str, errors: Mapping[str, Sequence[Sequence[float]]], floor: float, thick: str, see: str
) -> None:
    """The mean squared errors of everything by steps ahead, and the floor. thick: the name of the baseline."""
    over = list(range(1, len(next(iter(errors.values()))[0]) + 1))
    lines = {
        name: plot.Line.of_seeds(over, several, "thick" if name == thick else "line")
        for name, several in errors.items()
    }
    lines["the noise, a floor"] = plot.Line(over, [floor] * len(over), look="dashed")
    panel = {"mean squared error on the test part": lines}
    run.figure("cells", plot.lines_data(panel, title, "steps ahead", log=True), see)


def draw_losses(
    run: Run, title: str, losses: Mapping[str, Sequence[Sequence[float]]], floor: float, reported: float, see: str
) -> None:
    """The validation losses of all cells by epoch, the floor, and what the book reports."""
    over = list(range(1, len(next(iter(losses.values()))[0]) + 1))
    lines = {name: plot.Line.of_seeds(over, several) for name, several in losses.items()}
    lines["the noise, a floor"] = plot.Line(over, [floor] * len(over), look="dashed")
    lines["the book's report"] = plot.Line(over, [reported] * len(over), look="dashed")
    panel = {"mean squared error on the validation part": lines}
    run.figure("losses", plot.lines_data(panel, title, "epoch", log=True), see)


def draw_curve(run: Run, title: str, truth: Any, forecasts: Mapping[str, Any], see: str) -> None:
    """The curve (N, steps), cut into pieces that follow one another, and the forecast of each piece.

    forecasts: {name: (N, steps)} for every window; of `steps` windows one is taken
    """
    steps = len(truth[0])
    pieces = range(0, min(len(truth), SHOWN), steps)
    over = [i + k + 1 for i in pieces for k in range(steps)]
    lines = {"truth": plot.Line(over, [value for i in pieces for value in truth[i]], look="thick")}
    for name, given in forecasts.items():
        xs = [x for i in pieces for x in (*range(i + 1, i + steps + 1), i + steps + 0.5)]
        lines[name] = plot.Line(xs, [value for i in pieces for value in (*given[i], nan)])
    panel = {f"each piece is forecast from the {steps} values before it": lines}
    run.figure("curve", plot.lines_data(panel, title, "step of the test part"), see)
