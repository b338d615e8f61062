"""What classes a classifier sees in samples: the share of each, and how even they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, log
from typing import Any

from xdl.errors import DataError, SettingError, expect
from xdl.train.metrics.values import labels_of, numbers_of


def class_shares(labels: Any, num_classes: int) -> list[float]:
    """The share of the labels (N,) that each of the classes has. Raises ShapeError, DtypeError, DataError."""
    expect(num_classes >= 1, SettingError, "class_shares", "num_classes >= 1", num_classes)
    found = labels_of("class_shares", "labels", labels, num_classes)
    expect(len(found) > 0, DataError, "class_shares", "at least one label", "none")
    return [found.count(k) / len(found) for k in range(num_classes)]


def entropy_of(shares: Sequence[float]) -> float:
    """-sum_k p_k ln p_k in nats: ln K for even shares of K classes, 0 where there is but one.

    shares: (K,) at least 0, their sum 1 within 1e-6. Raises ShapeError, DtypeError, DataError.
    """
    values = numbers_of("entropy_of", "shares", shares)
    right = all(value >= 0 for value in values) and abs(fsum(values) - 1) < 1e-6
    expect(right, DataError, "entropy_of", "shares of at least 0 with the sum 1", f"sum {fsum(values):g}")
    return fsum(-value * log(value) for value in values if value)
