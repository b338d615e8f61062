"""Lines: several curves in one figure, for functions and for runs side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import new_figure, save

Record = Mapping[str, float]

MEASURES = ("loss", "accuracy")
LEGEND = 10  # lines; beyond these a legend hides more than it says


def lines(
    path: str | os.PathLike[str],
    panels: Mapping[str, Mapping[str, tuple[ArrayLike, ArrayLike]]],
    title: str,
    x: str = "",
    *,
    columns: int = 3,
    log: bool = False,
    x_log: bool = False,
) -> None:
    """Draws panels of curves side by side, and writes a PNG.

    panels: {title of the panel: {label: (xs, ys)}}, every pair of the same length; nan leaves a gap
    x:      what the horizontal axis shows; log, x_log: a logarithmic vertical, horizontal axis

    Raises DataError for no panels or curves, ShapeError for lengths that differ.
    """
    expect(bool(panels) and all(panels.values()), DataError, "plot.lines", "at least one curve in each panel", "none")
    across = min(columns, len(panels))
    down = -(-len(panels) // across)
    figure = new_figure(4.6 * across, 3.5 * down + 0.3)
    figure.suptitle(title)
    tiles = figure.subplots(down, across, squeeze=False).flat
    for axes, (name, curves) in zip(tiles, panels.items(), strict=False):
        for label, (xs, ys) in curves.items():
            across_, up = np.asarray(xs), np.asarray(ys)
            expect(
                across_.shape == up.shape and up.ndim == 1,
                ShapeError,
                "plot.lines",
                f"two lists of one length for {label!r}",
                (across_.shape, up.shape),
            )
            axes.plot(across_, up, label=label, marker="o" if len(up) < 3 else "", linewidth=1.7)
        _finish(axes, name, x, len(curves))
        if log:
            axes.set_yscale("log")
        if x_log:
            axes.set_xscale("log")
    for axes in tiles:  # what is left of the last row
        axes.set_axis_off()
    save(figure, path)


def comparison(
    path: str | os.PathLike[str],
    histories: Mapping[str, Sequence[Record]],
    title: str,
    measures: Sequence[str] = MEASURES,
) -> None:
    """Draws loss and accuracy of several trainings, one colour each: validation solid, training dashed; writes a PNG.

    histories: {name: one record an epoch}, as `Trainer.fit` returns and metrics.jsonl holds them
    measures:  one panel for each that a record has, as train_<measure> or validation_<measure>

    Raises DataError where there is nothing to draw.
    """
    expect(any(histories.values()), DataError, "plot.comparison", "a training with at least one epoch", "none")
    there = {name for history in histories.values() for record in history for name in record}
    shown = [measure for measure in measures if {f"train_{measure}", f"validation_{measure}"} & there]
    wanted = " or ".join(f"train_{measure}" for measure in measures)
    expect(bool(shown), DataError, "plot.comparison", f"records with {wanted}", "none")
    figure = new_figure(5.5 * len(shown), 4.2)
    figure.suptitle(title)
    for axes, measure in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        for number, (name, history) in enumerate(histories.items()):
            label: str | None = name  # of the first line that is there
            for part, style in (("validation", "-"), ("train", "--")):
                points = [(r["epoch"], r[f"{part}_{measure}"]) for r in history if f"{part}_{measure}" in r]
                if points:
                    marker = "o" if len(points) < 3 else ""
                    xs, ys = zip(*points, strict=True)
                    axes.plot(xs, ys, style, color=f"C{number % 10}", label=label, marker=marker, linewidth=1.6)
                    label = None
        _finish(axes, f"{measure} (dashed: training)", "epoch", len(histories))
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    save(figure, path)


def _finish(axes: Any, title: str, x: str, curves: int) -> None:
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if 1 < curves <= LEGEND:
        axes.legend(frameon=False, fontsize=8)
