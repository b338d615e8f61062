"""Under- and over-fitting: polynomials of several degrees on few and on many points of a sine (hwdong 3.3.1, 3.3.2).

The degree is chosen by the error on validation points; the error of the chosen degree is measured on test points, which
had no part in the choice. What happens if it is chosen by the training error stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, pi
from typing import Any, NamedTuple

import xdl
from xdl import plot
from xdl.data import noisy_sine
from xdl.experiments.evaluation.polynomials import least_squares, stacked, values
from xdl.experiments.shared.claims import claim
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band

QUICK: dict[str, Any] = {}
PARTS = ("training", "validation", "test")
LOW, HIGH = 0.0, 1.0  # where the points lie
OFF = 2.5  # what lies beyond, up or down, is not drawn


@dataclass(frozen=True)
class Settings:
    """Points of sin(2 pi x) with noise: few, and many."""

    degrees: tuple[int, ...] = setting((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), "degrees to choose from", low=0, high=20)
    drawn: tuple[int, ...] = setting((0, 1, 3, 9), "degrees whose fits are drawn", low=0, high=20)
    points: tuple[int, ...] = setting((10, 100), "numbers of training points", low=2)
    held_out: int = setting(30, "validation points, and as many test points", low=2)
    noise: float = setting(0.3, "std of the noise", above=0)
    seeds: int = setting(5, "repetitions, one a seed", low=1)


class Errors(NamedTuple):
    """RMSE of one seed, by degree."""

    training: list[float]
    validation: list[float]
    test: list[float]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The fits, the errors by degree, and what the choice by validation is worth."""
    run.say(f"data: {' and '.join(map(str, settings.points))} points of sin(2 pi x), noise {settings.noise:g}")
    degrees = sorted(settings.degrees)
    seeds = range(run.about["seed"], run.about["seed"] + settings.seeds)
    found = {n: [_errors(settings, degrees, n, seed) for seed in seeds] for n in settings.points}
    rows = [
        (n, degree, *(round(band([one[part][i] for one in several]).mean, 4) for part in range(3)))
        for n, several in found.items()
        for i, degree in enumerate(degrees)
    ]
    table = run.table(("points", "degree", *(f"{part} RMSE" for part in PARTS)), rows)
    chosen = {str(n): _say_of_choice(run, settings, degrees, n, several) for n, several in found.items()}
    run.figure("fits", _fits(settings, seeds[0]))
    panels = {
        f"{n} points": {
            part: Line.of_seeds(degrees, [[e if e < OFF else nan for e in one[i]] for one in several])
            for i, part in enumerate(PARTS)
        }
        for n, several in found.items()
    }
    title = "RMSE of fits to a noisy sine, range over the seeds"
    run.figure("errors", plot.lines_data(panels, title, "degree", share=True), "\n".join(run.seen[1::2]))
    return {"errors": table, "chosen": chosen}


def _sets(settings: Settings, points: int, seed: int) -> list[Any]:
    """Points to train, to validate and to test on."""
    sizes = (points, settings.held_out, settings.held_out)
    return [noisy_sine(n, settings.noise, 1_000_000 * seed + 10 * points + part) for part, n in enumerate(sizes)]


def _errors(settings: Settings, degrees: list[int], points: int, seed: int) -> Errors:
    parts = [stacked([pair]) for pair in _sets(settings, points, seed)]
    found: list[list[float]] = [[], [], []]
    for degree in degrees:
        coefficients = least_squares(*parts[0], degree, LOW, HIGH)
        for errors, (x, y) in zip(found, parts, strict=True):
            errors.append((values(coefficients, x, LOW, HIGH) - y).square().mean().sqrt().item())
    return Errors(*found)


def _say_of_choice(run: Run, settings: Settings, degrees: list[int], points: int, several: list[Errors]) -> list[int]:
    """The degrees that validation chooses, one a seed."""
    by_validation = [one.validation.index(min(one.validation)) for one in several]
    by_training = [one.training.index(min(one.training)) for one in several]
    pairs = list(zip(several, by_validation, by_training, strict=True))
    claim(
        run,
        f"with {points} points the degree that validation chooses is better on test points than the one with the "
        f"smallest training error, {', '.join(sorted({str(degrees[i]) for i in by_training}))}",
        [one.test[best] < one.test[i] for one, best, i in pairs],
    )
    validation, test, other = (
        band(numbers).mean
        for numbers in (
            [one.validation[i] for one, i, _ in pairs],
            [one.test[i] for one, i, _ in pairs],
            [one.test[i] for one, _, i in pairs],
        )
    )
    chosen = [degrees[i] for i in by_validation]
    run.see(
        f"{points} points: validation chooses degree {', '.join(map(str, sorted(set(chosen))))}, with an error of "
        f"{validation:.3f} there and {test:.3f} on test points; chosen by the training error it would be {other:.3f}; "
        f"the noise is {settings.noise:g}"
    )
    return chosen


def _fits(settings: Settings, seed: int) -> plot.FigureData:
    grid = xdl.linspace(LOW, HIGH, 201, dtype="float64")
    truth = (2 * pi * grid).sin().tolist()
    panels = {}
    for n in settings.points:
        x, y = stacked([_sets(settings, n, seed)[0]])
        for degree in settings.drawn:
            fit = values(least_squares(x, y, degree, LOW, HIGH), grid, LOW, HIGH)[0].tolist()
            panels[f"{n} points, degree {degree}"] = {
                "without noise": Line(grid.tolist(), truth, look="dashed", colour=7),
                "points": Line(x[0].tolist(), y[0].tolist(), look="circles", colour=0),
                "fit": Line(grid.tolist(), [v if abs(v) < OFF else nan for v in fit], colour=3),
            }
    return plot.lines_data(panels, "fits to a noisy sine", "x", columns=len(settings.drawn), share=True)
