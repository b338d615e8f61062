"""Two gradients of a mean over samples: by reparameterization, and by the score function (hwdong 8.3.3).

    L(m, s) = E f(z),  z ~ N(m, s^2)                             a variational autoencoder minimizes such a mean
    reparameterized    z = m + s e, e ~ N(0, 1):  f'(z), f'(z) e            through the sample, by the tape
    score function     (f(z) - b) d/d(m, s) ln p(z; m, s)                   f is only evaluated (Williams 1992)

Both are right in the mean where f has a derivative. Here f(z) = sum (z_i - 1)^2, so L = sum (m_i - 1)^2 + s_i^2, and
the exact gradient is 2 (m_i - 1), 2 s_i. A single sample's variance is another matter: 4 s^2 by reparameterization, but
by the score function each element is multiplied by all of f, so that it grows with the number of elements, with b = E f
too, only slower. Where f is a step, the tape sees no slope: the reparameterized gradient is 0 and wrong, the score
function's still right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, pi, sqrt
from typing import Any

import xdl
from xdl import func, optim, plot
from xdl.distributions import Normal
from xdl.experiments.shared.claims import claim, in_words
from xdl.func import numerical_gradient
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"draws": 2000, "dimensions": (1, 16), "steps": 100}
GOAL, MEAN, DEVIATION = 1.0, 0.0, 0.5  # of the parabola; of z, before the descent
DESCENT = 16  # numbers of a sample in the descent
RATES = (0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
WAYS = ("reparameterized", "score function", "score function, baseline")

Function = Callable[[Tensor], Tensor]  # values (N,) of samples (N, D)


@dataclass(frozen=True)
class Settings:
    """How many samples, and of how many numbers."""

    draws: int = setting(20_000, "samples whose gradients are compared", low=100)
    dimensions: tuple[int, ...] = setting((1, 4, 16, 64, 256), "numbers of a sample", low=1)
    steps: int = setting(400, "steps of the descent, one sample in each", low=1)
    seeds: int = setting(3, "repetitions, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Checks the gradient, measures means and variances by dimension, descends, and tries a step."""
    dimensions = sorted(set(settings.dimensions))
    error = check()
    run.see(
        f"with the noise held fixed, the tape's gradient through a sample differs from the numerical one by {error:.1e}"
    )
    found = {way: [_spread(run, settings, way, repeat, dimensions) for repeat in range(settings.seeds)] for way in WAYS}
    rows = [
        (d, way, *(sum(spread[i][j] for spread in found[way]) / settings.seeds for j in range(2)))
        for i, d in enumerate(dimensions)
        for way in WAYS
    ]
    exact = 2 * (MEAN - GOAL)
    table = run.table(("numbers", "gradient", f"mean, exact {exact:g}", "variance of one sample's"), rows)
    many = dimensions[-1]
    ratios = [score[-1][1] / plain[-1][1] for score, plain in zip(found[WAYS[1]], found[WAYS[0]], strict=True)]
    less = [with_mean[-1][1] / score[-1][1] for with_mean, score in zip(found[WAYS[2]], found[WAYS[1]], strict=True)]
    said = claim(
        run,
        f"with {many} numbers the score function's variance is more than ten times the reparameterized one's, and less "
        f"with a baseline (seed {run.about['seed']}: {ratios[0]:,.0f} times, {ratios[0] * less[0]:,.0f} with it)",
        [ratio > 10 and share < 1 for ratio, share in zip(ratios, less, strict=True)],
    )
    lines = {
        way: Line.of_seeds(dimensions, [[variance for _, variance in spread] for spread in found[way]]) for way in WAYS
    }
    title = f"reparameterization: variance of d L / d m_1 from one sample ({in_words(settings.seeds)})"
    drawn = plot.lines_data({"variance": lines}, title, "numbers of a sample", log=True, x_log=True)
    run.figure("variance", drawn, said)
    return {
        "gradient_error": error,
        "variances": table,
        "descent": _descend(run, settings, max(d for d in dimensions if d <= max(DESCENT, dimensions[0]))),
        "step": _of_a_step(run, settings),
    }


def parabola(z: Tensor) -> Tensor:
    """sum_i (z_i - GOAL)^2 of samples (N, D)."""
    return (z - GOAL).square().sum(1)


def step(z: Tensor) -> Tensor:
    """1 where the first number is above GOAL, else 0."""
    return (z[:, 0] > GOAL).to(z.dtype)


def gradients(function: Function, way: str, mean: Tensor, deviation: Tensor) -> tuple[Tensor, Tensor]:
    """One sample's gradients for m and s, (N, D) each, from N samples of N(m, s^2) for m and s (N, D)."""

    def value(m: Tensor, s: Tensor) -> Tensor:
        z = Normal(m, s)
        if way == WAYS[0]:
            return function(z.rsample()).sum()
        sample = z.sample()
        values = function(sample)
        less = values.mean() if way == WAYS[2] and len(values) > 1 else 0.0
        return ((values - less).unsqueeze(1) * z.log_prob(sample)).sum()

    found: tuple[Tensor, Tensor] = func.grad(value, (0, 1))(mean.detach(), deviation.detach())
    return found


