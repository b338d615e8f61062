"""Principal components and whitening: the ellipse of 25 points, images in 2-D, error by component (hwdong 5.1.3).

The directions v of the covariance C = V diag(l) V^T have the variances l. With the first k of them

    reduce   z = (x - mean) V_k         re-project  x' = z V_k^T + mean,  E |x - x'|^2 = sum of the other l
    PCA whitening  z / sqrt(l)          ZCA whitening  z / sqrt(l) V^T: of all whitened points nearest to x

Both have the covariance I. To divide by the deviation of each feature makes its variance 1, but keeps what features
tell of each other. On new images the error is measured beside that of k pixels kept of all: those that vary most.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.experiments.improving.pca_images import Pixels, errors_of, in_the_plane, whiten
from xdl.experiments.improving.principal import covariance, principal, reduced, restored, whitened
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.images import images_of
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"samples": 500}
PRESETS = {"mnist": {"samples": 10_000, "components": (1, 2, 4, 8, 16, 32, 64, 128, 256)}}
MIXED = ((1.8, 0.5), (0.9, 0.7))  # the points are two independent normal numbers times this
CENTRE = (2.0, 1.0)


@dataclass(frozen=True)
class Settings:
    """25 points of two features, then images of many."""

    points: int = setting(25, "points of the ellipse", low=3)
    components: tuple[int, ...] = setting((1, 2, 4, 8, 16, 32, 64), "directions that are kept of images", low=1)
    samples: int = setting(2000, "training images that the directions are found from", low=10)
    eps: float = setting(1e-2, "added to the variances where images are whitened", above=0)
    seeds: int = setting(5, "draws of the points, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The points, whitened in both ways, then the images: in 2-D, by number of components, whitened."""
    points = _points(settings, run)
    data = images_of(run)
    pixels = Pixels.of(data, settings.samples)
    kept = [k for k in sorted(set(settings.components)) if k <= len(pixels.found.variances)]
    errors = errors_of(run, pixels, kept)
    in_the_plane(run, pixels)
    whiten(run, pixels, settings.eps)
    return {"data_description": data.description, "points": points, "errors": errors}


def draw(run: Run, repeat: int, points: int) -> Tensor:
    """(N, 2): normal numbers, mixed and moved."""
    run.reseed(repeat)
    mixed = xdl.randn(points, 2, dtype="float64") @ xdl.tensor(MIXED, dtype="float64").T
    return mixed + xdl.tensor(CENTRE, dtype="float64")


def _points(settings: Settings, run: Run) -> list[dict[str, Any]]:
    """How far from I the covariance is after each treatment, and figures/ellipse."""
    rows, moved = [], []
    panels: dict[str, dict[str, Line]] = {}
    for repeat in range(settings.seeds):
        x = draw(run, repeat, settings.points)
        found = principal(x)
        ways = {
            "as they come": x,
            "standardized by feature": (x - found.mean) / x.std(0),
            "PCA whitened": whitened(x),
            "ZCA whitened": whitened(x, zca=True),
        }
        centred = x - found.mean
        moved.append([float((ways[f"{kind} whitened"] - centred).square().mean()) for kind in ("ZCA", "PCA")])
        if repeat:
            continue
        shares = (found.variances / found.variances.sum()).tolist()
        for name, y in ways.items():
            c = covariance(y)
            away = float((c - xdl.eye(2, dtype="float64")).abs().max())
            rows.append((name, *(round(v, 3) + 0.0 for v in (*c[0].tolist(), float(c[1, 1]))), away))
            panels[name] = _panel(y)
        panels["re-projected from direction 1"] = _panel(restored(reduced(x, found, 1), found))
    table = run.table(("points", "variance 1", "covariance", "variance 2", "away from I"), rows)
    seen = [
        run.see(
            f"the first direction has {shares[0]:.0%} of the variance; standardized features keep a covariance of "
            f"{rows[1][2]:.2f}, both whitenings have I (largest difference {max(row[4] for row in rows[2:]):.1g})"
        ),
        claim(run, "ZCA moves the points less than PCA whitening does", [zca < pca for zca, pca in moved]),
    ]
    title = f"{settings.points} points, their directions, and the ellipse of 2 deviations"
    run.figure(
        "ellipse", plot.lines_data(panels, title, "x1; upwards x2", equal=True, one_legend=True), "\n".join(seen)
    )
    return table


def _panel(y: Tensor) -> dict[str, Line]:
    """Points (N, 2), their two directions with the length of 2 deviations, and the ellipse through their ends."""
    found = principal(y)
    ends = found.directions * (2 * found.variances.clamp(min=0).sqrt()).unsqueeze(1)  # (2, 2)
    angles = [2 * pi * i / 100 for i in range(101)]
    ring = xdl.tensor([[cos(a), sin(a)] for a in angles], dtype="float64") @ ends + found.mean
    lines = {"points": Line(y[:, 0].tolist(), y[:, 1].tolist(), look="dots", colour=0)}
    lines["2 deviations"] = Line(ring[:, 0].tolist(), ring[:, 1].tolist(), colour=7)
    for k, end in enumerate(ends):
        both = F.stack([found.mean, found.mean + end])
        lines[f"direction {k + 1}"] = Line(both[:, 0].tolist(), both[:, 1].tolist(), colour=k + 1)
    return lines
