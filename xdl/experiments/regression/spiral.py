"""Straight lines cannot part a spiral; a hidden layer with an activation can (hwdong 3.6.1 to 3.6.8; 徐彬 3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from xdl import nn, optim
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.points import draw_regions, fit, judged, spiral_points
from xdl.models import MLP, SoftmaxRegression
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """Full-batch gradient descent by Adam for all three models."""

    samples: int = setting(100, "points in each of the three arms", low=2)
    hidden: int = setting(100, "units of the hidden layer", low=1)
    steps: int = setting(500, "steps on all points", low=1)
    lr: float = setting(0.02, "learning rate", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Softmax regression, a hidden layer without activation (still linear), and one with ReLU."""
    points, labels = spiral_points(run, settings.samples)
    sizes = (2, settings.hidden, 3)
    models: dict[str, nn.Module] = {}
    rows = []
    for name, make in (
        ("softmax regression", partial(SoftmaxRegression, 2, 3)),
        ("hidden layer, no activation", partial(MLP, sizes, nn.Identity)),
        ("hidden layer, ReLU", partial(MLP, sizes, nn.ReLU)),
    ):
        run.reseed()
        run.say(name)
        models[name] = make()
        losses = fit(models[name], points, labels, lambda p: optim.Adam(p, lr=settings.lr), settings.steps)
        rows.append((name, losses[-1], *judged(run, models[name], points, labels)))
    table = run.table(("model", "loss", "accuracy on the training points", "accuracy on new points"), rows)
    straight, linear, curved = (row[-1] for row in rows)
    sentence = "a hidden layer parts the spiral only with an activation between"
    sentence += f" (new points right: {curved:.1%} against {linear:.1%} without, {straight:.1%} without the layer)"
    see = claim(run, sentence, [curved > 0.9 > max(linear, straight)])
    draw_regions(run, models, points, labels, see)
    return {"models": table}
