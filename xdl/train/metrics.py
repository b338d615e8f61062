"""Measures of a classifier, and their means over many batches."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from xdl.errors import DataError, NonFiniteError
from xdl.functional import cat
from xdl.tensor import Tensor, no_grad

Metric = Callable[[Tensor, Tensor], Tensor]  # (output, target) of a batch -> its mean over the batch


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

    Adding is cheap: values stay on their device until `read`, which is the only place that waits for it.

    operation: who measures, for the message of NonFiniteError
    step:      the number of steps before the first one added here, for the same message
    """

    def __init__(self, operation: str, step: int = 0) -> None:
        self.samples = 0
        self._operation, self._step = operation, step
        self._unread: list[tuple[int, dict[str, Tensor]]] = []
        self._sums: dict[str, float] = {}

    def add(self, samples: int, values: dict[str, Tensor]) -> None:
        """Adds the measures (0-d) of a batch of that many samples."""
        self._unread.append((samples, {name: value.detach() for name, value in values.items()}))

    def read(self) -> dict[str, float]:
        """The mean of each measure.

        Raises NonFiniteError, naming the step, if a loss was not finite, and DataError if there was no sample.
        """
        unread, self._unread = self._unread, []
        counts = [samples for samples, _ in unread]
        for name in unread[0][1] if unread else ():
            with no_grad():
                values = cat([measures[name].reshape(1) for _, measures in unread]).tolist()
            if name == "loss":
                self._check(values)
            total = sum(n * value for n, value in zip(counts, values, strict=True))
            self._sums[name] = self._sums.get(name, 0.0) + total
        self.samples += sum(counts)
        self._step += len(counts)
        if not self.samples:
            raise DataError(self._operation, "at least one batch with at least one sample", "none")
        return {name: total / self.samples for name, total in self._sums.items()}

    def _check(self, losses: list[float]) -> None:
        for i, loss in enumerate(losses, self._step + 1):
            if not isfinite(loss):
                hint = "A lower learning rate often helps; look for extreme values in the data"
                raise NonFiniteError(self._operation, "a finite loss", f"{loss} at step {i}", hint)
