"""The simplest models: what anything that is learned has to beat."""

from __future__ import annotations

from collections import Counter
from typing import Any

from xdl import linalg
from xdl.creation import ones, tensor
from xdl.functional import cat, one_hot
from xdl.tensor import Tensor


def guessing(labels: Any) -> float:
    """The share that is right where the most frequent class is always named. labels: (N,)"""
    counts = Counter(labels.tolist())
    return max(counts.values()) / len(labels)


def nearest_mean(points: Any, labels: Any, tested: Any = None, expected: Any = None) -> float:
    """The share that is right where each sample gets the class whose mean is nearest.

    points:   (N, ...) of which the means are taken; labels: (N,) int64
    tested:   other points to measure on, expected: their labels; without them the same ones
    """
    x, y = _flat(points), tensor(labels)
    member = one_hot(y, int(labels.max()) + 1).to(x.dtype)  # (N, K)
    means = member.T @ x / member.sum(0).clamp(min=1).unsqueeze(1)  # (K, D)
    x, y = (x, y) if tested is None else (_flat(tested), tensor(expected))
    nearest = ((means * means).sum(1) - 2 * (x @ means.T)).argmin(1)  # |x - m|**2 less |x|**2
    return float((nearest == y).to("float64").mean().item())


def straight_line(x: Any, y: Any) -> float:
    """The root mean squared error of the best line or plane, y = x w + b. x: (N, D), y: (N,)"""
    inputs, targets = tensor(x, dtype="float64"), tensor(y, dtype="float64").unsqueeze(1)
    inputs = cat([inputs, ones(len(y), 1, dtype="float64")], 1)
    return rms(inputs @ linalg.lstsq(inputs, targets).solution - targets)


def rms(values: Tensor) -> float:
    """The root of the mean square."""
    return float(values.square().mean().sqrt().item())


def _flat(points: Any) -> Tensor:
    return tensor(points.reshape(len(points), -1))
