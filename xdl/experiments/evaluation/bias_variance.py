"""Bias and variance: polynomials fitted to 100 re-drawn sets of points, and what their error is made of (hwdong 3.3.4).

At each x, with the mean over the sets written E, f the curve without noise, p a fit, and y = f + noise a new point:

    E (p - y)**2  =  (E p - f)**2  +  E (p - E p)**2  +  E noise**2
    error            bias**2          variance           noise

The variance is that of a sample, with sets - 1 below. The mean of so many fits still varies by variance / sets, which
is taken off its squared distance from f: what is left is bias**2. Their sum is not changed by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import Any

import xdl
from xdl import plot
from xdl.data import wavy_line
from xdl.experiments.evaluation.polynomials import least_squares, stacked, values
from xdl.experiments.shared.claims import claim
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}
LOW, HIGH = 0.0, 5.0  # where the points lie
CLOUD = 40  # fits that are drawn
PARTS = ("bias^2", "variance", "noise", "their sum", "measured error")


@dataclass(frozen=True)
class Settings:
    """Points of x + 2 sin(1.5 x) with normal noise, drawn again and again."""

    degrees: tuple[int, ...] = setting((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), "degrees of the polynomials", low=0, high=20)
    drawn: tuple[int, ...] = setting((0, 1, 4, 9), "degrees whose fits are drawn, one panel each", low=0, high=20)
    samples: int = setting(40, "points in a set", low=2)
    sets: int = setting(100, "sets of points, each fitted by itself", low=2)
    noise: float = setting(1.0, "std of the noise", above=0)
    seeds: int = setting(3, "times that all is drawn, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Bias, variance and noise by degree, beside the error that is measured on new points; the fits as a cloud."""
    run.say(f"data: {settings.sets} sets of {settings.samples} points of x + 2 sin(1.5 x), noise {settings.noise:g}")
    grid = xdl.linspace(LOW, HIGH, 101, dtype="float64")[1:-1]
    found = {
        degree: [_parts(_fits(settings, run, degree, grid, i), grid, settings.noise) for i in range(settings.seeds)]
        for degree in settings.degrees
    }
    means = {degree: [band([one[i] for one in parts]).mean for i in range(5)] for degree, parts in found.items()}
    rows = [(degree, *(float(f"{value:.4g}") for value in means[degree])) for degree in settings.degrees]
    table = run.table(("degree", *PARTS), rows)
    see = _what_to_see(run, settings, found, means)
    note = (
        f"bias^2 is an estimate: the squared distance of the mean of the fits from the curve, less variance / "
        f"{settings.sets}, by which this mean still varies; so it may come out below 0"
    )
    run.see(note)
    if any(parts[0] <= 0 for several in found.values() for parts in several):
        see += f"\n{note}; such a point is not drawn"
    run.figure("bias-variance", _by_degree(settings, found), see)
    run.figure("fits", _cloud(settings, run, grid), note)
    return {"degrees": table, "largest_gap": max(abs(row[4] / row[3] - 1) for row in means.values())}


def _curve(x: Tensor) -> Tensor:
    return x + 2 * (1.5 * x).sin()


def _fits(settings: Settings, run: Run, degree: int, grid: Tensor, repeat: int = 0) -> Tensor:
    """The fits (sets, points of the grid); those of one repeat are fitted to the same sets for every degree."""
    first = (run.about["seed"] + repeat) * settings.sets
    sets = [wavy_line(settings.samples, settings.noise, first + i) for i in range(settings.sets)]
    x, y = stacked(sets)
    run.reseed(repeat)  # the new points that the error is measured on
    return values(least_squares(x, y, degree, LOW, HIGH), grid, LOW, HIGH)


def _parts(fits: Tensor, grid: Tensor, noise: float) -> tuple[float, ...]:
    """bias**2, variance, noise, their sum, and the error on new points, one a fit and x; means over the grid."""
    mean, curve = fits.mean(0), _curve(grid)
    sets = fits.shape[0]
    variance = ((fits - mean) ** 2).sum(0).mean().item() / (sets - 1)
    bias = ((mean - curve) ** 2).mean().item() - variance / sets
    new = curve + noise * xdl.randn(*fits.shape, dtype="float64")
    return bias, variance, noise**2, bias + variance + noise**2, ((fits - new) ** 2).mean().item()


def _what_to_see(run: Run, settings: Settings, found: dict[int, Any], means: dict[int, list[float]]) -> str:
    first, *_, last = sorted(settings.degrees) if len(settings.degrees) > 1 else settings.degrees * 2
    best = min(means, key=lambda degree: means[degree][4])
    most = 4 * sqrt(2 / (settings.sets * 99))  # four standard errors of a mean of squares of so many normal numbers
    add_up = [
        all(abs(found[degree][i][4] / found[degree][i][3] - 1) < most for degree in found)
        for i in range(settings.seeds)
    ]
    claim(run, f"bias^2 + variance + noise is the measured error, to within {most:.1%}, for every degree", add_up)
    if first != last:
        traded = [
            found[first][i][0] > found[last][i][0] and found[first][i][1] < found[last][i][1]
            for i in range(settings.seeds)
        ]
        claim(run, f"from degree {first} to {last} the bias falls and the variance rises", traded)
    said = (
        f"the error is smallest for degree {best}: {means[best][4]:.3g}, of it noise {settings.noise**2:.3g}; "
        f"degree {first} has bias^2 {means[first][0]:.3g} and variance {means[first][1]:.3g}"
    )
    more = f", degree {last} has {means[last][0]:.3g} and {means[last][1]:.3g}" if first != last else ""
    return run.see(said + more)


def _by_degree(settings: Settings, found: dict[int, Any]) -> plot.FigureData:
    degrees = list(settings.degrees)
    looks = ("line", "line", "dashed", "line", "circles")
    lines = {}
    for k, (name, look) in enumerate(zip(PARTS, looks, strict=True)):
        curves = [[_above_0(found[degree][i][k]) for degree in degrees] for i in range(settings.seeds)]
        lines[name] = Line.of_seeds(degrees, curves, look)
    title = f"squared error of {settings.sets} fits to {settings.samples} points, in its parts"
    return plot.lines_data({"mean over x, range over the seeds": lines}, title, "degree of the polynomial", log=True)


def _above_0(value: float) -> float:
    """The value, where a logarithmic axis has a place for it; an estimate of bias**2 may be below 0."""
    return value if value > 0 else nan


def _cloud(settings: Settings, run: Run, grid: Tensor) -> plot.FigureData:
    """The fits of some degrees, their mean, and the curve that they look for; what leaves the picture is cut off."""
    curve, xs = _curve(grid), grid.tolist()
    low, high = curve.amin().item() - 3 * settings.noise, curve.amax().item() + 3 * settings.noise
    panels = {}
    for degree in settings.drawn:
        fits = _fits(settings, run, degree, grid)
        mean = fits.mean(0)
        lines = {
            f"fit {i}": Line(xs, [y if low < y < high else nan for y in fit], look="faint", colour=0)
            for i, fit in enumerate(fits[:CLOUD].tolist())
        }
        lines["curve without noise"] = Line(xs, curve.tolist(), colour=1)
        lines["mean of the fits"] = Line(
            xs, [y if low < y < high else nan for y in mean.tolist()], look="dashed", colour=3
        )
        bias, variance, *_ = _parts(fits, grid, settings.noise)
        panels[f"degree {degree}: bias^2 {bias:.2f}, variance {variance:.2f}"] = lines
    title = f"{min(CLOUD, settings.sets)} fits, each to {settings.samples} new points"
    return plot.lines_data(panels, title, "x", columns=2, share=True)
