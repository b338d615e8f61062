"""Bands: the curves of several runs of the same kind as their mean and range."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xdl.errors import DataError, expect
from xdl.plot.figure import new_figure, save


def bands(
    path: str | os.PathLike[str],
    panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]],
    title: str,
    x: str = "epoch",
) -> None:
    """Draws panels side by side, in each a line for the mean of several curves and a band from min to max; a PNG.

    panels: {title of the panel: {label: curves}}, each curve one value an epoch. Curves may end early, as where a run
            was stopped: mean and band are those of the curves that have the epoch. nan counts as no value

    Raises DataError where there is nothing to draw.
    """
    curves = [curve for panel in panels.values() for several in panel.values() for curve in several]
    expect(any(len(curve) for curve in curves), DataError, "plot.bands", "a curve with at least one value", "none")
    figure = new_figure(5 * len(panels), 4)
    figure.suptitle(title)
    for axes, (name, several) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        for number, (label, of_one_kind) in enumerate(several.items()):
            mean, low, high = mean_and_range(of_one_kind)
            epochs, colour = np.arange(1, len(mean) + 1), f"C{number % 10}"
            axes.fill_between(epochs, low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(epochs, mean, color=colour, label=label, marker="o" if len(mean) < 3 else "", linewidth=1.8)
        axes.set_title(name)
        axes.set_xlabel(x)
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
    save(figure, path)


def mean_and_range(curves: Sequence[Sequence[float]]) -> tuple[Any, Any, Any]:
    """Mean, smallest and largest value at each position, as arrays as long as the longest curve; nan where none is."""
    padded = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(padded, curves, strict=True):
        row[: len(curve)] = curve
    here = ~np.isnan(padded)
    count = here.sum(0)
    mean = np.where(here, padded, 0.0).sum(0) / np.maximum(count, 1)
    low, high = np.where(here, padded, np.inf).min(0), np.where(here, padded, -np.inf).max(0)
    for values in (mean, low, high):
        values[count == 0] = np.nan
    return mean, low, high
