"""One neuron, one layer, a network: the forward pass number by number (hwdong 4.1.1 to 4.1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Any

from xdl.creation import tensor
from xdl.functional import linear
from xdl.runs.run import Run

X = [[1.0, 2.0], [-1.0, 0.5], [0.0, -2.0]]  # three samples of two features
W1 = [[0.5, -0.25], [1.0, 0.75], [-0.5, 0.5]]  # three hidden units
B1 = [0.1, -0.2, 0.0]
HEADS = {  # kind of output -> its weights, its biases
    "regression": ([[1.0, -1.0, 2.0]], [0.5]),
    "binary": ([[1.0, -1.0, 2.0]], [0.5]),
    "multi-class": ([[1.0, 0.0, 0.5], [0.0, 1.0, -0.5], [-1.0, 0.5, 1.0]], [0.0, 0.1, -0.1]),
}


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """Nothing to set: the numbers are those of the page."""


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """By loops over plain numbers, then by one matrix product for all samples; both must agree."""
    hidden = [[sigmoid(weighted_sum(x, w, b)) for w, b in zip(W1, B1, strict=True)] for x in X]
    run.say("one neuron: z = x1 w1 + x2 w2 + b, a = sigmoid(z)")
    rows = []
    for x in X:
        for j, (w, b) in enumerate(zip(W1, B1, strict=True), 1):
            z = weighted_sum(x, w, b)
            rows.append((f"({x[0]:g}, {x[1]:g})", j, f"{x[0]:g}*{w[0]:g} + {x[1]:g}*{w[1]:g} + {b:g}", z, sigmoid(z)))
    neurons = run.table(("sample", "unit", "weighted sum", "z", "a"), rows)

    batched = linear(tensor(X), tensor(W1), tensor(B1)).sigmoid()
    run.say(f"all samples at once: A = sigmoid(X Wᵀ + b), {len(X)}x2 times 2x3 gives {batched.shape}")
    difference = _difference(batched.tolist(), hidden)
    outputs: dict[str, Any] = {}
    heads = []
    for kind, (weights, biases) in HEADS.items():
        logits = [[weighted_sum(h, w, b) for w, b in zip(weights, biases, strict=True)] for h in hidden]
        sums = linear(batched, tensor(weights), tensor(biases))
        made = {"regression": sums, "binary": sums.sigmoid(), "multi-class": sums.softmax(1)}[kind]
        difference = max(difference, _difference(sums.tolist(), logits))
        outputs[kind] = made.tolist()
        heads.append((kind, str(made.shape), "; ".join(" ".join(f"{v:.4f}" for v in row) for row in outputs[kind])))
    run.say("three kinds of output: the sum itself, sigmoid for two classes, softmax for many")
    run.table(("output", "shape", "one row a sample"), heads)
    run.say(f"largest difference between loops and matrix products: {difference:.2g}")
    return {"neurons": neurons, "outputs": outputs, "difference": difference}


def weighted_sum(x: list[float], w: list[float], b: float) -> float:
    """x1 w1 + x2 w2 + ... + b"""
    return sum(xi * wi for xi, wi in zip(x, w, strict=True)) + b


def sigmoid(z: float) -> float:
    """1 / (1 + e**-z)"""
    return 1 / (1 + exp(-z))


def _difference(a: list[list[float]], b: list[list[float]]) -> float:
    return max(abs(x - y) for one, other in zip(a, b, strict=True) for x, y in zip(one, other, strict=True))