def check() -> float:
    """The largest difference between the tape's gradient of a mean over samples and the numerical one, same noise."""

    def value(m: Tensor, s: Tensor) -> Tensor:
        xdl.manual_seed(0)
        return parabola(Normal(m, s).rsample((4,))).mean()

    m, s = (xdl.tensor(numbers, dtype="float64", requires_grad=True) for numbers in ([0.2, -0.4], [0.5, 1.5]))
    numerical = numerical_gradient(value, [m.detach(), s.detach()])
    by_tape = func.grad(value, (0, 1))(m, s)
    return max(float((xdl.tensor(n) - g).abs().max()) for n, g in zip(numerical, by_tape, strict=True))


def _spread(run: Run, settings: Settings, way: str, repeat: int, dimensions: list[int]) -> list[tuple[float, float]]:
    """For each number of elements, mean and variance of one sample's d L / d m_1."""
    run.reseed(repeat)
    found = []
    for d in dimensions:
        count = max(100, settings.draws // max(1, d // 16))
        mean, deviation = (xdl.full((count, d), value, dtype="float64") for value in (MEAN, DEVIATION))
        gradient = gradients(parabola, way, mean, deviation)[0][:, 0]
        found.append((float(gradient.mean()), float(gradient.var())))
    return found


def _descend(run: Run, settings: Settings, d: int) -> list[dict[str, Any]]:
    """Gradient descent with one sample in a step, each way with its best rate: figures/descent."""
    rows, lines, ends = [], {}, {}
    for way in WAYS[:2]:
        tried = {rate: [_path(run, settings, way, d, rate, i) for i in range(settings.seeds)] for rate in RATES}
        rate = min(tried, key=lambda rate: max(path[-1] for path in tried[rate]))
        ends[way] = [path[-1] for path in tried[rate]]
        rows.append((way, rate, sum(ends[way]) / settings.seeds, max(ends[way])))
        lines[f"{way}, rate {rate:g}"] = Line.of_seeds(range(settings.steps + 1), tried[rate])
    table = run.table((f"{d} numbers, {settings.steps} steps", "best rate", "distance at the end", "at most"), rows)
    plain, score = ends.values()
    said = claim(
        run,
        f"with one sample a step and its best rate the mean of {d} numbers comes at least twice as near to the best "
        f"one by reparameterization (seed {run.about['seed']}: {plain[0]:.3f} against {score[0]:.3f}, "
        f"from {abs(MEAN - GOAL):g})",
        [2 * near < far for near, far in zip(plain, score, strict=True)],
    )
    title = f"reparameterization: descent with one sample a step, {d} numbers ({in_words(settings.seeds)})"
    drawn = plot.lines_data({"distance of a mean from the best": lines}, title, "step", log=True)
    run.figure("descent", drawn, said)
    return table


def _path(run: Run, settings: Settings, way: str, d: int, rate: float, repeat: int) -> list[float]:
    """How far the means are from GOAL, root mean square, before and after each step; at most 1e6."""
    run.reseed(repeat)
    m, s = (xdl.full((1, d), value, dtype="float64", requires_grad=True) for value in (MEAN, DEVIATION))
    optimizer = optim.SGD([m], lr=rate)
    path = [abs(MEAN - GOAL)]
    for _ in range(settings.steps):
        if path[-1] < 1e6:
            m.grad = gradients(parabola, way, m, s)[0]
            optimizer.step()
        path.append(min(1e6, float((m.detach() - GOAL).square().mean().sqrt())))
    return path


def _of_a_step(run: Run, settings: Settings) -> list[dict[str, Any]]:
    """d/dm of P(z > GOAL): by the tape 0, by the score function the density at GOAL."""
    exact = exp(-(((GOAL - MEAN) / DEVIATION) ** 2) / 2) / (DEVIATION * sqrt(2 * pi))
    run.reseed()
    rows = []
    mean, deviation = (xdl.full((settings.draws, 1), value, dtype="float64") for value in (MEAN, DEVIATION))
    for way in WAYS:
        gradient = gradients(step, way, mean, deviation)[0]
        rows.append((way, float(gradient.mean()), exact, float(gradient.var() / settings.draws) ** 0.5))
    table = run.table(("f(z) = [z > 1]", "mean gradient", "exact", "standard error"), rows)
    right = abs(rows[1][1] - exact) < 4 * rows[1][3]
    run.see(
        f"of a step the reparameterized gradient is {rows[0][1]:g} and wrong; the score function's is {rows[1][1]:.4f} "
        f"+- {rows[1][3]:.4f}, {'as it should be' if right else 'and not'} {exact:.4f}"
    )
    return table
