"""A classifier's test, class by class, for the summary."""

from __future__ import annotations

from typing import Any

from xdl.data import LabelledImages
from xdl.tensor import Tensor
from xdl.train.metrics import class_measures, confusion_matrix


def by_class(data: LabelledImages, logits: Tensor) -> dict[str, list[Any]]:
    """Name, number of test images, precision, recall and F1 of each class, as columns; None where one is not defined.

    logits: (N, K) for the test images, in their order
    """
    matrix = confusion_matrix(data.test.arrays[1], logits.argmax(1), len(data.class_names))
    classes = class_measures(matrix)
    shares = {
        name: [None if value is None else round(value, 4) for value in (getattr(one, name) for one in classes)]
        for name in ("precision", "recall", "f1")
    }
    return {"name": list(data.class_names), "images": [one.support for one in classes], **shares}
