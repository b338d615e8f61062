"""What `estimators.Perceptron` did, mistake by mistake: a look at each point, and a step only after a mistake.

Notation: N points x in D dimensions, with a 1 appended, so that the last weight is the bias; labels y are -1 or 1.

A mistake is a point with y (w x) <= 0; the step is w <- w + y x. That is stochastic descent, at rate 1, of the loss
max(0, -y (w x)). Novikoff's theorem: where a w* of length 1 has y (w* x) >= gamma for all points, none of which is
longer than R, there are at most (R / gamma)**2 mistakes, since with each of them w w* grows by gamma at least, and
|w|**2 by R**2 at most.

Source: A. Novikoff, On convergence proofs on perceptrons, 1962.
"""

from __future__ import annotations

from dataclasses import dataclass
from warnings import catch_warnings, simplefilter

from xdl.creation import ones, tensor
from xdl.estimators import Perceptron
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


def learn(x: Tensor, y: Tensor, passes: int) -> Learning:
    """Goes through the points in their order, pass after pass, until one is without a mistake or `passes` are over.

    x: (N, D + 1) float64; y: (N,) -1 or 1. The weights begin at 0, which has every point wrong.
    """
    with catch_warnings():
        simplefilter("ignore")  # of an end with mistakes: `done` says it
        learner = Perceptron(fit_intercept=False, max_iter=passes).fit(x, y)
    w = tensor(learner.path_)  # (K + 1, D + 1) for K mistakes
    wrong = ((w @ (x * y.reshape(-1, 1)).T) <= 0).sum(1).tolist()
    *before, last = w.tolist()
    mistakes = [Mistake(*each) for each in zip(learner.mistaken_, before, wrong[:-1], strict=True)]
    return Learning(mistakes, last, learner.n_iter_, learner.converged_)


def margin(x: Tensor, y: Tensor, weights: list[float]) -> float:
    """gamma: the least y (w x) / |w| of all points; below 0 where the weights have one wrong."""
    w = tensor(weights, dtype="float64")
    least = (y * (x @ w)).min() / w.square().sum().sqrt()
    return float(least.item())


def longest(x: Tensor) -> float:
    """R: the length of the longest point."""
    return float(x.square().sum(1).max().sqrt().item())
