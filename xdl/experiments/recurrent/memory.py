"""What recurrent networks remember: the adding problem by lag and cell, and the gradient through time.

A network sees numbers in [0, 1) one by one, two of them marked, and is asked for the sum of these two. It must keep
the first for half the sequence, and to learn that, gradients must come back so far: in an RNN they vanish or explode
with the distance (hwdong 7.6; 徐彬 7.5, 8.2), in LSTM and GRU gates hold them up (hwdong 7.7, 7.8; 徐彬 8.3, 9).
Predicting the mean, 1, has an error of 1/6. Against explosion: clipping, see `clipping.py` (徐彬 7.6; hwdong 7.4.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, nan
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.creation import tensor
from xdl.data.series.adding import adding_problem
from xdl.experiments.recurrent.adder import KINDS, OTHER_SEED, SOLVED, Course, adder, learn, smoothed
from xdl.experiments.recurrent.clipping import by_norm, compare
from xdl.experiments.recurrent.through_time import gradient_by_distance
from xdl.experiments.shared.claims import claim
from xdl.runs.run import Run
from xdl.runs.settings import setting

MEAN = "predicting the mean"
LEAST = 1e-20  # of a gradient that is drawn
SEQUENCES = 32  # that a gradient is measured on
QUICK = {"lags": (10, 30), "seeds": 1, "steps": 80, "steps_clipped": 60}


@dataclass(frozen=True)
class Settings:
    """Sizes of the comparison. `--set lags=10,25,50,100,200 --set steps=1500` takes about ten minutes."""

    lags: tuple[int, ...] = setting((10, 30, 100), "lengths of the sequences", low=4)
    cells: tuple[str, ...] = setting(("rnn", "lstm", "lstm-by-lag", "gru"), "that are trained", choices=tuple(KINDS))
    hidden: int = setting(16, "hidden units", low=1)
    layers: int = setting(1, "recurrent layers on each other", low=1, high=8)
    batch: int = setting(32, "sequences in a step", low=1)
    steps: int = setting(400, "steps at most; a training ends where the problem is solved", low=1)
    lr: float = setting(0.03, "learning rate of Adam", above=0)
    clip: float = setting(0.2, "limit of the gradient's norm", above=0)
    clip_value: float = setting(0.1, "limit of each element, where clipping by value is compared", above=0)
    lag_clipped: int = setting(50, "length of the sequences where clipping is compared", low=4)
    steps_clipped: int = setting(400, "steps there", low=1)
    lr_clipped: float = setting(0.005, "learning rate there", above=0)
    hidden_clipped: int = setting(32, "hidden units there", low=1)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The heat map of errors, the losses and gradients at the longest lag, and the comparison of clipping."""
    courses: dict[tuple[str, int], list[Course]] = {}
    for lag in settings.lags:
        for kind in settings.cells:
            courses[kind, lag] = [trained(settings, run, kind, lag, repeat) for repeat in range(settings.seeds)]
            ends = ", ".join("diverged" if c.error is None else f"{c.error:.4f}" for c in courses[kind, lag])
            run.say(f"lag {lag}, {kind}: mean squared error {ends}")
    rows = [
        (kind, lag, sum(c.solved for c in found), fmean(len(c.losses) for c in found), mean_error(found))
        for (kind, lag), found in courses.items()
    ]
    headings = ("cell", "lag", f"below {SOLVED:g}, of {settings.seeds}", "steps", "mean squared error")
    run.say(f"{MEAN}: 1/6 = {1 / 6:.4f}")
    table = run.table(headings, rows)
    draw_heat(settings, run, courses)
    draw_losses(settings, run, courses)
    gradients = draw_gradients(settings, run, courses)
    return {"cells": table, "gradient_left": gradients, "clipping": compare(settings, run)}


def trained(settings: Settings, run: Run, kind: str, lag: int, repeat: int) -> Course:
    """One network of the kind, from the run's seed + repeat."""
    run.reseed(repeat)
    model = adder(kind, lag, settings.hidden, settings.layers)
    return learn(run, model, lag, settings.lr, settings.steps, settings.batch, repeat, by_norm(settings.clip))


def mean_error(courses: list[Course]) -> float | None:
    """Over the seeds; None where one diverged."""
    errors = [course.error for course in courses if course.error is not None]
    return fmean(errors) if len(errors) == len(courses) else None


def draw_heat(settings: Settings, run: Run, courses: dict[tuple[str, int], list[Course]]) -> None:
    """The error by cell and lag, framed where every seed has solved the problem, and a sentence for each cell."""
    cells = {kind: [courses[kind, lag] for lag in settings.lags] for kind in settings.cells}
    values = [[mean_error(found) or nan for found in row] for row in cells.values()]
    framed = [[all(c.solved for c in found) for found in row] for row in cells.values()]
    lag = max(settings.lags)
    sentences = [verdict(settings, run, kind, [course.solved for course in courses[kind, lag]]) for kind in cells]
    sentences.append(run.see(f"{MEAN} has an error of 1/6 = {1 / 6:.4f} at every length."))
    names = [str(lag) for lag in settings.lags]
    title = f"adding problem; framed: solved, {settings.seeds} of {settings.seeds} seeds"
    data = plot.heat_data(
        values,
        list(cells),
        names,
        title,
        y="cell",
        x="length of the sequence",
        value="mean squared error",
        log=True,
        framed=framed,
    )
    run.figure("errors", data, "\n".join(sentences))


