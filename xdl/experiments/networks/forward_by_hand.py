"""One neuron, one layer, a network: the forward pass number by number (hwdong 4.1.1 to 4.1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Any

from xdl import plot
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
            rows.append((sample(x), j, f"{products(x, w)} + {b:g}", z, sigmoid(z)))
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
    run.figure("network", picture(hidden[0], outputs["multi-class"][0]), run.see(largest(outputs["multi-class"][0])))
    return {"neurons": neurons, "outputs": outputs, "difference": difference}


def picture(hidden: list[float], probabilities: list[float]) -> plot.FigureData:
    """The network with three classes at the first sample: weights on the arrows, in orange those below 0."""
    weights, biases = HEADS["multi-class"]
    labels = [f"x{i}\n{value:g}" for i, value in enumerate(X[0], 1)]
    for j, (w, b, a) in enumerate(zip(W1, B1, hidden, strict=True), 1):
        z = weighted_sum(X[0], w, b)
        labels.append(f"hidden {j}, bias {b:g}\nz = {z:.4g}\nsigmoid(z) = {a:.4g}")
    for k, (w, b, p) in enumerate(zip(weights, biases, probabilities, strict=True), 1):
        labels.append(f"class {k}, bias {b:g}\nz = {weighted_sum(hidden, w, b):.4g}\nsoftmax(z) = {p:.4g}")
    edges, numbers = [], []
    for first, after, matrix in ((0, len(X[0]), W1), (len(X[0]), len(X[0]) + len(W1), weights)):
        for j, row in enumerate(matrix):
            edges += [(first + i, after + j) for i in range(len(row))]
            numbers += row
    below = [i for i, number in enumerate(numbers) if number < 0]
    title = f"forward pass of {sample(X[0])}; on each arrow: its weight; orange: below 0"
    return plot.graph_data(labels, edges, title, [f"{number:g}" for number in numbers], below)


def largest(probabilities: list[float]) -> str:
    """Which class the network takes the first sample for, and how the weighted sums of a unit come about."""
    x, w, b = X[0], W1[0], B1[0]
    z = f"{products(x, w)} + {b:g} = {weighted_sum(x, w, b):.4g}"
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    taken = f"{sample(x)} is taken for class {best + 1}, with probability {probabilities[best]:.4g}"
    return f"Hidden 1 gets {z} over its two arrows and its bias; {taken} of {sum(probabilities):.4g} in all."


def sample(x: list[float]) -> str:
    """(x1, x2)"""
    return f"({', '.join(f'{value:g}' for value in x)})"


def products(x: list[float], w: list[float]) -> str:
    """x1*w1 + x2*w2, in numbers."""
    return " + ".join(f"{xi:g}*{wi:g}" for xi, wi in zip(x, w, strict=True))


def weighted_sum(x: list[float], w: list[float], b: float) -> float:
    """x1 w1 + x2 w2 + ... + b"""
    return sum(xi * wi for xi, wi in zip(x, w, strict=True)) + b


def sigmoid(z: float) -> float:
    """1 / (1 + e**-z)"""
    return 1 / (1 + exp(-z))


def _difference(a: list[list[float]], b: list[list[float]]) -> float:
    return max(abs(x - y) for one, other in zip(a, b, strict=True) for x, y in zip(one, other, strict=True))
