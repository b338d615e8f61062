"""Critics of two sets of numbers beside their Wasserstein-1 distance, exact by sorting: by clipping, and by a penalty.

With a slope s everywhere the critic gets s W - L (s - 1)**2, the most at s = 1 + W / (2 L): a penalty of factor L lets
the value be too large by the share W / (2 L), here 2 % at W = 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xdl
from xdl import nn, optim, plot
from xdl.experiments.adversarial.divergences import sampled
from xdl.models import MLP
from xdl.runs.run import Run
from xdl.train.adversarial import Wasserstein, gradient_penalty
from xdl.train.adversarial.task import clip_parameters
from xdl.train.metrics.samples import wasserstein_1d

DISTANCES = (0.5, 1.0, 2.0, 4.0)  # of the means of the two sets
STD, SAMPLES, BATCH = 0.5, 2000, 128
PLACES = 100


@dataclass(frozen=True)
class Way:
    """How a critic's slope is held down. clip: limit of its weights; penalty: factor of the gradient penalty."""

    name: str
    clip: float | None = None
    penalty: float = 0.0


WAYS = (Way("gradient penalty", penalty=100.0), Way("weights within 0.1", 0.1), Way("weights within 0.3", 0.3))


def compare(run: Run, steps: int) -> list[dict[str, Any]]:
    """Trains a critic by each way for each distance, shows the table and figures/distance, and says what is seen."""
    rows, slopes, exact = [], {}, []
    values: dict[str, list[float]] = {way.name: [] for way in WAYS}
    for distance in DISTANCES:
        run.reseed()
        one, other = sampled(distance, STD, SAMPLES), sampled(0.0, STD, SAMPLES)
        exact.append(wasserstein_1d(one.reshape(-1), other.reshape(-1)))
        found = []
        for way in WAYS:
            critic = _taught(way, one, other, steps)
            with xdl.no_grad():
                value = -Wasserstein().critic_loss(critic(one), critic(other)).item()
                xs = xdl.linspace(-2, DISTANCES[-1] + 2, PLACES)
                slopes[way.name] = plot.Line(xs.tolist(), critic(xs.reshape(-1, 1)).reshape(-1).tolist())
            values[way.name].append(value)
            found.append(value)
        rows.append((distance, exact[-1], *found))
    table = run.table(("distance of the means", "exact", *(way.name for way in WAYS)), rows)
    off = {name: max(abs(v / w - 1) for v, w in zip(found, exact, strict=True)) for name, found in values.items()}
    said = ", ".join(f"{name} {share:.0%}" for name, share in off.items())
    see = run.see(f"the critic's value is off the exact Wasserstein-1 distance by at most: {said}")
    lines = {name: plot.Line(exact, found) for name, found in values.items()}
    lines["exact"] = plot.Line(exact, exact, look="dashed", colour=7)
    panels = {"the critic's value": lines, f"scores of the critics at distance {DISTANCES[-1]:g}": slopes}
    title = "Wasserstein-1 on the line: exact by sorting, and what critics say"
    run.figure("distance", plot.lines_data(panels, title, ["exact distance", "x"]), see)
    return table


def _taught(way: Way, one: xdl.Tensor, other: xdl.Tensor, steps: int) -> nn.Module:
    """A critic that scores the first set high and the second low."""
    critic, objective = MLP((1, 32, 32, 1), nn.LeakyReLU), Wasserstein()
    optimizer = optim.Adam(critic.parameters(), lr=0.003, betas=(0.5, 0.9))
    for _ in range(steps):
        real, made = (points[xdl.randint(0, SAMPLES, (BATCH,))] for points in (one, other))
        loss = objective.critic_loss(critic(real), critic(made))
        if way.penalty:
            loss = loss + way.penalty * gradient_penalty(critic, real, made, xdl.rand(BATCH))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if way.clip is not None:
            clip_parameters(critic, way.clip)
    return critic
