"""Cosine annealing, and its warm restarts (Loshchilov and Hutter 2017, SGDR)."""

from __future__ import annotations

from math import cos, floor, log, pi

from xdl.errors import SettingError
from xdl.optim.lr_scheduler.base import LRScheduler, rates_of
from xdl.optim.optimizer import Optimizer, require


class CosineAnnealingLR(LRScheduler):
    """eta_min + (base - eta_min) (1 + cos(pi e / T_max)) / 2: down in T_max epochs, and up again after them."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rate of every group at `last_epoch`."""
        rates = rates_of(self.optimizer)
        if self._is_initial:
            return rates
        return [self._next(lr, base) for lr, base in zip(rates, self.base_lrs, strict=True)]

    def _next(self, lr: float, base: float) -> float:
        """The closed form as a ratio to the epoch before, and as a sum where the rate before was eta_min."""
        e, T, low = self.last_epoch, self.T_max, self.eta_min
        if self._step_count == 1 and e > 0:
            return low + (base - low) * (1 + cos(e * pi / T)) / 2
        if (e - 1 - T) % (2 * T) == 0:
            return lr + (base - low) * (1 - cos(pi / T)) / 2
        return (1 + cos(pi * e / T)) / (1 + cos(pi * (e - 1) / T)) * (lr - low) + low

    def closed_form(self) -> list[float]:
        """eta_min + (base - eta_min) (1 + cos(pi e / T_max)) / 2."""
        e, T, low = self.last_epoch, self.T_max, self.eta_min
        return [low + (base - low) * (1 + cos(pi * e / T)) / 2 for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """eta_min + (base - eta_min) (1 + cos(pi T_cur / T_i)) / 2.

    T_cur counts the epochs since the last restart, T_i those between two restarts: T_0, T_0 T_mult, T_0 T_mult**2, ...
    step(epoch) takes fractions: `epoch + batch / batches`.
    """

    T_cur: float

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        name = "CosineAnnealingWarmRestarts"
        require(name, "T_0", T_0, isinstance(T_0, int) and T_0 >= 1, "a whole number of at least 1")
        require(name, "T_mult", T_mult, isinstance(T_mult, int) and T_mult >= 1, "a whole number of at least 1")
        self.T_0 = self.T_i = T_0
        self.T_mult, self.eta_min, self.T_cur = T_mult, eta_min, last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rate of every group at T_cur of T_i."""
        low = self.eta_min
        return [low + (base - low) * (1 + cos(pi * self.T_cur / self.T_i)) / 2 for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Goes on to the next epoch, or to any, whole or not. Raises SettingError for one below 0."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur % self.T_i, self.T_i * self.T_mult
        elif epoch < 0:
            raise SettingError("CosineAnnealingWarmRestarts.step", "epoch: a number of at least 0", epoch)
        elif epoch < self.T_0:
            self.T_cur, self.T_i = epoch, self.T_0
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            restarts = int(log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**restarts - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**restarts
        self.last_epoch = floor(epoch)
        self._set(self.get_lr())
