"""The perceptron's algorithm: one look at a point after the other, and a step of the weights only after a mistake.

Notation: N points x in D dimensions, with a 1 appended, so that the last weight is the bias; labels y are -1 or 1.

A mistake is a point with y (w x) <= 0; the step is w <- w + y x. That is stochastic descent, at rate 1, of the loss
max(0, -y (w x)). Novikoff's theorem: where a w* of length 1 has y (w* x) >= gamma for all points, none of which is
longer than R, there are at most (R / gamma)**2 mistakes, since with each of them w w* grows by gamma at least, and
|w|**2 by R**2 at most.

Source: A. Novikoff, On convergence proofs on perceptrons, 1962.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdl.creation import ones, tensor, zeros
from xdl.functional import cat
from xdl.tensor import Tensor


@dataclass
class Mistake:
    """One step. point: its number; weights: before the step, the bias last; wrong: points that these have wrong."""

    point: int
    weights: list[float]
    wrong: int


@dataclass
class Learning:
    """What the algorithm did. weights: at the end; passes: over all points, the last one without a mistake if done."""

    mistakes: list[Mistake]
    weights: list[float]
    passes: int
    done: bool


def with_one(points: Tensor) -> Tensor:
    """The points (N, D) as (N, D + 1): a 1 for the bias."""
    return cat([points, ones(len(points), 1, dtype=points.dtype)], 1)


def signs(labels: Tensor) -> Tensor:
    """-1 and 1 in float64 for the labels 0 and 1."""
    return 2.0 * labels.to("float64") - 1


def learn(x: Tensor, y: Tensor, most: int) -> Learning:
    """Goes through the points in their order, pass after pass, until none is wrong or after `most` mistakes.

    x: (N, D + 1) float64; y: (N,) -1 or 1. The weights begin at 0, which has every point wrong.
    """
    w, one_sided = zeros(x.shape[1], dtype="float64"), x * y.reshape(-1, 1)  # a point is right where w one_sided > 0
    mistakes: list[Mistake] = []
    place = 0  # of the next look, counted over all passes
    while len(mistakes) <= most:
        wrong = [number for number, product in enumerate((one_sided @ w).tolist()) if product <= 0]
        if not wrong:
            return Learning(mistakes, w.tolist(), place // len(x) + 1, True)
        at = place % len(x)
        point = next((number for number in wrong if number >= at), wrong[0])
        place += point - at + (len(x) if point < at else 0)
        mistakes.append(Mistake(point, w.tolist(), len(wrong)))
        w = w + one_sided[point]
        place += 1
    return Learning(mistakes[:most], mistakes[most].weights, place // len(x) + 1, False)


def margin(x: Tensor, y: Tensor, weights: list[float]) -> float:
    """gamma: the least y (w x) / |w| of all points; below 0 where the weights have one wrong."""
    w = tensor(weights, dtype="float64")
    least = (y * (x @ w)).min() / w.square().sum().sqrt()
    return float(least.item())


def longest(x: Tensor) -> float:
    """R: the length of the longest point."""
    return float(x.square().sum(1).max().sqrt().item())
