"""What a captured step counts on between its calls: tensors as they were, and settings that it does not change."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any, NamedTuple

from xdl.errors import BackendError
from xdl.tensor import Tensor, latest_write, write_clock

SCHEDULED = "Each call reads it: call the scheduler, or set it, after the captured step"


class Living(NamedTuple):
    """A tensor that lives on: its array, and whether it is trained, as they were when the step was captured."""

    tensor: Tensor
    array: Any
    trained: bool


def changed(living: Iterable[Living]) -> str:
    """What is other than it was, in words; empty where all is as it was."""
    for t, array, trained in living:
        if t.array is not array:
            return f"another array in a tensor of shape {t.shape}"
        if t.requires_grad is not trained:
            return f"requires_grad={t.requires_grad} of a tensor of shape {t.shape}"
    return ""


class Standing:
    """Watches a run of a step.

    inputs: the step's
    known:  the optimizers that an earlier run has heard of
    """

    def __init__(self, inputs: tuple[Tensor, ...], known: Iterable[Any]) -> None:
        self._inputs, self._began = inputs, latest_write[0]
        self._settings = [(optimizer, _numbers(optimizer)) for optimizer in known]
        self._updated: set[int] = set()  # parameters that optimizers update, by their ids

    @property
    def optimizers(self) -> list[Any]:
        """Those that it has heard of."""
        return [optimizer for optimizer, _ in self._settings]

    def updates(self, optimizer: Any, parameters: Iterable[Tensor]) -> None:
        """An optimizer makes a step for these parameters."""
        self._updated |= set(map(id, parameters))
        if all(optimizer is not known for known in self.optimizers):
            self._settings.append((optimizer, _numbers(optimizer)))

    def refuse_changed_settings(self) -> None:
        """Raises BackendError for a setting that the run has changed."""
        for optimizer, groups in self._settings:
            for before, after in zip(groups, _numbers(optimizer), strict=True):
                for name in before:
                    if before[name] != after[name]:
                        expected = f"a captured step that leaves {name} as it is"
                        found = f"{before[name]} and then {after[name]}"
                        raise BackendError(type(optimizer).__name__, expected, found, SCHEDULED)

    def written(self, tensors: Iterable[Tensor]) -> list[Tensor]:
        """Those into which, or into a view of which, the run has written; without those that an optimizer updates."""
        return [t for t in tensors if write_clock(t)[0] > self._began and id(t) not in self._updated]

    def written_inputs(self) -> list[int]:
        """The places of inputs into which the run has written."""
        return [i for i, x in enumerate(self._inputs) if write_clock(x)[0] > self._began]


def _numbers(optimizer: Any) -> list[dict[str, Any]]:
    """The settings of each group that are numbers, or tuples of such."""
    groups = optimizer.param_groups
    return [{name: value for name, value in group.items() if isinstance(value, Real | tuple)} for group in groups]
