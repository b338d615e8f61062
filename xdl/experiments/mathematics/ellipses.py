"""The covariance matrix of pairs of numbers, as an ellipse (hwdong 1.4.7).

    C = E (X - E X) (X - E X)^T       its eigenvectors are the ellipse's axes, sqrt of its eigenvalues their lengths

Of normal pairs the share 1 - exp(-r^2 / 2) lies within r such lengths. A covariance of 0 says that no straight line
relates the two; they may depend on each other all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, exp, pi, sin, sqrt
from typing import Any

import xdl
from xdl import plot
from xdl.experiments.shared.claims import claim
from xdl.linalg import eigh
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.tensor import Tensor

RADIUS = 2.0  # of the larger ellipse, in standard deviations
DRAWN = 1000  # points
PARABOLA = "y = (x^2 - 1) / sqrt(2)"


def covariance(points: Tensor) -> Tensor:
    """C (2, 2) of points (N, 2), with N - 1 below."""
    apart = points - points.mean(0)
    return apart.T @ apart / (points.shape[0] - 1)


def covariances(run: Run, correlations: Sequence[float], samples: int, seeds: int) -> dict[str, Any]:
    """Pairs with given correlations and one of a parabola: matrices, shares within the ellipse, a figure."""
    rows, panels, near, shares = [], {}, [], []
    for repeat in range(seeds):
        run.reseed(repeat)
        a, b = xdl.randn(2, samples, dtype="float64")
        apart = []  # of the covariances, in standard errors
        for rho in correlations:
            points = xdl.stack([a, rho * a + sqrt(1 - rho * rho) * b], 1)
            c = covariance(points)
            apart.append(abs(c[0, 1].item() - rho) / sqrt((1 + rho * rho) / samples))
            if abs(rho) < 1:
                shares.append(_inside(points, c))
            if repeat == 0:
                rows.append((f"{rho:g}", *_numbers(c)))
                panels[f"covariance {c[0, 1].item():.2f}"] = _panel(points, c)
        near.append(max(apart) < 4)
        if repeat == 0:
            points = xdl.stack([a, (a * a - 1) / sqrt(2)], 1)
            c = covariance(points)
            rows.append((PARABOLA, *_numbers(c)))
            panels[f"covariance {c[0, 1].item():.2f}\n{PARABOLA}"] = _panel(points, c)
    run.say("covariance matrices of samples")
    table = run.table(("correlation", "var x", "cov", "var y", "longer axis", "shorter axis", "degrees"), rows)
    claim(run, "covariances of samples are within 4 standard errors of the true ones", near)
    expected = 1 - exp(-RADIUS * RADIUS / 2)
    mean = sum(shares) / len(shares) if shares else expected
    see = run.see(
        f"within {RADIUS:g} standard deviations along the axes lie {mean:.1%} of the pairs (by the formula "
        f"{expected:.1%}); the parabola has a covariance near 0, though x alone decides y"
    )
    title = "pairs of numbers, and the ellipses of their covariance matrices"
    how = {"share": True, "equal": True, "one_legend": True}
    data = plot.lines_data(panels, title, "x; upwards y", columns=4, width=3.0, **how)
    run.figure("covariance", data, see)
    return {"covariance": table, "inside": mean, "inside_expected": expected}


def _numbers(c: Tensor) -> tuple[float, ...]:
    """Variances, covariance, lengths of the axes, and the direction of the longer one."""
    values, vectors = eigh(c)
    x, y = vectors[:, 1].tolist()
    angle = xdl.rad2deg(xdl.atan2(xdl.tensor(y, dtype="float64"), xdl.tensor(x, dtype="float64"))).item() % 180
    short, long = values.clamp(min=0).sqrt().tolist()
    return c[0, 0].item(), c[0, 1].item(), c[1, 1].item(), long, short, angle


def _inside(points: Tensor, c: Tensor) -> float:
    """The share of points within the larger ellipse."""
    apart = points - points.mean(0)
    values, vectors = eigh(c)
    along = (apart @ vectors) / values.sqrt()
    return float((along.square().sum(1) <= RADIUS**2).to("float64").mean().item())


def _panel(points: Tensor, c: Tensor) -> dict[str, Line]:
    values, vectors = eigh(c)
    lengths = values.clamp(min=0).sqrt()
    middle, drawn = points.mean(0), points[:DRAWN]
    turns = [2 * pi * i / 120 for i in range(121)]
    circle = xdl.tensor([[cos(t), sin(t)] for t in turns], dtype="float64")
    lines = {"pairs": Line(drawn[:, 0].tolist(), drawn[:, 1].tolist(), look="specks", colour=0)}
    for radius, look in ((1.0, "dashed"), (RADIUS, "line")):
        x, y = (middle + (radius * circle * lengths) @ vectors.T).T.tolist()
        lines[f"{radius:g} std along the axes"] = Line(x, y, look=look, colour=1)
    for k in (1, 0):
        reach = [RADIUS * (i - 10) / 10 for i in range(21)]
        x, y = ((middle[i] + lengths[k] * vectors[i, k] * xdl.tensor(reach, dtype="float64")).tolist() for i in (0, 1))
        lines[f"{'longer' if k else 'shorter'} axis"] = Line(x, y, colour=3 if k else 2)
    return lines
