"""Several schedules of one optimizer: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, ClassVar

from xdl.errors import SettingError
from xdl.optim.lr_scheduler.base import LRScheduler, rates_of
from xdl.optim.lr_scheduler.plateau import ReduceLROnPlateau
from xdl.optim.optimizer import Optimizer, require


class _Several(LRScheduler):
    """Keeps the schedules and their states."""

    _unsaved: ClassVar[set[str]] = {"optimizer", "_schedulers"}

    def _keep(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler]) -> None:
        name = type(self).__name__
        for scheduler in schedulers:
            if isinstance(scheduler, ReduceLROnPlateau):
                hint = "Call its step(metrics) beside this one"
                raise SettingError(name, "schedulers that step without a measure", "ReduceLROnPlateau", hint)
            same = scheduler.optimizer is optimizer
            require(name, "schedulers", type(scheduler).__name__, same, "schedules of the same optimizer")
        self.optimizer, self._schedulers = optimizer, list(schedulers)

    def state_dict(self) -> dict[str, Any]:
        """Where it stands, and the states of its schedules as "_schedulers"."""
        return {**super().state_dict(), "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError, before any change, if it differs."""
        state = self._translated(state_dict)
        self._check(state)
        for scheduler, loaded in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(loaded)
        vars(self).update({name: deepcopy(value) for name, value in state.items() if name != "_schedulers"})

    def _translated(self, state: Any) -> Any:
        found = super()._translated(state)
        if not isinstance(found, dict) or not isinstance(inner := found.get("_schedulers"), list):
            return found
        if len(inner) != len(self._schedulers):
            return found
        pairs = zip(self._schedulers, inner, strict=True)
        return {**found, "_schedulers": [scheduler._translated(loaded) for scheduler, loaded in pairs]}

    def _check(self, state: dict[str, Any]) -> None:
        super()._check(state)
        for scheduler, loaded in zip(self._schedulers, state["_schedulers"], strict=True):
            scheduler._check(loaded)


class SequentialLR(_Several):
    """The first schedule up to milestones[0], the second from there to milestones[1], and so on.

    Each begins at its own epoch 0, from the base rates. Raises SettingError unless there is one milestone fewer.
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: list[LRScheduler], milestones: list[int], last_epoch: int = -1
    ) -> None:
        self._keep(optimizer, schedulers)
        fits = len(milestones) == len(schedulers) - 1
        require("SequentialLR", "milestones", milestones, fits, f"one fewer than the {len(schedulers)} schedulers")
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        _undo(self)  # the schedules' own first steps
        first = schedulers[bisect_right(self._milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self, epoch: int | None = None) -> None:
        """Goes on to the next epoch in the schedule whose turn it is. Raises SettingError for an epoch."""
        require("SequentialLR.step", "epoch", epoch, epoch is None, "none")
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(_Several):
    """All schedules at every step: their factors multiply. `optimizer` is that of the schedules."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        require("ChainedScheduler", "schedulers", len(schedulers), len(schedulers) > 0, "at least one")
        self._keep(optimizer or schedulers[0].optimizer, schedulers)
        self._last_lr = rates_of(self.optimizer)

    def step(self, epoch: int | None = None) -> None:
        """Goes on to the next epoch in all schedules. Raises SettingError for an epoch."""
        require("ChainedScheduler.step", "epoch", epoch, epoch is None, "none")
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = rates_of(self.optimizer)


def _undo(scheduler: LRScheduler) -> None:
    """Takes back a step of each schedule, also of those inside others."""
    if isinstance(scheduler, _Several):
        for inner in scheduler._schedulers:
            _undo(inner)
    else:
        scheduler.last_epoch -= 1
