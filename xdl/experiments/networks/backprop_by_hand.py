"""Back propagation written out, for any number of layers, without the tape (hwdong 4.2.4 to 4.2.6; 徐彬 3.7).

forward    a_0 = x,   z_l = a_(l-1) W_l + b_l,   a_l = max(z_l, 0),   z_L without the max
loss       L = mean over samples of -log softmax(z_L)[label]
backward   dz_L = (softmax(z_L) - onehot(label)) / N
           dW_l = a_(l-1)ᵀ dz_l,   db_l = sum of dz_l over samples
           dz_(l-1) = (dz_l W_lᵀ) where z_(l-1) > 0, else 0
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

from xdl import nn
from xdl.creation import tensor, zeros
from xdl.experiments.shared.points import draw_regions, judged, spiral_points
from xdl.functional import cross_entropy, one_hot, where
from xdl.random import randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad

Layer = tuple[Tensor, Tensor]  # W (I, O) and b (O,)


QUICK = {"steps": 1000}


@dataclass(frozen=True)
class Settings:
    """hwdong's 2-100-3 network on the spiral, by plain gradient descent."""

    hidden: tuple[int, ...] = setting((100,), "units of each hidden layer", low=1, empty=True)
    samples: int = setting(100, "points in each of the three arms", low=2)
    steps: int = setting(2000, "steps on all points", low=1)
    lr: float = setting(1.0, "learning rate", above=0)


class Network(nn.Module):
    """The layers, with their forward pass; `gradients` is the backward pass by hand."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        self.layers: list[Layer] = [(randn(i, o) * sqrt(2 / i), zeros(o)) for i, o in pairwise(sizes)]

    def activations(self, x: Tensor) -> list[Tensor]:
        """x, the output of every hidden layer, and the logits."""
        a = [x]
        for number, (w, b) in enumerate(self.layers, 1):
            z = a[-1] @ w + b
            a.append(z.relu() if number < len(self.layers) else z)
        return a

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, K) of points (N, D)."""
        return self.activations(input)[-1]

    def gradients(self, x: Tensor, labels: Tensor) -> list[Layer]:
        """(dW, db) of every layer, for the mean cross entropy: the formulas above, last layer first."""
        *a, logits = self.activations(x)
        dz = (logits.softmax(1) - one_hot(labels, logits.shape[1]).to(logits.dtype)) / len(labels)
        found = []
        for (w, _), inputs in zip(reversed(self.layers), reversed(a), strict=True):
            found.append((inputs.T @ dz, dz.sum(0)))
            dz = where(inputs > 0, dz @ w.T, 0.0)
        return found[::-1]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Compares the gradients with the tape's, then trains with nothing but them."""
    points, labels = spiral_points(run, settings.samples)
    x, y = tensor(points), tensor(labels)
    network = Network((2, *settings.hidden, 3))
    difference = _difference(network, x, y)
    run.say(f"largest difference from the tape's gradients: {difference:.2g} of the largest gradient")
    losses = []
    with no_grad():
        for step in range(1, settings.steps + 1):
            for (w, b), (dw, db) in zip(network.layers, network.gradients(x, y), strict=True):
                w[...] = w - settings.lr * dw
                b[...] = b - settings.lr * db
            if step % max(1, settings.steps // 10) == 0:
                losses.append((step, cross_entropy(network(x), y).item()))
    run.table(("step", "loss"), losses)
    on_training_points, on_new_points = judged(run, network, points, labels)
    run.see(f"the formulas' gradients are the tape's within {difference:.1e} of the largest one.")
    draw_regions(run, {f"{settings.steps} steps by hand": network}, points, labels)
    return {
        "gradient_difference": difference,
        "losses": losses,
        "training_accuracy": on_training_points,
        "new_accuracy": on_new_points,
    }


def _difference(network: Network, x: Tensor, y: Tensor) -> float:
    """The largest difference between the gradients by hand and those of the tape, over the largest gradient."""
    by_hand = [g for pair in network.gradients(x, y) for g in pair]
    leaves = [t.requires_grad_() for pair in network.layers for t in pair]
    cross_entropy(network(x), y).backward()
    by_tape = [t.grad for t in leaves if t.grad is not None]
    for t in leaves:
        t.requires_grad_(False)
    largest = max(g.abs().max().item() for g in by_tape)
    return float(max((a - b).abs().max().item() for a, b in zip(by_hand, by_tape, strict=True)) / largest)
