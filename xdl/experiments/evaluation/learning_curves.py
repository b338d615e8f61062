"""Learning curves: training and validation error by the number of points, and by the number of iterations.

Polynomials on a noisy sine, and on the stand-in for the dam's water (hwdong 3.2.1, 3.3.3). By the number of points: a
model that is too simple ends with both errors high and equal, where more points do not help; a model that is too
flexible begins with a gap between them, which more points close. By iterations, of gradient descent: the training error
falls on, the validation error turns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import Any

import xdl
from xdl import plot
from xdl.data import dam_water, noisy_sine
from xdl.errors import SettingError, expect
from xdl.experiments.evaluation.polynomials import features, least_squares, stacked, values
from xdl.experiments.shared.claims import claim
from xdl.plot import Line
from xdl.random import Stream
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band
from xdl.tensor import Tensor

QUICK = {"sets": 8, "seeds": 3}
OFF = 10.0  # errors that are not drawn, of fits that leave the points altogether
ABOVE = 1.2  # times the noise, where an error that more points do not lower is called bias
SINE, WATER = (0.0, 1.0), (-50.0, 50.0)  # where the points lie
HEADINGS = ("degree", "points", "training RMSE", "validation RMSE", "gap")
Errors = tuple[float, float]  # RMSE of training and of validation
Points = tuple[Tensor, Tensor]  # x and y, each (sets, points)
Draw = Callable[[int, int], tuple[Points, Points]]  # (points, seed) -> to train on, to validate on


@dataclass(frozen=True)
class Settings:
    """Degrees from too simple to too flexible, on sin(2 pi x) with noise."""

    degrees: tuple[int, ...] = setting((1, 3, 9), "degrees of the polynomials, one panel each", low=0, high=20)
    points: tuple[int, ...] = setting((10, 12, 16, 24, 40, 80, 160), "numbers of training points", low=2)
    noise: float = setting(0.3, "std of the noise", above=0)
    sets: int = setting(
        20, "sets drawn for one number of points and one seed; the median of their errors counts", low=1
    )
    few: int = setting(12, "points for the curve by iterations", low=2)
    steps: int = setting(2000, "iterations of gradient descent", low=10)
    seeds: int = setting(5, "repetitions, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Three figures: by points of the sine, by points of the water, by iterations; a table and what it says."""
    several = len(set(settings.points)) > 1
    expect(several, SettingError, "--set points", "at least two different numbers of points", settings.points)
    run.say(f"data: points of sin(2 pi x), noise {settings.noise:g}; of each number {settings.sets} sets a seed")
    seeds = range(run.about["seed"], run.about["seed"] + settings.seeds)
    found = _by_degree(settings.degrees, settings.points, seeds, partial(_sine, settings), SINE)
    rows = []
    for degree, by_points in found.items():
        for n, errors in by_points.items():
            train, validation = (band([one[i] for one in errors]).mean for i in range(2))
            rows.append((degree, n, round(train, 4), round(validation, 4), round(validation - train, 4)))
    table = run.table(HEADINGS, rows)
    noise = Line(list(settings.points), [settings.noise] * len(settings.points), look="dashed")
    panels = {f"degree {degree}": {**_lines(by_points), "noise": noise} for degree, by_points in found.items()}
    title = "error of fits to a noisy sine, range over the seeds"
    drawn = plot.lines_data(panels, title, "training points", x_log=True, share=True)
    run.figure("by-points", drawn, _say_by_points(run, settings, found))
    run.figure("water", _by_water(settings, seeds))
    history = [_descend(settings, seed) for seed in seeds]
    best = _say_by_iterations(run, history)
    run.figure("by-iterations", _by_iterations(settings, history), run.seen[-1])
    return {"by_points": table, "best_iteration": best, "last_iteration": history[0][0][-1]}


def _by_degree(
    degrees: Sequence[int], points: Sequence[int], seeds: Sequence[int], draw: Draw, span: tuple[float, float]
) -> dict[int, dict[int, list[Errors]]]:
    """{degree: {points: the errors of each seed}}: medians over the sets, since few points leave some fits anywhere."""
    found: dict[int, dict[int, list[Errors]]] = {degree: {n: [] for n in points} for degree in degrees}
    for n in points:
        for seed in seeds:
            train, validation = draw(n, seed)
            for degree in degrees:
                found[degree][n].append(_errors(degree, train, validation, *span))
    return found


def _sine(settings: Settings, points: int, seed: int) -> tuple[Points, Points]:
    """Sets to train on, and one for each to validate on."""
    first = 10_000 * seed
    train = stacked(noisy_sine(points, settings.noise, first + i) for i in range(settings.sets))
    validation = stacked(noisy_sine(101, settings.noise, first + settings.sets + i) for i in range(settings.sets))
    return train, validation


def _errors(degree: int, train: Points, validation: Points, *span: float) -> Errors:
    coefficients = least_squares(*train, degree, *span)
    first, second = (
        (values(coefficients, x, *span) - y).square().mean(1).sqrt().quantile(0.5).item()
        for x, y in (train, validation)
    )
    return first, second


def _lines(by_points: dict[int, list[Errors]]) -> dict[str, Line]:
    points = list(by_points)
    seeds = len(by_points[points[0]])
    errors = [[[e if e < OFF else nan for e in by_points[n][seed]] for n in points] for seed in range(seeds)]
    return {
        name: Line.of_seeds(points, [[pair[i] for pair in one] for one in errors])
        for i, name in enumerate(("training RMSE", "validation RMSE"))
    }


