"""Windows of a series for forecasts: what was known, and what came next; and parts in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.data.collate import host
from xdl.data.series.columns import as_columns
from xdl.errors import SettingError, ShapeError


def windows(series: Any, inputs: int, outputs: int = 1, stride: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of neighbouring windows: x (N, inputs, F), and y (N, outputs, F), the steps that follow (hwdong 7.1.5).

        x[i] = series[i stride : i stride + inputs]
        y[i] = series[i stride + inputs : i stride + inputs + outputs]
        N    = (T - inputs - outputs) // stride + 1

    series: (T,), which has F = 1, or (T, F)

    Raises SettingError for counts below 1, ShapeError for a series with fewer than inputs + outputs steps, DataError
    for gaps; see `as_columns`.
    """
    operation = "data.windows"
    if min(inputs, outputs, stride) < 1:
        raise SettingError(operation, "inputs, outputs and stride >= 1", f"{inputs}, {outputs}, {stride}")
    columns, length = as_columns(operation, series), inputs + outputs
    if len(columns) < length:
        expected = f"at least inputs + outputs = {inputs} + {outputs} = {length} steps"
        raise ShapeError(operation, expected, f"{len(columns)} in shape {host(series).shape}", "Take shorter windows")
    seen = np.lib.stride_tricks.sliding_window_view(columns, length, axis=0)[::stride].swapaxes(1, 2)
    return np.ascontiguousarray(seen[:, :inputs]), np.ascontiguousarray(seen[:, inputs:])


def overlapping(inputs: int, outputs: int = 1, stride: int = 1) -> int:
    """How many of the windows that follow one share a step with it: the gap that `chronological_split` needs to keep
    windows that are already cut apart.

    Raises SettingError for counts below 1.
    """
    if min(inputs, outputs, stride) < 1:
        expected = "inputs, outputs and stride >= 1"
        raise SettingError("data.overlapping", expected, f"{inputs}, {outputs}, {stride}")
    return -(-(inputs + outputs) // stride) - 1


def chronological_split(samples: Any, parts: Sequence[float] = (0.7, 0.15, 0.15), gap: int = 0) -> list[Any]:
    """Parts in the order of time, the first the oldest: never shuffled, so that no part knows what comes after it.

    samples: an array (N, ...), or a tuple of such arrays, as `windows` gives; each part is then such a tuple
    parts:   the shares of the N - gap (len(parts) - 1) samples that are left; each part gets whole samples, the
             first ones what rounding leaves
    gap:     samples between two parts that go to neither. Windows overlap: of windows that are cut before they are
             split, `overlapping(inputs, outputs, stride)` must be left out, or values that are tested on were trained
             on. A series that is split before windows are cut needs none

    The parts are views. Raises SettingError for shares that are not above 0 or do not add up to 1, for a gap below 0,
    and, naming the counts, where a part would be empty; ShapeError for arrays of different lengths.
    """
    operation = "data.chronological_split"
    arrays = tuple(map(host, samples)) if isinstance(samples, tuple) else (host(samples),)
    lengths = [len(array) if array.ndim else 0 for array in arrays]
    if len(set(lengths)) != 1:
        raise ShapeError(operation, "arrays of one length", [array.shape for array in arrays])
    if not parts or not all(0 < share <= 1 for share in parts) or abs(sum(parts) - 1) > 1e-9:
        raise SettingError(operation, "shares above 0 that add up to 1", tuple(parts))
    if gap < 0:
        raise SettingError(operation, "gap >= 0", gap)
    left = lengths[0] - gap * (len(parts) - 1)
    ends = [round(max(left, 0) * sum(parts[: i + 1])) for i in range(len(parts))]
    sizes = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    if min(sizes) < 1:
        expected = f"at least one sample in each of {len(parts)} parts, with gaps of {gap}"
        raise SettingError(operation, expected, f"{sizes} of {lengths[0]} samples", "Take more data or a smaller gap")
    begins = [end - size + i * gap for i, (end, size) in enumerate(zip(ends, sizes, strict=True))]
    found = [tuple(a[b : b + size] for a in arrays) for b, size in zip(begins, sizes, strict=True)]
    return found if isinstance(samples, tuple) else [part[0] for part in found]
