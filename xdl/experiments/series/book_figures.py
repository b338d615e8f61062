"""Figures of forecasts of the noisy curve: errors of all cells by step, losses by epoch, the curve itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

from xdl import plot
from xdl.runs.run import Run

FLOOR, REPORT = "the noise, a floor", "the book's report"
SHOWN = 150  # steps of the curve


def draw_steps(
    run: Run,
    title: str,
    cells: Mapping[str, Sequence[Sequence[float]]],
    baselines: Mapping[str, Sequence[float]],
    floor: float,
    see: str,
) -> None:
    """The mean squared errors of cells of one and of both directions by steps ahead, each beside all baselines.

    cells: {name: one curve a seed}; those of both directions begin with "bi-"
    """
    over = _count(next(iter(baselines.values())))
    known = {name: plot.Line(over, values, colour=9 - i) for i, (name, values) in enumerate(baselines.items())}
    known[FLOOR] = plot.Line(over, [floor] * len(over), look="dashed", colour=5)
    lines = {name: plot.Line.of_seeds(over, several) for name, several in cells.items()}
    both = {name: line for name, line in lines.items() if name.startswith("bi-")}
    one = {name: line for name, line in lines.items() if name not in both}
    panels = {"one direction": one, "both directions": both}
    drawn = {f"mean squared error, {name}": {**some, **known} for name, some in panels.items() if some}
    run.figure("cells", plot.lines_data(drawn, title, "steps ahead", log=True, share=True), see)


def draw_losses(
    run: Run, title: str, losses: Mapping[str, Sequence[Sequence[float]]], floor: float, reported: float, see: str
) -> None:
    """The validation losses of all cells by epoch: closer, and beside the floor and what the book reports."""
    over = _count(next(iter(losses.values()))[0])
    lines = {name: plot.Line.of_seeds(over, several) for name, several in losses.items()}
    known = {
        name: plot.Line(over, [value] * len(over), look="dashed")
        for name, value in ((FLOOR, floor), (REPORT, reported))
    }
    panels = {"validation loss": lines, "beside the floor": {**lines, **known}}
    run.figure("losses", plot.lines_data(panels, title, "epoch", log=True), see)


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


def _count(values: Sequence[float]) -> list[int]:
    return list(range(1, len(values) + 1))