def _say_by_points(run: Run, settings: Settings, found: dict[int, dict[int, list[Errors]]]) -> str:
    simple, flexible = min(settings.degrees), max(settings.degrees)
    few, many = min(settings.points), max(settings.points)
    if simple < flexible:
        gaps = {d: [[v - t for t, v in found[d][n]] for n in (few, many)] for d in (simple, flexible)}
        claim(
            run,
            f"with {few} points degree {flexible} has a wider gap of training and validation than degree {simple}, "
            f"and with {many} points the smaller validation error",
            [
                gaps[flexible][0][i] > gaps[simple][0][i] and found[flexible][many][i][1] < found[simple][many][i][1]
                for i in range(settings.seeds)
            ],
        )
    return run.see("; ".join(_verdict(found, degree, settings.noise) for degree in dict.fromkeys((simple, flexible))))


def _verdict(found: dict[int, dict[int, list[Errors]]], degree: int, noise: float) -> str:
    """What more points do for a degree, in numbers, and what that is called."""
    few, many = min(found[degree]), max(found[degree])
    train, validation = ([band([one[i] for one in found[degree][n]]).mean for n in (few, many)] for i in range(2))
    gap, above = [v - t for v, t in zip(validation, train, strict=True)], validation[1] / noise
    kind = "bias: more points do not help" if above > ABOVE and gap[1] < validation[1] / 10 else ""
    kind = kind or ("variance: more points help" if gap[0] > 2 * gap[1] else "neither bias nor variance stands out")
    return (
        f"degree {degree} from {few} to {many} points: gap {gap[0]:.2f} to {gap[1]:.2f}, validation error "
        f"{validation[0]:.2f} to {validation[1]:.2f}, {above:.2f} times the noise ({kind})"
    )


def _by_water(settings: Settings, seeds: Sequence[int]) -> plot.FigureData:
    """Degrees 1, 2 and 5 on the first 3 to 12 training points of the water, in an order by chance."""
    drawn = {seed: [_water(10_000 * seed + i) for i in range(settings.sets)] for seed in seeds}

    def draw(points: int, seed: int) -> tuple[Points, Points]:
        train, validation = zip(*drawn[seed], strict=True)
        return stacked([(x[:points], y[:points]) for x, y in train]), stacked(validation)

    found = _by_degree((1, 2, 5), range(3, 13), seeds, draw, WATER)
    panels = {f"degree {degree}": _lines(by_points) for degree, by_points in found.items()}
    title = f"error of fits to the water of a dam (a stand-in); errors above {OFF:g} are left out"
    return plot.lines_data(panels, title, "training points", share=True)


def _water(seed: int) -> tuple[Any, Any]:
    """The training points, in an order by chance, and the validation points."""
    parts = dam_water(seed)
    x, y = parts["train"]
    order = Stream(seed, "learning curve").permutation(len(x)).tolist()
    return (x[order], y[order]), parts["validation"]


def _descend(settings: Settings, seed: int) -> tuple[list[int], list[float], list[float]]:
    """Iterations, training and validation RMSE of gradient descent on the largest degree, with few points."""
    (x, y), (new_x, new_y) = (
        stacked([noisy_sine(n, settings.noise, 10_000 * seed + i)]) for i, n in enumerate((settings.few, 101))
    )
    degree = max(settings.degrees)
    a, b = (features(points[0], degree, *SINE) for points in (x, new_x))
    y, new_y = y[0], new_y[0]
    rate = 0.1 * len(y) / xdl.linalg.matrix_norm(a, 2).item() ** 2  # a tenth of what the steepest direction bears
    w = xdl.zeros(degree + 1, dtype="float64")
    steps, train, validation, following = [], [], [], 1
    for step in range(1, settings.steps + 1):
        w = w - rate / len(y) * (a.T @ (a @ w - y))
        if step == following or step == settings.steps:
            steps.append(step)
            train.append((a @ w - y).square().mean().sqrt().item())
            validation.append((b @ w - new_y).square().mean().sqrt().item())
            following = max(step + 1, round(step * 1.15))
    return steps, train, validation


def _say_by_iterations(run: Run, history: list[tuple[list[int], list[float], list[float]]]) -> int:
    validations = [validation for _, _, validation in history]
    mean = [band(column).mean for column in zip(*validations, strict=True)]
    lowest = mean.index(min(mean))
    steps = history[0][0]
    claim(
        run,
        "the validation error is lower before the end than at it, while the training error falls on",
        [min(v) < v[-1] and t == sorted(t, reverse=True) for _, t, v in history],
    )
    run.see(
        f"the validation error is smallest, {mean[lowest]:.3f}, after {steps[lowest]} iterations, and "
        f"{mean[-1]:.3f} after {steps[-1]}: to stop there is early stopping"
    )
    return steps[lowest]


def _by_iterations(settings: Settings, history: list[tuple[list[int], list[float], list[float]]]) -> plot.FigureData:
    steps = history[0][0]
    lines = {
        "training RMSE": Line.of_seeds(steps, [train for _, train, _ in history]),
        "validation RMSE": Line.of_seeds(steps, [validation for _, _, validation in history]),
        "noise": Line(steps, [settings.noise] * len(steps), look="dashed"),
    }
    title = f"gradient descent, degree {max(settings.degrees)}, {settings.few} points of a noisy sine"
    return plot.lines_data({"mean and range over the seeds": lines}, title, "iterations", x_log=True)
