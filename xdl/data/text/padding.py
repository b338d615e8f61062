"""Texts of different lengths in one array: cut to a length, filled up with a padding number, with their lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.data.order import checked_index, whole_numbers
from xdl.errors import DataError, SettingError, ShapeError, expect


def padded(
    sequences: Sequence[Any], length: int | None = None, padding: int = 0, keep: str = "start"
) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of N texts as one array (N, T) int64, and how many of each row are its own, (N,) int64.

    length:  T; without it the length of the longest
    padding: stands behind a text that is shorter
    keep:    which part of a text that is longer: its "start" or its "end"

    Raises SettingError for length < 1 or another `keep`, DataError for no text or an empty one, naming it, and for
    others than whole numbers, ShapeError for sequences of another form.
    """
    whole = length is None or (isinstance(length, int) and length >= 1)
    expect(whole, SettingError, "padded", "length: a whole number >= 1", repr(length))
    expect(isinstance(padding, int), SettingError, "padded", "padding: a whole number", repr(padding))
    expect(keep in ("start", "end"), SettingError, "padded", "keep: start or end", repr(keep))
    known = [whole_numbers("padded", sequence) for sequence in sequences]
    flat = all(sequence.ndim == 1 for sequence in known)
    expect(flat, ShapeError, "padded", "sequences (T,)", [sequence.shape for sequence in known[:3]])
    own = np.array([len(sequence) for sequence in known], np.int64)
    check_lengths("padded", own)
    most = int(own.max()) if length is None else length
    own = np.minimum(own, most)
    numbers = np.full((len(sequences), most), padding, np.int64)
    for row, sequence, n in zip(numbers, known, own, strict=True):
        row[:n] = sequence[:n] if keep == "start" else sequence[len(sequence) - n :]
    return numbers, own


class PaddedTexts:
    """A dataset of texts as numbers: a batch is (numbers (B, T), a list of B lengths, labels (B,)), T its longest text.

    sequences: N arrays of numbers, none of them empty
    labels:    (N,) int64
    length, padding, keep: as of `padded`; length is the most that is kept of a text, batches may be shorter

    For `nn.GRU(..., batch_first=True)` the lengths are its `lengths=`. Raises as `padded`, and ShapeError where texts
    and labels are not as many.
    """

    def __init__(
        self, sequences: Sequence[Any], labels: Any, length: int | None = None, padding: int = 0, keep: str = "start"
    ) -> None:
        self.labels = np.asarray(labels)
        expected = f"labels ({len(sequences)},)"
        expect(self.labels.shape == (len(sequences),), ShapeError, "PaddedTexts", expected, self.labels.shape)
        self._numbers, self._padding = [], padding
        for start in range(0, len(sequences), 1024):  # cut once, so that long texts take no memory
            some, own = padded(sequences[start : start + 1024], length, padding, keep)
            self._numbers += [row[:n].copy() for row, n in zip(some, own, strict=True)]
        self.lengths = np.array([len(numbers) for numbers in self._numbers], np.int64)
        check_lengths("PaddedTexts", self.lengths)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> tuple[np.ndarray, int, Any]:
        at = checked_index("PaddedTexts", index, len(self))
        return self._numbers[at], int(self.lengths[at]), self.labels[at]

    def batch(self, indices: Sequence[int] | np.ndarray) -> tuple[np.ndarray, list[int], np.ndarray]:
        """The texts with these indices: numbers, lengths, which stay on the host, and labels."""
        numbers, own = padded([self._numbers[i] for i in indices], padding=self._padding)
        return numbers, own.tolist(), self.labels[np.asarray(indices, np.int64)]


def check_lengths(operation: str, lengths: np.ndarray) -> None:
    """Raises DataError for no text, and for one without tokens, naming it."""
    expect(len(lengths) > 0, DataError, operation, "at least one text", "none")
    empty = np.flatnonzero(lengths < 1)
    if empty.size:
        raise DataError(operation, "texts of at least one token", f"{empty.size} without any, first number {empty[0]}")
