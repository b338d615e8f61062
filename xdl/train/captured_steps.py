"""The steps of a training as captured steps, see `xdl.capture`: one for each form that its batches have.

The first three steps with batches of a form run as ever, and are looked at; those that follow run without modules and
tape, and give the same bits. An epoch's last, smaller batch has a form of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_not
from typing import Any

from xdl.capture import Captured, begin
from xdl.errors import BackendError, KindError
from xdl.nn import Module
from xdl.optim import Optimizer
from xdl.tensor import Tensor
from xdl.train.task import Measures, Task


class CapturedSteps:
    """`task.train_step` for batches that are tuples of Tensors.

    Raises KindError for other batches, and what `xdl.capture` raises for a step that cannot be captured.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self._steps: dict[Any, _Step] = {}

    def __call__(self, *batches: Any) -> Measures:
        """One step."""
        for batch in batches:
            if not isinstance(batch, tuple | list) or not all(isinstance(t, Tensor) for t in batch):
                raise KindError("captured step", "batches that are tuples of Tensors", f"{type(batch).__name__}")
        tensors = [t for batch in batches for t in batch]
        form = tuple(map(len, batches)), tuple([(t.array.shape, t.array.dtype) for t in tensors]), self._frozen()
        if form not in self._steps or self._steps[form].changed():
            self._steps[form] = _Step(self.task, form[0], tensors)
        return self._steps[form](tensors)

    def _frozen(self) -> tuple[bool, ...]:
        """Of each parameter of the optimizers, whether it is trained."""
        optimizers = [part for part in self.task.parts().values() if isinstance(part, Optimizer)]
        groups = [group for optimizer in optimizers for group in optimizer.param_groups]
        return tuple([p.requires_grad for group in groups for p in group["params"]])


class _Step:
    """The step for one form. sizes: of the batches, that many tensors."""

    def __init__(self, task: Task, sizes: Sequence[int], example: list[Tensor]) -> None:
        self.task, self.sizes, self.parts = task, sizes, _trained(task)
        self.captured: Captured = begin(self._run, *example)
        self.measures: list[Measures] = []  # of each run of the step, with places in the outputs for Tensors

    def __call__(self, tensors: list[Tensor]) -> Measures:
        outputs = self.captured(*tensors)
        return _filled(self.measures[-1], lambda place: outputs[place] if isinstance(place, _Place) else place)

    def changed(self) -> bool:
        """Whether the task has another model or optimizer than the step was captured with, or these other arrays."""
        return any(map(is_not, _trained(self.task), self.parts)) or bool(self.captured.changed())

    def _run(self, *tensors: Tensor) -> list[Tensor]:
        """The step on its batches; the Tensors that it measured."""
        rest, batches = list(tensors), []
        for size in self.sizes:
            batches.append(tuple(rest[:size]))
            rest = rest[size:]
        outputs: list[Tensor] = []
        self.measures.append(_filled(self.task.train_step(*batches), lambda value: _placed(value, outputs)))
        forms = [(measures.rows, measures.samples) for measures in self.measures[1:]]  # of the runs that are recorded
        if forms and forms[0] != forms[-1]:
            found = f"{forms[0]} and then {forms[-1]}"
            raise BackendError("captured step", "the same numbers among the measures of every step", found)
        return outputs


def _trained(task: Task) -> list[Any]:
    return [part for part in task.parts().values() if isinstance(part, Module | Optimizer)]


class _Place(int):
    """Stands for an output."""


def _placed(value: Any, outputs: list[Tensor]) -> Any:
    if not isinstance(value, Tensor):
        return value
    outputs.append(value)
    return _Place(len(outputs) - 1)


def _filled(measures: Any, give: Callable[[Any], Any]) -> Measures:
    """The measures with give(value) for each value and weight."""
    filled = Measures({}, 0, samples=give(measures.samples))
    for weight, values, unchecked in measures.rows:
        filled.rows.append((give(weight), {name: give(value) for name, value in values.items()}, unchecked))
    return filled
