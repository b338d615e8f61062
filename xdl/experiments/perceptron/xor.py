"""Exclusive or: no line parts its four points, so the perceptron walks in circles; a hidden layer bends (徐彬 3.1).

A perceptron that goes through the points in one order and comes back to the weights it had before, at the same point,
will do the same steps for ever: the run waits for that, and counts the steps of the circle. Two hidden units can solve
it, but descent from chance weights does not always find how: some trainings end with two points between the lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Any

from xdl import nn, optim, plot
from xdl.creation import tensor
from xdl.data import xor
from xdl.experiments.perceptron.learning import learn, signs, with_one
from xdl.functional import binary_cross_entropy_with_logits, cat
from xdl.random import rand
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import wilson_interval
from xdl.tensor import Tensor, no_grad

QUICK = {"steps": 300}
ACTIVATIONS = {"tanh": nn.Tanh, "ReLU": nn.ReLU}
PASSES = 20  # of the perceptron over the four points, many times those of a circle


@dataclass(frozen=True)
class Settings:
    """The networks and their training by Adam, on all four points in every step."""

    trainings: int = setting(50, "networks of each kind, each from weights of its own", low=2, high=10_000)
    hidden: tuple[int, ...] = setting((2, 3, 4, 8), "units of the hidden layer", low=1, high=1000)
    steps: int = setting(1500, "steps of training", low=1)
    lr: float = setting(0.05, "learning rate", above=0)


class Networks(nn.Module):
    """S networks D-H-1 side by side, none of which knows of the others: points (N, D) to logits (S, N)."""

    def __init__(self, count: int, inputs: int, hidden: int, activation: type[nn.Module]) -> None:
        def chance(fan_in: int, *shape: int) -> nn.Parameter:  # as nn.Linear begins
            return nn.Parameter((2 * rand(count, *shape) - 1) / fan_in**0.5)

        self.w1, self.b1 = chance(inputs, inputs, hidden), chance(inputs, 1, hidden)
        self.w2, self.b2 = chance(hidden, hidden, 1), chance(hidden, 1, 1)
        self.activation = activation()

    def forward(self, points: Tensor) -> Tensor:
        """The logits of the class 1."""
        logits: Tensor = self.activation(points @ self.w1 + self.b1) @ self.w2 + self.b2
        return logits[..., 0]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The circle of the perceptron; then networks of every width with either activation."""
    points, labels = xor()
    x, y = tensor(points), tensor(labels)
    circle = walked_in_circles(with_one(x.to("float64")), signs(y))
    run.say(f"a perceptron comes back to the same weights after {circle} mistakes, and so for ever; a line has 3 of 4")
    rows, shares = [], {}
    drawn = states_of_the_circle(with_one(x.to("float64")), signs(y), points, circle)
    for name, activation in ACTIVATIONS.items():
        for hidden in settings.hidden:
            run.reseed()
            run.say(f"{settings.trainings} networks 2-{hidden}-1 with {name}")
            networks = Networks(settings.trainings, 2, hidden, activation)
            solved = train(networks, x, y, settings)
            share = 1 - fmean(solved)
            shares[name, hidden] = share, wilson_interval(settings.trainings - sum(solved), settings.trainings)
            rows.append((name, hidden, 4 * hidden + 1, share, *shares[name, hidden][1]))
            if hidden == settings.hidden[0] and name == "tanh":
                drawn |= regions(networks, solved, points)
    headings = ("activation", "hidden units", "parameters", "share that fails", "95 % from", "to")
    table = run.table(headings, rows)
    few, many = settings.hidden[0], settings.hidden[-1]
    said = [f"{shares[name, width][0]:.0%}" for width in (few, many) for name in ACTIVATIONS]
    see = f"of {settings.trainings} networks 2-{few}-1, {said[0]} (tanh) and {said[1]} (ReLU) fail; with {many} hidden"
    see = run.see(f"{see} units {said[2]} and {said[3]}")
    draw(run, settings, shares, drawn, points, labels, see)
    return {"circle": circle, "networks": table}


def walked_in_circles(x: Tensor, y: Tensor) -> int:
    """After how many mistakes the weights before a look at one of the points are what they were at that point."""
    learnt = learn(x, y, PASSES)
    seen: dict[tuple[int, ...], int] = {}
    for number, mistake in enumerate(learnt.mistakes):
        state = (mistake.point, *map(int, mistake.weights))
        if state in seen:
            return number - seen[state]
        seen[state] = number
    return 0


def train(networks: Networks, x: Tensor, y: Tensor, settings: Settings) -> list[bool]:
    """Trains them on the sum of their losses, so that each follows its own; which have all four points right."""
    optimizer = optim.Adam(networks.parameters(), lr=settings.lr)
    wanted = y.to("float32").expand(settings.trainings, len(y))
    for _ in range(settings.steps):
        loss = binary_cross_entropy_with_logits(networks(x), wanted, reduction="sum") / len(y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with no_grad():
        right = (networks(x) > 0).to("int64") == y
        return [bool(one) for one in right.all(1).tolist()]


def states_of_the_circle(x: Tensor, y: Tensor, points: Any, circle: int) -> dict[str, Tensor]:
    """The classes that the perceptron gives to a grid after each mistake of a circle but the last, which ends it."""
    on = with_one(tensor(plot.grid(points)).to("float64"))
    states = learn(x, y, PASSES).mistakes[1:circle]
    return {
        f"perceptron, mistake {number} of {circle}: {len(points) - state.wrong} of {len(points)} right": both(
            (on @ tensor(state.weights, dtype="float64") > 0).to("float32")
        )
        for number, state in enumerate(states, 1)
    }


def regions(networks: Networks, solved: list[bool], points: Any) -> dict[str, Tensor]:
    """The probabilities on a grid of the first network that solved it and of the first that did not."""
    with no_grad():
        probabilities = networks(tensor(plot.grid(points))).sigmoid()
    found = {}
    for word, which in (("solved", True), ("stuck", False)):
        if which in solved:
            found[f"a hidden layer, {word}"] = both(probabilities[solved.index(which)])
    return found


def both(one: Tensor) -> Tensor:
    """The probabilities (N, 2) of the classes 0 and 1, of the second (N,)."""
    return cat([1 - one.reshape(-1, 1), one.reshape(-1, 1)], 1)


def draw(run: Run, settings: Settings, shares: dict[Any, Any], drawn: dict[str, Tensor], points: Any, labels: Any,
         see: str) -> None:  # fmt: skip
    """The share that fails by width, and the regions of the classifiers."""
    lines = {}
    for name in ACTIVATIONS:
        found = [shares[name, hidden] for hidden in settings.hidden]
        low, high = ([ends[side] for _, ends in found] for side in (0, 1))
        lines[name] = plot.Line(settings.hidden, [share for share, _ in found], low, high)
    title = f"Exclusive or: the share of {settings.trainings} trainings that fails (bands: 95 %)"
    run.figure("failures", plot.lines_data({"": lines}, title, "hidden units", x_log=True), see)
    panels = {name: shares.numpy() for name, shares in drawn.items()}
    title = "Exclusive or: the probabilities of the classes"
    run.figure("regions", plot.regions_data(panels, plot.grid(points), points, labels, title), see)
