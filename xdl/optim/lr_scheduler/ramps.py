"""Schedules that lead from one factor of the base rate to another in total_iters epochs: constant, linear, power."""

from __future__ import annotations

from xdl.optim.lr_scheduler.base import LRScheduler
from xdl.optim.optimizer import Optimizer, require


class ConstantLR(LRScheduler):
    """base factor before epoch total_iters, base from there on."""

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        require("ConstantLR", "factor", factor, 0 <= factor <= 1, "a number in [0, 1]")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def following(self, lr: float) -> float:
        """lr factor at 0, lr / factor at total_iters."""
        if self.last_epoch == 0:
            return lr * self.factor
        return lr * (1 / self.factor) if self.last_epoch == self.total_iters else lr

    def closed_form(self) -> list[float]:
        """base factor before epoch total_iters, base from there on."""
        passed = self.last_epoch >= self.total_iters
        return [base * (self.factor + passed * (1 - self.factor)) for base in self.base_lrs]


class LinearLR(LRScheduler):
    """base f with f from start_factor at e = 0 to end_factor at e = total_iters on a line."""

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        require("LinearLR", "start_factor", start_factor, 0 < start_factor <= 1, "a number in (0, 1]")
        require("LinearLR", "end_factor", end_factor, 0 <= end_factor <= 1, "a number in [0, 1]")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def following(self, lr: float) -> float:
        """lr f(e) / f(e - 1), written as 1 + a step over total_iters f(e - 1)."""
        e, rise = self.last_epoch, self.end_factor - self.start_factor
        if e == 0:
            return lr * self.start_factor
        if self._is_initial or e > self.total_iters:
            return lr
        return lr * (1 + rise / (self.total_iters * self.start_factor + (e - 1) * rise))

    def closed_form(self) -> list[float]:
        """base (start_factor + (end_factor - start_factor) min(total_iters, e) / total_iters)."""
        e, rise = min(self.total_iters, self.last_epoch), self.end_factor - self.start_factor
        return [base * (self.start_factor + rise * e / self.total_iters) for base in self.base_lrs]


class PolynomialLR(LRScheduler):
    """base (1 - min(total_iters, e) / total_iters)**power."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def following(self, lr: float) -> float:
        """lr times the ratio of what is left to what was left the epoch before, to the power."""
        e, total = self.last_epoch, self.total_iters
        if self._is_initial or e > total:
            return lr
        ratio: float = ((1 - e / total) / (1 - (e - 1) / total)) ** self.power
        return lr * ratio

    def closed_form(self) -> list[float]:
        """base (1 - min(total_iters, e) / total_iters)**power."""
        left = 1 - min(self.total_iters, self.last_epoch) / self.total_iters
        return [base * left**self.power for base in self.base_lrs]
