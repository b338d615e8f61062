"""Gradient clipping, tried where gradients explode: off, by the norm, by value (hwdong 7.4.4, 7.6; 徐彬 7.6).

by the norm    g times min(1, limit / |g|), |g| over all parameters together: the direction stays
by value       each element of g between -limit and limit: a large gradient becomes one of signs
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, nan
from statistics import fmean, median
from typing import Any

from xdl import nn, plot
from xdl.experiments.recurrent.adder import SMOOTH, Course, adder, learn, smoothed
from xdl.experiments.shared.claims import claim
from xdl.runs.run import Run

KIND = "rnn-identity"  # ReLU, which bounds nothing: what the recurrence enlarges grows from step to step
LAST = 50  # steps that the loss at the end is the mean of


def by_norm(limit: float) -> Callable[[list[Any]], Any]:
    """A function that clips by the norm, inf for not at all, and returns the norm before."""
    return lambda parameters: nn.utils.clip_grad_norm_(parameters, limit)


def by_value(limit: float) -> Callable[[list[Any]], Any]:
    """A function that clips by value, and returns the norm before."""

    def clip(parameters: list[Any]) -> Any:
        norm = nn.utils.get_total_norm([p.grad for p in parameters])
        nn.utils.clip_grad_value_(parameters, limit)
        return norm

    return clip


def compare(settings: Any, run: Run) -> list[dict[str, Any]]:
    """Trains each way for all the steps, from several seeds; a table, and a figure of norms and losses.

    settings: with lag_clipped, lr_clipped, steps_clipped, clip, clip_value, hidden_clipped, batch, seeds
    """
    ways = {
        "not clipped": by_norm(inf),
        f"by the norm, {settings.clip:g}": by_norm(settings.clip),
        f"by value, {settings.clip_value:g}": by_value(settings.clip_value),
    }
    lag, steps = settings.lag_clipped, settings.steps_clipped
    courses: dict[str, list[Course]] = {way: [] for way in ways}
    for repeat in range(settings.seeds):
        for way, clip in ways.items():
            run.reseed(repeat)
            model = adder(KIND, lag, settings.hidden_clipped)
            given = lag, settings.lr_clipped, steps, settings.batch, repeat, clip
            courses[way].append(learn(run, model, *given, stop=False))
    rows = [(way, *summary(found)) for way, found in courses.items()]
    run.say(f"gradient clipping: a ReLU RNN from the identity, lag {lag}, {steps} steps of Adam")
    table = run.table(("gradient", "median norm", "largest norm", "loss at the end", "diverged"), rows)
    draw(run, courses, lag, steps, said(run, courses, settings))
    return table


def finite_norms(courses: list[Course]) -> list[float]:
    """The norms of all steps that have one; [0] where none has."""
    return [norm for course in courses for norm in course.norms if isfinite(norm)] or [0.0]


def summary(courses: list[Course]) -> tuple[float, float, float | None, int]:
    """Median and largest norm, the mean loss of the last steps of all seeds, and how many diverged."""
    norms, diverged = finite_norms(courses), sum(course.error is None for course in courses)
    last = None if diverged else fmean(at_the_end(course) for course in courses)
    return median(norms), max(norms), last, diverged


def at_the_end(course: Course) -> float:
    """The mean loss of the last steps; infinite where it diverged."""
    return fmean(course.losses[-LAST:]) if course.error is not None else inf


def said(run: Run, courses: dict[str, list[Course]], settings: Any) -> str:
    """What clipping was worth, counted over the seeds."""
    without, norm, value = courses.values()
    middle, largest, *_ = summary(without)
    sizes = f"gradients of the ReLU RNN reach a norm of {largest:.3g}; their median is {middle:.3g}."
    run.see(f"not clipped, {sizes if largest > 0 else 'no gradient of the ReLU RNN is finite and above 0.'}")
    better = [at_the_end(a) < at_the_end(b) / 2 for a, b in zip(norm, without, strict=True)]
    half = f"clipped by its norm, the gradient leads to less than half the loss after {settings.steps_clipped} steps"
    sentence = claim(run, half, better)
    worse = [at_the_end(a) < at_the_end(b) for a, b in zip(norm, value, strict=True)]
    return (
        f"{sentence}\n{claim(run, 'clipping by the norm comes further than by value, which bends the gradient', worse)}"
    )


def draw(run: Run, courses: dict[str, list[Course]], lag: int, steps: int, see: str) -> None:
    """Norms before clipping, and losses, over the steps, on logarithmic axes; the mean and the range of the seeds."""
    at = list(range(1, steps + 1))
    norms, losses = {}, {}
    for way, found in courses.items():
        filled = [[nan] * (steps - len(course.norms)) for course in found]
        smooth = [smoothed(c.norms) + gap for c, gap in zip(found, filled, strict=True)]
        norms[way] = plot.Line.of_seeds(at, smooth)
        losses[way] = plot.Line.of_seeds(at, [smoothed(c.losses) + g for c, g in zip(found, filled, strict=True)])
    losses["predicting the mean"] = plot.Line([1, steps], [1 / 6, 1 / 6], look="dashed", colour=7)
    panels = {"norm of the gradient before clipping": norms, "mean squared error": losses}
    title = (
        f"clipping: ReLU RNN from the identity, adding problem, lag {lag}; running mean, {SMOOTH:g} of it kept a step"
    )
    run.figure("clipping", plot.lines_data(panels, title, "step", columns=2, log=True), see)
