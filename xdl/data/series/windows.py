"""Windows of a series for models that name the next value at every step, and the two ways to sample them.

Consecutive sampling cuts the series into B strands that run side by side. Batch k holds window k of every strand, so
that row b of batch k + 1 goes on where row b of batch k ended, and a model may carry its state over. Random sampling
draws windows anywhere: neighbours in a batch have nothing to do with each other, and every window starts from a fresh
state (hwdong 7.4.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.data.batch_sampler import BatchSampler
from xdl.data.collate import host
from xdl.data.sampler import RandomSampler
from xdl.errors import DataError, SettingError, ShapeError
from xdl.random import Stream


class NextStep:
    """Sample i is a window of a series and the same window one step later: `(x[i : i + T], x[i + 1 : i + T + 1])`.

    series: (N,) or (N, ...): numbers of any dtype; floats must be finite, since a gap has no next value
    steps:  T >= 1, the length of a window

    The samples are views of the series; a batch has shape (B, T, ...). Raises SettingError for T < 1, ShapeError for
    a series of no more than T values, DataError for one with nan or infinity in it, naming where.
    """

    def __init__(self, series: Any, steps: int) -> None:
        self.series, self.steps = host(series), steps
        if steps < 1:
            raise SettingError("NextStep", "steps >= 1", steps)
        if not self.series.ndim or len(self.series) <= steps:
            raise ShapeError("NextStep", f"a series of more than {steps} values", self.series.shape)
        check_no_gaps("NextStep", self.series)

    def __len__(self) -> int:
        return len(self.series) - self.steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if not 0 <= index < len(self):
            raise IndexError(f"NextStep: expected an index in [0, {len(self)}), found {index}")
        return self.series[index : index + self.steps], self.series[index + 1 : index + self.steps + 1]

    def batch(self, indices: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The samples at these indices: inputs and targets, each (B, T, ...)."""
        at = np.asarray(indices, np.int64)[:, None] + np.arange(self.steps)
        return self.series[at], self.series[at + 1]


def consecutive_windows(windows: NextStep, batch_size: int) -> list[np.ndarray]:
    """The batches of a pass in order, for `DataLoader(windows, batch_sampler=...)`; a state may be carried through.

    batch_size: B, the number of strands. Window k of strand b starts at b S + k T, where S is the length of a strand:
                as many whole windows as all strands have. What is left at the end of the series is not used.

    Raises SettingError for B < 1, and for a series that is too short for B strands of one window.
    """
    per_strand = (len(windows) + windows.steps - 1) // (windows.steps * batch_size) if batch_size >= 1 else 0
    if per_strand < 1:
        most = (len(windows) + windows.steps - 1) // windows.steps
        expected = f"1 <= batch_size <= {most} for {len(windows) + windows.steps} values in windows of {windows.steps}"
        raise SettingError("consecutive_windows", expected, batch_size)
    starts = np.arange(batch_size) * per_strand * windows.steps
    return [starts + k * windows.steps for k in range(per_strand)]


def random_windows(windows: NextStep, batches: int, batch_size: int, generator: Stream | None = None) -> BatchSampler:
    """Windows drawn anywhere, with replacement, for `DataLoader(windows, batch_sampler=...)`; other ones each pass.

    batches: in a pass; generator: as of `RandomSampler`

    Raises SettingError for counts below 1, and for a batch of more windows than there are.
    """
    if batches < 1 or batch_size < 1:
        raise SettingError("random_windows", "batches >= 1 and batch_size >= 1", f"{batches} and {batch_size}")
    if batch_size > len(windows):
        raise SettingError("random_windows", f"batch_size <= {len(windows)}, the number of windows", batch_size)
    sampler = RandomSampler(windows, replacement=True, num_samples=batches * batch_size, generator=generator)
    return BatchSampler(sampler, batch_size)


def check_no_gaps(operation: str, series: np.ndarray) -> None:
    """Raises DataError for a series (N, ...) with nan or infinity in it, naming the first such step and how many."""
    if series.dtype.kind != "f":
        return
    bad = np.flatnonzero(~np.isfinite(series).reshape(len(series), -1).all(axis=1))
    if bad.size:
        hint = "Fill the gaps, or cut the series there"
        raise DataError(
            operation, "a series without gaps", f"{bad.size} steps with nan or infinity, first {bad[0]}", hint
        )
