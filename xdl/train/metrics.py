"""Measures of a classifier, and their means over many batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import DataError, NonFiniteError
from xdl.tensor import Tensor

Metric = Callable[[Tensor, Tensor], Tensor]  # (output, target) of a batch -> its mean over the batch

CHECKED = {"loss", "gradient_norm"}  # measures that must be finite


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
        self._unread: dict[str, list[tuple[int, int, Array]]] = {}  # name -> (step, samples, value) of each batch
        self._sums: dict[str, tuple[float, int]] = {}  # name -> (total, samples)

    @property
    def samples(self) -> int:
        """How many samples the loss has been read for."""
        return self._sums.get("loss", (0.0, 0))[1]

    def add(self, step: int, samples: int, values: dict[str, Tensor]) -> None:
        """Adds measures (0-d) of a batch of that many samples; step is for the message of NonFiniteError."""
        for name, value in values.items():
            self._unread.setdefault(name, []).append((step, samples, value.data))

    def read(self) -> dict[str, float]:
        """The mean of each measure.

        Raises NonFiniteError, naming the step, if a loss or the norm of a gradient was not finite, also when it is
        called again, and DataError if there was no sample.
        """
        values: dict[str, list[float]] = {}
        for name, entries in self._unread.items():
            stack = namespaces[type(entries[0][2])].stack
            values[name] = Tensor(stack([value for _, _, value in entries])).tolist()
        for name in CHECKED & values.keys():
            self._check(name, values[name])
        for name, entries in self._unread.items():
            total, count = self._sums.get(name, (0.0, 0))
            for (_, samples, _), value in zip(entries, values[name], strict=True):
                total, count = total + samples * value, count + samples
            self._sums[name] = total, count
        self._unread = {}
        if not self.samples:
            raise DataError(self._operation, "at least one batch with at least one sample", "none")
        return {name: total / count for name, (total, count) in self._sums.items()}

    def state_dict(self) -> dict[str, list[float]]:
        """[total, samples] of each measure, read and checked."""
        if self._unread:
            self.read()
        return {name: [total, count] for name, (total, count) in self._sums.items()}

    def load_state_dict(self, state: Mapping[str, list[float]]) -> None:
        """Goes on from a `state_dict`."""
        self._unread, self._sums = {}, {name: (float(total), int(count)) for name, (total, count) in state.items()}

    def _check(self, name: str, values: list[float]) -> None:
        for (step, _, _), value in zip(self._unread[name], values, strict=True):
            if not isfinite(value):
                hint = "A lower learning rate often helps; look for extreme values in the data"
                what = name.replace("_", " ")
                raise NonFiniteError(self._operation, f"a finite {what}", f"{value} at step {step}", hint)
