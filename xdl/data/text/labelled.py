"""Texts with a class each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xdl.data.labels import check_labels
from xdl.errors import DataError, ShapeError, expect


@dataclass(frozen=True)
class LabelledTexts:
    """N texts, labels (N,) int64 in [0, K), and the names of the K classes.

    Raises ShapeError where texts and labels are not as many, DataError for no texts, for one that is empty or blank,
    naming it, for labels outside the range, and where a class has no text: nothing is learned from a lone class.
    """

    texts: tuple[str, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        name, found = "LabelledTexts", f"{len(self.texts)} texts, labels {self.labels.shape}"
        expect(self.labels.shape == (len(self.texts),), ShapeError, name, "a label for each text", found)
        expect(bool(self.texts), DataError, name, "at least one text", "none")
        empty = next((i for i, text in enumerate(self.texts) if not text.strip()), None)
        expect(empty is None, DataError, name, "texts with something in them", f"an empty one, number {empty}")
        check_labels(name, self.labels, len(self.class_names))
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        lacking = [self.class_names[k] for k in np.flatnonzero(counts == 0)]
        expect(len(self.class_names) > 1 and not lacking, DataError, name, "texts of at least two classes", self.counts)

    @property
    def counts(self) -> str:
        """How many texts each class has, in words."""
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        return ", ".join(f"{count} {name}" for count, name in zip(counts, self.class_names, strict=True))

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, indices: Any) -> LabelledTexts:
        """The texts with these indices, in their order. Raises DataError as the class does."""
        kept = np.asarray(indices, np.int64)
        return LabelledTexts(tuple([self.texts[i] for i in kept]), self.labels[kept], self.class_names)


def of_classes(texts: Sequence[Sequence[str]], class_names: Sequence[str]) -> LabelledTexts:
    """The texts of class 0, then those of class 1, and so on."""
    counts = [len(some) for some in texts]
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.int64)
    return LabelledTexts(tuple([text for some in texts for text in some]), labels, tuple(class_names))
