"""The nearest known sample of each new one: whether a generator has learned its training set by heart."""

from __future__ import annotations

from typing import Any

from xdl.functional import cat
from xdl.tensor import Tensor, no_grad
from xdl.train.metrics.samples.points import squared_distances, two_samples

AT_ONCE = 256  # new samples; more would need much memory beside tens of thousands of known ones


def nearest(new: Any, known: Any) -> tuple[list[int], list[float]]:
    """Of each new sample (N, ...) the number of the nearest known one (M, ...) and their distance, Euclidean.

    Raises ShapeError, DataError.
    """
    x, y = two_samples("nearest", new=new, known=known)
    with no_grad():
        parts = [squared_distances(x[start : start + AT_ONCE], y) for start in range(0, len(x), AT_ONCE)]
        numbers: Tensor = cat([part.argmin(1) for part in parts])
        distances = cat([part.min(1).values.sqrt() for part in parts])
    return numbers.tolist(), distances.tolist()