def verdict(settings: Settings, run: Run, kind: str, solved: list[bool]) -> str:
    """Whether a cell solves the problem at the longest lag, or does not, whichever more seeds say."""
    lag = max(settings.lags)
    if sum(solved) * 2 > len(solved):
        return claim(run, f"{kind} solves the adding problem at lag {lag} within {settings.steps} steps", solved)
    failed = [not one for one in solved]
    return claim(run, f"{kind} does not solve it at lag {lag} within {settings.steps} steps", failed)


def draw_losses(settings: Settings, run: Run, courses: dict[tuple[str, int], list[Course]]) -> None:
    """The running mean of the loss at the longest lag, a line for each seed: a long plain, then a fall."""
    lag = max(settings.lags)
    panels: dict[str, dict[str, plot.Line]] = {}
    for kind in settings.cells:
        lines = {MEAN: plot.Line([1, settings.steps], [1 / 6, 1 / 6], look="dashed", colour=7)}
        for seed, course in enumerate(courses[kind, lag]):
            losses = smoothed(course.losses)
            lines[f"seed {seed}"] = plot.Line(list(range(1, len(losses) + 1)), losses)
        panels[kind] = lines
    title = f"adding problem at lag {lag}: mean squared error of the steps (running mean), until solved"
    data = plot.lines_data(panels, title, "step", columns=2, log=True, share=True)
    steps = "; ".join(f"{kind} {first_falls(courses[kind, lag])}" for kind in settings.cells)
    run.figure(
        "losses",
        data,
        run.see(f"at lag {lag} the running mean is below half of what {MEAN} has from step (each seed): {steps}."),
    )


def first_falls(courses: list[Course]) -> str:
    """The step from which the running mean of each seed's loss is below half of what predicting the mean has."""
    firsts = [next((i for i, loss in enumerate(smoothed(c.losses), 1) if loss < 1 / 12), None) for c in courses]
    return ", ".join(str(first) if first else "never" for first in firsts)


def draw_gradients(settings: Settings, run: Run, courses: dict[tuple[str, int], list[Course]]) -> list[dict[str, Any]]:
    """|d h_T / d s_t| by distance at the longest lag, before and after training, and what is left at the largest."""
    lag = max(settings.lags)
    x = tensor(adding_problem(SEQUENCES, lag, run.about["seed"] + OTHER_SEED)[0])
    before: dict[str, list[list[float]]] = {}
    for kind in KINDS:
        before[kind] = []
        for repeat in range(settings.seeds):
            run.reseed(repeat)
            before[kind].append(gradient_by_distance(adder(kind, lag, settings.hidden).layer, x))
    cells = settings.cells if settings.layers == 1 else ()
    after = {k: [gradient_by_distance(c.model.layer, x) for c in courses[k, lag]] for k in cells}
    panels = {"before training": by_kind(before)}
    if after:
        panels[f"after training at lag {lag}"] = by_kind(after)
    rows = [(k, *(left(which.get(k)) for which in (before, after))) for k in KINDS]
    table = run.table(("cell", f"left over {lag - 1} steps, before", "after training"), rows)
    less = [rnn[-1] < kept[-1] / 1000 for rnn, kept in zip(before["rnn"], before["lstm-by-lag"], strict=True)]
    start = f"before training an RNN keeps over {lag - 1} steps less than a thousandth of what lstm-by-lag keeps"
    title = f"adding problem, length {lag}: |d h_T / d s_t|, s = h, or (h, c) of an LSTM; at least {LEAST:g} is drawn"
    data = plot.lines_data(panels, title, "distance T - t", columns=2, log=True, share=True)
    run.figure("gradients", data, claim(run, start, less))
    return table


def by_kind(found: dict[str, list[list[float]]]) -> dict[str, plot.Line]:
    """A line for each kind, in the same colour in every panel."""
    lines = {}
    for kind, seeds in found.items():
        shown = [[max(g, LEAST) for g in one] for one in seeds]
        line = plot.Line.of_seeds(list(range(1, len(shown[0]) + 1)), shown)
        lines[kind] = replace(line, colour=list(KINDS).index(kind))
    return lines


def left(seeds: list[list[float]] | None) -> float | None:
    """The mean over the seeds of the gradient at the largest distance; None for what was not trained, or diverged."""
    found = fmean(one[-1] for one in seeds) if seeds else nan
    return found if isfinite(found) else None
