"""A search along a line for a point of the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6).

phi(t) = f(x + t d), with the slope phi'(t) = grad f(x + t d) . d;  0 < c1 < c2 < 1

phi(t) <= phi(0) + c1 t phi'(0)      enough descent
|phi'(t)| <= -c2 phi'(0)             and the slope nearly gone

First steps grow until an interval holds such a point, then the interval shrinks. Each step goes to the minimum of the
cubic through two values and slopes. The safeguards are those of M. Schmidt's minFunc, as in PyTorch's LBFGS.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, sqrt
from typing import NamedTuple

from xdl.backend import Array

GROWTH = 10.0  # a step is at most so many times the one before
EDGE = 0.1  # a trial nearer to an end of the interval, in its widths, makes too little progress


class Trial(NamedTuple):
    """A point on the line: t, f = phi(t), slope = phi'(t), and the gradient of f there."""

    t: float
    f: float
    slope: float
    gradient: Array


Phi = Callable[[float], Trial]


def strong_wolfe(
    phi: Phi, t: float, start: Trial, c1: float = 1e-4, c2: float = 0.9, width: float = 0.0, most: int = 25
) -> Trial:
    """The trial that meets the conditions; the best where none of `most` further ones does.

    t: the first step;  start: phi(0), whose slope is negative;  width: intervals below are not searched

    A trial that is not finite counts as too far.
    """
    before, trial, count = start, _tried(phi, t), 0
    bracket: list[Trial] | None = None
    while count < most and bracket is None:
        if not _descends(start, trial, c1) or (count > 1 and trial.f >= before.f):
            bracket = [before, trial]
        elif _flat(start, trial, c2):
            return trial
        elif trial.slope >= 0:
            bracket = [before, trial]
        else:
            low, high = trial.t + 0.01 * (trial.t - before.t), trial.t * GROWTH
            before, trial, count = trial, _tried(phi, cubic_minimum(before, trial, low, high)), count + 1
    return _zoom(phi, start, bracket or [start, trial], c1, c2, width, most - count)


def _zoom(phi: Phi, start: Trial, bracket: list[Trial], c1: float, c2: float, width: float, most: int) -> Trial:
    """Shrinks a bracket around a point of the conditions; the lower end is the best trial so far."""
    slow = False
    low = 0 if bracket[0].f <= bracket[1].f else 1
    for _ in range(most):
        left, right = sorted((bracket[0].t, bracket[1].t))
        if right - left <= width:
            break
        t, slow = _inside(cubic_minimum(bracket[0], bracket[1], left, right), left, right, slow)
        trial = _tried(phi, t)
        if not _descends(start, trial, c1) or trial.f >= bracket[low].f:
            bracket[1 - low] = trial
            low = 0 if bracket[0].f <= bracket[1].f else 1
            continue
        if _flat(start, trial, c2):
            return trial
        if trial.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = trial
    return bracket[low]


def _inside(t: float, left: float, right: float, slow: bool) -> tuple[float, bool]:
    """t, or a step away from the end that it is near for the second time; whether it is near one."""
    edge = EDGE * (right - left)
    if min(right - t, t - left) >= edge:
        return t, False
    if slow or t >= right or t <= left:
        return (right - edge if abs(t - right) < abs(t - left) else left + edge), False
    return t, True


def cubic_minimum(a: Trial, b: Trial, low: float, high: float) -> float:
    """Where the cubic through both has its minimum, within [low, high]; their middle where it has none."""
    a, b = (a, b) if a.t <= b.t else (b, a)
    middle = (low + high) / 2
    if a.t == b.t:
        return middle
    d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not (isfinite(square) and square >= 0):
        return middle
    d2 = sqrt(square)
    bottom = b.slope - a.slope + 2 * d2
    return middle if bottom == 0 else min(max(b.t - (b.t - a.t) * ((b.slope + d2 - d1) / bottom), low), high)


def _tried(phi: Phi, t: float) -> Trial:
    trial = phi(t)
    return trial if isfinite(trial.f) and isfinite(trial.slope) else trial._replace(f=inf)


def _descends(start: Trial, trial: Trial, c1: float) -> bool:
    return trial.f <= start.f + c1 * trial.t * start.slope


def _flat(start: Trial, trial: Trial, c2: float) -> bool:
    return abs(trial.slope) <= -c2 * start.slope
