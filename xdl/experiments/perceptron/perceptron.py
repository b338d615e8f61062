"""The perceptron on points in space: its mistakes and their bound (徐彬 1.2, 1.3, 3.1; hwdong 4.1.1).

Two hundred points in a cube lie on two sides of a plane that the learner does not know. In whatever order it sees them,
it makes at most (R / gamma)**2 mistakes (`learning.py`). The figure "proof" shows why: after k mistakes w is at least
gamma k long and at most R sqrt(k), and the two lines cross where the bound is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, degrees, sqrt
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.creation import tensor
from xdl.data import separable_points
from xdl.data.generated import NORMAL
from xdl.experiments.perceptron.learning import Learning, learn, longest, margin, signs, with_one
from xdl.experiments.perceptron.views import edge_on, frames, from_the_side
from xdl.experiments.shared.claims import claim
from xdl.functional import relu
from xdl.random import Stream, randperm
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK = {"orders": 5}
PASSES = 100_000  # more than any order of separable points needs


@dataclass(frozen=True)
class Settings:
    """The points, and how often they are learnt."""

    samples: int = setting(200, "points in space", low=10, high=100_000)
    orders: int = setting(20, "orders in which the points are seen", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Learns the points in every order; the first one is drawn."""
    points, labels = separable_points(settings.samples, seed=run.about["seed"])
    x, y = with_one(tensor(points).to("float64")), signs(tensor(labels))
    length = sqrt(sum(part * part for part in NORMAL))
    hidden = [part / length for part in NORMAL] + [0.0]  # the plane that the points were made with
    gamma, radius = margin(x, y, hidden), longest(x)
    bound = (radius / gamma) ** 2
    run.say(f"data: {settings.samples} points on two sides of a plane, made from seed {run.about['seed']}")
    run.say(f"R = {radius:.3f}, gamma = {gamma:.3f}: at most (R / gamma)**2 = {bound:.1f} mistakes")
    run.say(f"the rule beside the tape's gradient of the loss: difference {rule_against_gradient(x, y):.1e}")
    orders = [in_order(x, y, order, run.about["seed"]) for order in range(settings.orders)]
    counts = [len(learnt.mistakes) for learnt in orders]
    guessed = max(float(labels.mean()), 1 - float(labels.mean()))
    rows = [
        ("guessing the larger class", "-", guessed, "-"),
        ("fewest mistakes", min(counts), *judged(x, y, orders[counts.index(min(counts))], hidden)),
        ("most mistakes", max(counts), *judged(x, y, orders[counts.index(max(counts))], hidden)),
    ]
    table = run.table(("order", "mistakes", "points right", "degrees between the planes"), rows)
    sentence = f"every point is right after at most {max(counts)} mistakes, below the bound of {bound:.0f}"
    held = [learnt.done and len(learnt.mistakes) <= bound for learnt in orders]
    see = claim(run, sentence, held, "orders")
    draw(run, points, labels, orders[0], radius, gamma, see)
    means = {"mistakes": fmean(counts), "most_mistakes": max(counts), "passes": fmean(o.passes for o in orders)}
    return {"orders": table, "R": radius, "gamma": gamma, "bound": bound, **means}


def rule_against_gradient(x: Tensor, y: Tensor) -> float:
    """How far the step after a mistake, y x, is from minus the tape's gradient of max(0, -y (w x)) there."""
    w = (-x[0] * y[0]).detach().requires_grad_()
    relu(-y[0] * (x[0] @ w)).backward()
    assert w.grad is not None
    return float((y[0] * x[0] + w.grad).abs().max().item())


def in_order(x: Tensor, y: Tensor, order: int, seed: int) -> Learning:
    """Learns the points in an order of chance; order 0 is that of the data."""
    if order == 0:
        return learn(x, y, PASSES)
    seen = randperm(len(x), Stream(seed, f"perceptron order {order}"))
    return learn(x[seen], y[seen], PASSES)


def judged(x: Tensor, y: Tensor, learnt: Learning, hidden: list[float]) -> tuple[float, float]:
    """The share of points that are right, and the angle between the plane found and the hidden one."""
    right = (y * (x @ tensor(learnt.weights, dtype="float64")) > 0).to("float64").mean().item()
    found = learnt.weights[:-1]
    lengths = sqrt(sum(a * a for a in found))
    cosine = sum(a * b for a, b in zip(found, hidden, strict=False)) / lengths
    return right, degrees(acos(max(-1.0, min(1.0, cosine))))


def draw(run: Run, points: Any, labels: Any, learnt: Learning, radius: float, gamma: float, see: str) -> None:
    """The plane from two sides, the algorithm mistake by mistake, and the two lines of the proof."""
    views = {"from the side": from_the_side(points, labels, learnt.weights)}
    views["along the plane"] = edge_on(points, labels, learnt.weights)
    run.figure("plane", plot.lines_data(views, "The plane that the perceptron found", columns=2, equal=True), see)
    shown = frames(points, labels, learnt)
    title = "Before a mistake: the points seen along the plane of the weights (red: the mistake)"
    run.figure("mistakes", plot.lines_data(shown, title, columns=3, equal=True, one_legend=True), see)
    k = list(range(1, len(learnt.mistakes) + 1))
    ws = [m.weights for m in learnt.mistakes[1:]] + [learnt.weights]
    bound = (radius / gamma) ** 2
    ends = [1.0, bound]
    lines = {
        "at most: R sqrt(k)": plot.Line(ends, [radius * sqrt(e) for e in ends], look="dashed"),
        "at least: gamma k": plot.Line(ends, [gamma * e for e in ends], look="dashed"),
        "|w| after k mistakes": plot.Line(k, [sqrt(sum(a * a for a in w)) for w in ws]),
    }
    why = f"the length of w stays between the lines, which cross at (R / gamma)**2 = {bound:.0f} mistakes"
    run.figure("proof", plot.lines_data({"": lines}, "Why it ends", "mistakes k", log=True, x_log=True), why)
