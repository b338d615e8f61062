"""The means of measures over many steps, each by its weight."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, Any

from xdl.backend import Array, namespaces, of
from xdl.errors import DataError, DtypeError, NonFiniteError, ShapeError
from xdl.tensor import Tensor

if TYPE_CHECKING:
    from xdl.train.task import Measures

SAMPLES = ""  # the name of the samples in a state, where those are not the largest weight: no measure is called so


class RunningMeans:
    """Means over all samples so far, of measures that are means over batches.

    Adding is cheap: values and weights stay on their device until `read`, which is the only place that waits for it.
    When and how often it is called makes no difference to the means, to the last bit.

    operation: who measures, for the messages
    """

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self._unread: list[tuple[str, int, float | Array, float | Array]] = []  # (name, step, weight, value)
        self._sums: dict[str, tuple[float, float]] = {}  # name -> (total, weight)
        self._unchecked: set[str] = set()
        self._samples: float | None = None

    @property
    def samples(self) -> float:
        """How many samples (or what the weights count) there were: what `Measures.samples` told, else the largest sum
        of weights that was read.
        """
        return self._largest() if self._samples is None else self._samples

    def take(self, step: int, measures: Measures) -> None:
        """Adds all that a step measured, and its samples."""
        if measures.samples is not None and not isinstance(measures.samples, Tensor):
            self._samples = (self._largest() if self._samples is None else self._samples) + measures.samples
        for row in measures.rows:
            self.add(step, *row)

    def add(
        self,
        step: int,
        weight: float | Tensor,
        values: Mapping[str, Tensor | float],
        unchecked: Collection[str] = (),
    ) -> None:
        """Adds measures of a batch, numbers or 0-d Tensors, which count as much as that many samples.

        step:      for the message of NonFiniteError
        weight:    a number or a 0-d Tensor. What weighs 0 is left out
        unchecked: names of measures that may be nan or infinite

        Raises ShapeError and DtypeError, naming the measure, for what is no number.
        """
        if unchecked:
            self._unchecked.update(unchecked)
        if isinstance(weight, Tensor):
            weight = _held(weight.array)
        for name, value in values.items():
            if isinstance(value, Tensor):
                if value.array.shape:
                    raise ShapeError(self._operation, f"the measure {name} as a Tensor of shape ()", value.shape)
                self._unread.append((name, step, weight, _held(value.array)))
            elif isinstance(value, Real):
                self._unread.append((name, step, weight, float(value)))
            else:
                expected = f"the measure {name} as a number or a Tensor"
                raise DtypeError(self._operation, expected, type(value).__name__)

    def read(self) -> dict[str, float]:
        """The mean of each measure that had a weight.

        Raises NonFiniteError, naming the first measure and step that was not finite, also when it is called again;
        DataError if there was no measure.
        """
        names, steps, weights, values = zip(*self._unread, strict=True) if self._unread else ((), (), (), ())
        rows = list(zip(names, steps, _on_host(weights), _on_host(values), strict=True))
        self._check([row for row in rows if row[2]])
        for name, _, weight, value in rows:
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = (total + weight * value, count + weight) if weight else (total, count)
        self._unread = []
        if not self._sums:
            raise DataError(self._operation, "at least one batch with at least one sample", "none")
        return {name: total / count for name, (total, count) in self._sums.items() if count}

    def state_dict(self) -> dict[str, list[float]]:
        """[total, weight] of each measure, read and checked."""
        if self._unread:
            self.read()
        state = {name: [total, count] for name, (total, count) in self._sums.items()}
        return state if self.samples == self._largest() else {**state, SAMPLES: [0.0, self.samples]}

    def load_state_dict(self, state: Mapping[str, list[float]]) -> None:
        """Goes on from a `state_dict`."""
        sums = {name: (float(total), n if isinstance(n, float) else int(n)) for name, (total, n) in state.items()}
        self._samples = sums.pop(SAMPLES, (0.0, None))[1]
        self._unread, self._sums = [], sums

    def _largest(self) -> float:
        """The largest sum of weights that was read."""
        return max((weight for _, weight in self._sums.values()), default=0)

    def _check(self, rows: Sequence[tuple[str, int, float, float]]) -> None:
        """Raises NonFiniteError for the first step with a value that is not finite and must be, or such a weight."""
        bad = [
            (step, name, value if isfinite(weight) else f"the weight {weight}")
            for name, step, weight, value in rows
            if not (isfinite(value) or name in self._unchecked) or not isfinite(weight)
        ]
        if bad:
            step, name, value = min(bad, key=lambda found: found[0])
            hint = "A lower learning rate often helps; look for extreme values in the data"
            what = name.replace("_", " ")
            raise NonFiniteError(self._operation, f"a finite {what}", f"{value} at step {step}", hint)


def _held(value: Array) -> float | Array:
    """What is kept of a 0-d array until it is read: its number, where no device has to be waited for."""
    return value.item() if of(value).host_values else value


def _on_host(values: Sequence[float | Array]) -> list[float]:
    """Numbers as they are; 0-d arrays are read from their device, those of one dtype in one transfer."""
    found: list[float] = list(values)
    places: dict[Any, list[int]] = {}
    for i, value in enumerate(values):
        if not isinstance(value, int | float):
            places.setdefault((type(value), value.dtype), []).append(i)
    for (kind, _), those in places.items():
        read = Tensor(namespaces[kind].stack([values[i] for i in those])).tolist()
        for i, number in zip(those, read, strict=True):
            found[i] = number
    return found
