"""Wide or deep: networks of as many parameters, with one hidden layer or several (hwdong 4.1.8; 徐彬 3.2).

A budget of parameters is spent on one wide layer, or on more and narrower ones. Every network is trained alike from
several seeds, and judged on new points of the same spiral, beside one without a hidden layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any

from xdl import nn, optim, plot
from xdl.data import spiral
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.points import accuracy_on, draw_regions, fit
from xdl.models import MLP
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK = {"seeds": 1, "steps": 100}
INPUTS, CLASSES = 2, 3


@dataclass(frozen=True)
class Settings:
    """The networks, and their training by Adam on all points."""

    samples: int = setting(100, "points in each of the three arms", low=2)
    noise: float = setting(0.2, "how far the points lie from the middle of their arm, in radians", low=0)
    budget: int = setting(50, "parameters of each network, or a few less", low=20, high=1_000_000)
    depths: tuple[int, ...] = setting((1, 2, 3, 4, 6), "hidden layers of the networks", low=1, high=50)
    steps: int = setting(1000, "steps of the training", low=1)
    lr: float = setting(0.01, "learning rate", above=0)
    seeds: int = setting(5, "trainings of each network, one a seed", low=1)


def parameters_of(sizes: tuple[int, ...]) -> int:
    """The weights and biases of a fully connected network."""
    return sum((before + 1) * after for before, after in pairwise(sizes))


def sizes_of(depth: int, budget: int) -> tuple[int, ...]:
    """The widest network with that many equal hidden layers within the budget; one unit each where none is."""

    def sizes(width: int) -> tuple[int, ...]:
        return (INPUTS, *[width] * depth, CLASSES)

    width = 1
    while parameters_of(sizes(width + 1)) <= budget:
        width += 1
    return sizes(width)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains every network from every seed; the regions are those of the first seed."""
    networks = {0: (INPUTS, CLASSES)} | {depth: sizes_of(depth, settings.budget) for depth in settings.depths}
    points, labels = spiral(settings.samples, noise=settings.noise, seed=run.about["seed"])
    new, new_labels = spiral(settings.samples, noise=settings.noise, seed=run.about["seed"] + 1)
    losses: dict[int, list[float]] = {depth: [] for depth in networks}
    found: dict[int, list[float]] = {depth: [] for depth in networks}
    drawn: dict[str, nn.Module] = {}
    for repeat in range(settings.seeds):
        for depth, sizes in networks.items():
            run.reseed(repeat)
            model = MLP(sizes, nn.Tanh)
            curve = fit(model, points, labels, lambda p: optim.Adam(p, lr=settings.lr), settings.steps)
            losses[depth].append(curve[-1])
            found[depth].append(accuracy_on(model, new, new_labels))
            if repeat == 0:
                drawn[f"{depth} hidden of {sizes[1]}" if depth else "no hidden layer"] = model
        ends = ", ".join(f"{depth}: {right[-1]:.3f}" for depth, right in found.items())
        run.say(f"seed {repeat}, new points right by the number of hidden layers: {ends}")
    rows = [
        (depth, sizes[1] if depth else 0, parameters_of(sizes), fmean(losses[depth]), fmean(found[depth]),
         min(found[depth]), max(found[depth]))
        for depth, sizes in networks.items()
    ]  # fmt: skip
    headings = ("hidden layers", "units of each", "parameters", "loss", "new points right", "least", "most")
    table = run.table(headings, rows)
    best = max(settings.depths, key=lambda depth: fmean(found[depth]))
    one, most = min(settings.depths), max(settings.depths)
    shares = {depth: f"{fmean(found[depth]):.1%}" for depth in networks}
    sentence = f"of about {settings.budget} parameters the best use is {best} hidden layers ({shares[best]} of the new"
    sentence += f" points right; {one}: {shares[one]}, {most}: {shares[most]}, none: {shares[0]})"
    held = [found[best][s] >= found[one][s] and found[best][s] >= found[most][s] for s in range(settings.seeds)]
    see = claim(run, sentence, held)
    draw(run, settings, found, losses, see)
    draw_regions(run, drawn, points, labels, see)
    return {"networks": table}


def draw(run: Run, settings: Settings, found: dict[int, list[float]], losses: dict[int, list[float]], see: str) -> None:
    """The accuracy on new points and the loss of the training, by the number of hidden layers."""
    depths = sorted(settings.depths)

    def line(values: dict[int, list[float]]) -> plot.Line:
        return plot.Line.of_seeds(depths, [[values[d][s] for d in depths] for s in range(settings.seeds)])

    none = plot.Line(depths, [fmean(found[0])] * len(depths), look="dashed")
    panels = {
        "new points right": {"hidden layers": line(found), "no hidden layer": none},
        "loss on the points of the training": {"hidden layers": line(losses)},
    }
    title = f"{settings.budget} parameters, wide or deep (bands: {settings.seeds} seeds)"
    run.figure("depth", plot.lines_data(panels, title, "hidden layers", columns=2), see)
