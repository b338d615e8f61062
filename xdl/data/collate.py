"""From samples to a batch on the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.errors import DataError, ShapeError

Sample = tuple[Any, ...]  # the parts of one sample, usually (image, label)
Batch = tuple[np.ndarray, ...]  # the same parts of many samples, each with the samples along the first dimension


def collate(samples: Sequence[Sample]) -> Batch:
    """Stacks samples part by part; Python floats become float32.

    Raises DataError where samples have different numbers of parts, ShapeError where a part's shapes differ.
    """
    if len({len(sample) for sample in samples}) != 1:
        raise DataError("collate", "samples with the same number of parts", sorted({len(s) for s in samples}))
    return tuple([_stack(part) for part in zip(*samples, strict=True)])


def _stack(values: tuple[Any, ...]) -> np.ndarray:
    if isinstance(values[0], float) and not isinstance(values[0], np.floating):
        return np.array(values, dtype=np.float32)
    shapes = sorted({np.shape(v) for v in values})
    if len(shapes) > 1:
        raise ShapeError("collate", "the same shape in every sample", f"{shapes[0]} and {shapes[1]}")
    return np.stack(values)
