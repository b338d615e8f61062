"""LRScheduler: the base of the schedules, which set the learning rate of every group of an optimizer.

    schedule = optim.lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(90):
        train()
        schedule.step()

As in PyTorch a schedule makes its first step when it is made (last_epoch becomes 0), and keeps the rates that the
optimizer began with as `initial_lr` in the groups. Most schedules multiply the rate of the epoch before, so that
several act together; `epoch` in step(epoch) sets the rate by the closed form instead.

Notation in all schedules: e is last_epoch, lr the rate of the epoch before, base the group's `initial_lr`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, ClassVar

from xdl.errors import CheckpointError, SettingError
from xdl.optim.lr_scheduler.foreign import translated
from xdl.optim.lr_scheduler.state_check import schedule_mismatches
from xdl.optim.optimizer import Optimizer


class LRScheduler:
    """Sets group["lr"] for every group at every `step()`. Override `following`, or `get_lr` for all groups at once.

    last_epoch: -1 starts; another goes on after that epoch, in groups that have their `initial_lr`.

    Raises SettingError where a setting does not fit the optimizer.
    """

    _unsaved: ClassVar[set[str]] = {"optimizer"}  # what state_dict leaves out
    _choices: ClassVar[Mapping[str, Sequence[str]]] = {}  # the words that a setting may be
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        for group in optimizer.param_groups:
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise SettingError(
                    type(self).__name__,
                    "groups with initial_lr to go on from",
                    f"none, with last_epoch={last_epoch}",
                    "Load the optimizer's state first",
                )
        self.optimizer = optimizer
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def following(self, lr: float) -> float:
        """A group's rate at `last_epoch`, where it was lr before."""
        raise NotImplementedError(f"{type(self).__name__} has neither following nor get_lr")

    def get_lr(self) -> list[float]:
        """The rate of every group at `last_epoch`."""
        return [self.following(lr) for lr in rates_of(self.optimizer)]

    def closed_form(self) -> list[float]:
        """The rate of every group at `last_epoch`, whatever the rate was before."""
        return self.get_lr()

    def get_last_lr(self) -> list[float]:
        """The rate of every group that the last step set."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Goes on to the next epoch, or to `epoch` by the closed form."""
        self._step_count += 1
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self._check_groups(len(self.base_lrs))
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._set(self.get_lr() if epoch is None else self.closed_form())

    def _check_groups(self, known: int) -> None:
        found = len(self.optimizer.param_groups)
        if found != known:
            hint = "Make the schedule after the last add_param_group"
            raise SettingError(type(self).__name__, f"{known} groups", found, hint)

    def _set(self, rates: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = rates_of(self.optimizer)

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule stands, and its settings; not the optimizer's, and no functions."""
        return {name: value for name, value in vars(self).items() if name not in self._unsaved}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from a `state_dict` of such a schedule, xdl's or PyTorch's.

        Raises CheckpointError, before any change, that lists what is missing, unexpected or of another kind.
        """
        state = self._translated(state_dict)
        self._check(state)
        vars(self).update(deepcopy(state))

    def _translated(self, state: Any) -> Any:
        """A state of PyTorch's in the names of xdl's."""
        return translated(state, self.state_dict())

    def _check(self, state: dict[str, Any]) -> None:
        problems = schedule_mismatches(state, self.state_dict(), self._choices)
        if problems:
            name = type(self).__name__
            raise CheckpointError(f"{name}.load_state_dict", f"the state of a {name}", "; ".join(problems))


def rates_of(optimizer: Optimizer) -> list[float]:
    """The rate of every group."""
    return [group["lr"] for group in optimizer.param_groups]


def per_group(name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """A value for every group: those of a list, or the same for all. Raises SettingError for a wrong number."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        raise SettingError(name, f"one value, or one for each of {groups} groups", f"{len(value)} values")
    return list(value)
