"""Measures of a classifier, and the means of any measures over many steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import DataError, NonFiniteError, ShapeError
from xdl.tensor import Tensor

Metric = Callable[[Tensor, Tensor], Tensor]  # (output, target) of a batch -> its mean over the batch


@dataclass(frozen=True)
class Unchecked:
    """A metric whose value may be nan or infinite, where any other would end the training: Unchecked(perplexity)."""

    metric: Metric

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        """metric(output, target)."""
        return self.metric(output, target)


def accuracy(output: Tensor, target: Tensor) -> Tensor:
    """The share of the batch whose largest logit is the target's: output (N, K), target (N,) integers; 0-d float32."""
    return (output.argmax(1) == target).to("float32").mean()


def confusion_matrix(target: Any, predicted: Any, num_classes: int) -> list[list[int]]:
    """counts[i][j]: samples of class i that were taken for class j. target and predicted: (N,) integers."""
    counts = [[0] * num_classes for _ in range(num_classes)]
    for true, guess in zip(target, predicted, strict=True):
        counts[int(true)][int(guess)] += 1
    return counts


class RunningMeans:
    """Means over all samples so far, of measures that are means over batches.

    Adding is cheap: values stay on their device until `read`, which is the only place that waits for it. When and how
    often it is called makes no difference to the means, to the last bit.

    operation: who measures, for the message of NonFiniteError
    """

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self._unread: dict[str, list[tuple[int, float, Array]]] = {}  # name -> (step, weight, value) of each batch
        self._sums: dict[str, tuple[float, float]] = {}  # name -> (total, weight)
        self._unchecked: set[str] = set()

    @property
    def samples(self) -> float:
        """How many samples (or what the weights count) were read: the largest sum of weights of a measure."""
        return max((weight for _, weight in self._sums.values()), default=0)

    def add(self, step: int, weight: float, values: Mapping[str, Tensor], unchecked: Collection[str] = ()) -> None:
        """Adds measures (0-d) of a batch, which count as much as that many samples. Those of weight 0 are left out.

        step:      for the message of NonFiniteError
        unchecked: names of measures that may be nan or infinite
        """
        if unchecked:
            self._unchecked.update(unchecked)
        if weight:
            for name, value in values.items():
                self._unread.setdefault(name, []).append((step, weight, value.data))

    def read(self) -> dict[str, float]:
        """The mean of each measure.

        Raises NonFiniteError, naming the first measure and step that was not finite, also when it is called again;
        ShapeError for a measure that is not 0-d, and DataError if there was no sample.
        """
        values = {name: self._numbers(name) for name in self._unread}
        self._check(values)
        for name, entries in self._unread.items():
            total, count = self._sums.get(name, (0.0, 0))
            for (_, weight, _), value in zip(entries, values[name], strict=True):
                total, count = total + weight * value, count + weight
            self._sums[name] = total, count
        self._unread = {}
        if not self.samples:
            raise DataError(self._operation, "at least one batch with at least one sample", "none")
        return {name: total / count for name, (total, count) in self._sums.items()}

    def state_dict(self) -> dict[str, list[float]]:
        """[total, weight] of each measure, read and checked."""
        if self._unread:
            self.read()
        return {name: [total, count] for name, (total, count) in self._sums.items()}

    def load_state_dict(self, state: Mapping[str, list[float]]) -> None:
        """Goes on from a `state_dict`."""
        self._unread, self._sums = {}, {}
        for name, (total, count) in state.items():
            self._sums[name] = float(total), count if isinstance(count, float) else int(count)

    def _numbers(self, name: str) -> list[float]:
        """The values of a measure that were not read yet, in one transfer from their device."""
        arrays = [value for _, _, value in self._unread[name]]
        for array in arrays:
            if array.shape:
                raise ShapeError(self._operation, f"the measure {name} as a Tensor of shape ()", tuple(array.shape))
        return Tensor(namespaces[type(arrays[0])].stack(arrays)).tolist()  # type: ignore[no-any-return]

    def _check(self, values: Mapping[str, list[float]]) -> None:
        bad = [
            (step, name, value)
            for name, numbers in values.items()
            if name not in self._unchecked and not all(map(isfinite, numbers))
            for (step, _, _), value in zip(self._unread[name], numbers, strict=True)
            if not isfinite(value)
        ]
        if bad:
            step, name, value = min(bad, key=lambda found: found[0])
            hint = "A lower learning rate often helps; look for extreme values in the data"
            what = name.replace("_", " ")
            raise NonFiniteError(self._operation, f"a finite {what}", f"{value} at step {step}", hint)
