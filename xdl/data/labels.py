"""Class labels, checked on the host before a device sees them."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.errors import DataError


def check_labels(operation: str, labels: Any, num_classes: int) -> None:
    """Raises DataError unless labels is an integer array (any shape) with every value in [0, num_classes)."""
    array = np.asarray(labels)
    if array.dtype.kind not in "iu":
        raise DataError(operation, "labels of an integer dtype", array.dtype, "Class labels are indices 0, 1, 2, ...")
    wrong = (array < 0) | (array >= num_classes)
    if wrong.any():
        where = int(np.flatnonzero(wrong)[0])
        raise DataError(
            operation,
            f"labels in [0, {num_classes})",
            f"{array.flat[where]} at index {where} ({np.count_nonzero(wrong)} of {array.size} are outside)",
        )
