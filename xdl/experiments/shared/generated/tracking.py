"""Whether a critic's value tells how good samples are: its correlation with their distance from the data."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import correlation

LEAST = 3  # epochs: through two points there is always a line


def tracking(values: Sequence[float], distances: Sequence[float]) -> float | None:
    """The correlation of both, epoch by epoch; None for fewer than three, and where one of them never changes."""
    if len(values) < LEAST or min(map(len, (set(values), set(distances)))) == 1:
        return None
    return correlation(values, distances)


def in_words(tracks: float | None) -> str:
    """For a sentence: "correlation 0.60"."""
    return "no correlation, with so few epochs or without a change" if tracks is None else f"correlation {tracks:.2f}"
