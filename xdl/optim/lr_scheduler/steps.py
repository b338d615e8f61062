"""Schedules by a function, by steps, and by a constant factor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from xdl.optim.lr_scheduler.base import LRScheduler, per_group
from xdl.optim.lr_scheduler.foreign import restore
from xdl.optim.optimizer import Optimizer, require

Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    """base f(e), with one function f of the epoch for all groups or a list of one for each.

    Functions are not part of the state_dict.
    """

    _unsaved: ClassVar[set[str]] = {"optimizer", "lr_lambdas"}

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        self.lr_lambdas = per_group("LambdaLR lr_lambda", lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As `LRScheduler.load_state_dict`; objects that are called get the attributes that PyTorch kept of them."""
        super().load_state_dict(state_dict)
        restore(self.lr_lambdas, state_dict.get("lr_lambdas"))

    def get_lr(self) -> list[float]:
        """The rate of every group at `last_epoch`."""
        return [base * f(self.last_epoch) for f, base in zip(self.lr_lambdas, self.base_lrs, strict=True)]


class MultiplicativeLR(LambdaLR):
    """lr f(e), with functions as in LambdaLR; base at e = 0."""

    def get_lr(self) -> list[float]:
        """The rate of every group at `last_epoch`."""
        groups = self.optimizer.param_groups
        if self._is_initial:
            return [group["lr"] for group in groups]
        return [group["lr"] * f(self.last_epoch) for f, group in zip(self.lr_lambdas, groups, strict=True)]


class StepLR(LRScheduler):
    """base gamma**(e // step_size)."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        require("StepLR", "step_size", step_size, step_size >= 1, "a whole number of at least 1")
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def following(self, lr: float) -> float:
        """lr gamma at every multiple of step_size but 0."""
        e = self.last_epoch
        return lr if e == 0 or e % self.step_size else lr * self.gamma

    def closed_form(self) -> list[float]:
        """base gamma**(e // step_size)."""
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self.base_lrs]


class MultiStepLR(LRScheduler):
    """base gamma**(the number of milestones up to e); a milestone may stand there twice."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def following(self, lr: float) -> float:
        """lr gamma at a milestone."""
        passed = self.milestones.count(self.last_epoch)
        return lr * self.gamma**passed if passed else lr

    def closed_form(self) -> list[float]:
        """base gamma**(the number of milestones up to e)."""
        passed = sum(milestone <= self.last_epoch for milestone in self.milestones)
        return [base * self.gamma**passed for base in self.base_lrs]


class ExponentialLR(LRScheduler):
    """base gamma**e."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def following(self, lr: float) -> float:
        """lr gamma."""
        return lr if self._is_initial else lr * self.gamma

    def closed_form(self) -> list[float]:
        """base gamma**e."""
        return [base * self.gamma**self.last_epoch for base in self.base_lrs]
