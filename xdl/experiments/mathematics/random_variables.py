"""Random variables: density and distribution, expectation, variance and covariance (hwdong 1.4.3 to 1.4.7).

discrete    F(x) = sum of p(k) over k <= x          E X = sum of k p(k)
continuous  F(x) = integral of the density up to x, so that the density is the slope of F
variance    E (X - E X)^2; of n samples the sum of squares over n - 1, since their own mean is nearer to them
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import pi, sqrt
from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.experiments.mathematics.ellipses import covariances
from xdl.experiments.shared.claims import claim
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tape import grad
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}
FACES = 6
FEW = 5  # samples of the sets whose variance is estimated
BINS = 40


@dataclass(frozen=True)
class Settings:
    """Dice, a normal distribution, and pairs of normal numbers."""

    dice: int = setting(2, "dice whose sum is the discrete variable", low=1, high=8)
    mean: float = setting(0.0, "of the normal distribution", low=-100, high=100)
    std: float = setting(1.0, "of the normal distribution", above=0, high=100)
    x: float = setting(1.0, "up to where the density's area is shown, in std from the mean", low=-3, high=3)
    correlations: tuple[float, ...] = setting((-0.8, 0.0, 0.6), "of pairs of numbers, one panel each", low=-1, high=1)
    samples: int = setting(2000, "that are drawn of each", low=100, high=100_000)
    seeds: int = setting(5, "times that all is drawn, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Distributions by formulas and by samples, and the ellipses of covariance matrices."""
    sums, p = _dice(settings.dice)
    draws = []
    for repeat in range(settings.seeds):
        run.reseed(repeat)
        throws = xdl.randint(1, FACES + 1, (settings.samples, settings.dice)).sum(1).to("float64")
        normal = settings.mean + settings.std * xdl.randn(settings.samples, dtype="float64")
        draws.append((throws, normal))
    exact = {
        f"sum of {settings.dice} dice": _moments(sums, p),
        "normal distribution": (settings.mean, settings.std**2),
    }
    rows, near = [], []
    for which, (name, (mean, variance)) in enumerate(exact.items()):
        found = [(one[which].mean().item(), one[which].var().item()) for one in draws]
        rows.append((name, mean, found[0][0], variance, found[0][1]))
        near.append([abs(m - mean) < 4 * sqrt(variance / settings.samples) for m, _ in found])
    run.say(f"expectation and variance, by formula and of {settings.samples} samples")
    moments = run.table(("variable", "E", "mean of samples", "variance", "variance of samples"), rows)
    both = [all(one) for one in zip(*near, strict=True)]
    claim(run, "the means of samples are within 4 standard errors of the expectations", both)
    biased = _bias(settings, run)
    _draw_discrete(run, sums, p, draws[0][0], settings.dice)
    gaussian = _draw_normal(run, settings, draws[0][1])
    ellipses = covariances(run, settings.correlations, settings.samples, settings.seeds)
    return {"moments": moments, **biased, **gaussian, **ellipses}


def _dice(number: int) -> tuple[Tensor, Tensor]:
    """The sums of so many dice, and their probabilities: each further die adds 1 to 6, so p is summed over 6 shifts."""
    p = xdl.ones(1, dtype="float64")
    for _ in range(number):
        p = F.stack([F.pad(p, (k, FACES - 1 - k)) for k in range(FACES)]).sum(0) / FACES
    return xdl.arange(number, FACES * number + 1).to("float64"), p


def _moments(values: Tensor, p: Tensor) -> tuple[float, float]:
    """Expectation and variance of a discrete variable."""
    mean = (values * p).sum()
    return mean.item(), ((values - mean).square() * p).sum().item()


def _bias(settings: Settings, run: Run) -> dict[str, Any]:
    """What dividing by n instead of n - 1 does to the variance of few samples."""
    found = []
    for repeat in range(settings.seeds):
        run.reseed(repeat)
        sets = settings.std * xdl.randn(settings.samples, FEW, dtype="float64")
        found.append([sets.var(1, correction=c).mean().item() / settings.std**2 for c in (0, 1)])
    by_n, less_one = (sum(one[i] for one in found) / len(found) for i in (0, 1))
    held = [abs(n - (FEW - 1) / FEW) < 0.06 and abs(m - 1) < 0.06 for n, m in found]
    sentence = (
        f"over n the variance of {FEW} samples is {by_n:.3f} of the true one in the mean, over n - 1 {less_one:.3f}"
    )
    claim(run, sentence, held)
    return {"variance_over_n": by_n, "variance_over_n_less_1": less_one}


def _draw_discrete(run: Run, sums: Tensor, p: Tensor, throws: Tensor, dice: int) -> None:
    xs = sums.tolist()
    shares = [(throws == x).to("float64").mean().item() for x in xs]
    totals = p.cumsum(0).tolist()
    steps = [xs[0] - 1, *(x for x in xs for _ in (0, 1)), xs[-1] + 1]
    heights = [0.0, *(t for pair in zip([0.0, *totals[:-1]], totals, strict=True) for t in pair), 1.0]
    apart = max(abs(a - b) for a, b in zip(shares, p.tolist(), strict=True))
    panels = {
        "probability of each value": {
            "p(k)": Line(xs, p.tolist(), [0.0] * len(xs), p.tolist(), look="dots"),
            f"share among {throws.shape[0]} throws": Line(xs, shares, look="circles", colour=1),
        },
        "distribution function: p(X <= x)": {
            "F(x)": Line(steps, heights),
            "value at a jump": Line(xs, totals, look="dots", colour=0),
            "not taken there": Line(xs, [0.0, *totals[:-1]], look="circles", colour=0),
        },
    }
    see = run.see(f"each jump of F is as high as p there; shares and probabilities differ by {apart:.3f} at most")
    word = "die" if dice == 1 else "dice"
    run.figure("discrete", plot.lines_data(panels, f"the sum of {dice} {word}", ["k", "x"]), see)


def _distribution(x: Tensor, mean: float, std: float) -> Tensor:
    """F(x) of the normal distribution."""
    return (1 + F.erf((x - mean) / (std * sqrt(2)))) / 2


def _density(x: Tensor, mean: float, std: float) -> Tensor:
    z = (x - mean) / std
    return (-z.square() / 2).exp() / (std * sqrt(2 * pi))


def _draw_normal(run: Run, settings: Settings, normal: Tensor) -> dict[str, Any]:
    """Density and distribution, one above the other: the area up to x is the height at x."""
    mean, std = settings.mean, settings.std
    x = (mean + std * xdl.linspace(-4, 4, 401, dtype="float64")).requires_grad_()
    heights, density = _distribution(x, mean, std), _density(x.detach(), mean, std)
    (slope,) = grad(heights.sum(), [x])
    assert slope is not None
    apart = (slope - density).abs().max().item()
    upto = mean + settings.x * std
    part = x.detach() <= upto + 1e-12
    xs, ys = x.detach()[part].tolist(), density[part].tolist()
    area = (density[part].sum() - (density[0] + density[part][-1]) / 2).item() * 8 * std / 400
    (at,) = _distribution(xdl.tensor([upto], dtype="float64"), mean, std).tolist()
    edges = [mean + std * (-4 + 8 * k / BINS) for k in range(BINS + 1)]
    middles = [(a + b) / 2 for a, b in pairwise(edges)]
    counts = [((normal >= a) & (normal < b)).to("float64").mean().item() for a, b in pairwise(edges)]
    rank = normal.sort()[0].tolist()
    n = len(rank)
    panels = {
        f"density: the area up to x = {upto:g} is {area:.4f}": {
            "samples": Line(middles, [c * BINS / (8 * std) for c in counts], look="steps", colour=7),
            "density": Line(x.tolist(), density.tolist(), colour=0),
            "area": Line(xs, ys, [0.0] * len(xs), ys, colour=1),
        },
        f"distribution function: its height at x = {upto:g} is {at:.4f}": {
            "share of samples up to x": Line(rank, [(k + 1) / n for k in range(n)], look="thick", colour=7),
            "F(x)": Line(x.tolist(), heights.tolist(), colour=0),
            "up to x": Line([*xs, upto], [*heights[part].tolist(), at], colour=1),
            "height": Line([upto], [at], [0.0], [at], look="dots", colour=3),
        },
    }
    inside = [2 * (_distribution(xdl.tensor(float(k), dtype="float64"), 0, 1).item() - 0.5) for k in (1, 2, 3)]
    see = run.see(
        f"the area below the density is the height of F, and the slope of F (by the tape) is the density, within "
        f"{apart:.0e}; within 1, 2, 3 std lie {inside[0]:.1%}, {inside[1]:.1%}, {inside[2]:.1%}"
    )
    title = f"a normal distribution, mean {mean:g}, std {std:g}"
    run.figure("normal", plot.lines_data(panels, title, "x", columns=1), see)
    return {"area": area, "height": at, "slope_is_density": apart, "within": inside}
