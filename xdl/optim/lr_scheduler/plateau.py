"""ReduceLROnPlateau: a smaller rate when a measure no longer improves."""

from __future__ import annotations

from math import inf
from typing import Any, ClassVar, SupportsFloat

from xdl.errors import SettingError, nearest
from xdl.optim.lr_scheduler.base import LRScheduler, per_group, rates_of
from xdl.optim.optimizer import Optimizer, require

CHOICES = {"mode": ("min", "max"), "threshold_mode": ("rel", "abs")}


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the rate by factor when the measure has not improved for more than `patience` steps.

    mode:           "min" for a measure that ought to fall, "max" for one that ought to rise
    threshold:      how much better counts: a share of the best ("rel") or an amount ("abs", threshold_mode)
    cooldown:       steps to wait after a reduction before counting again
    min_lr:         the lowest rate, for all groups or one for each
    eps:            a smaller reduction than this is not made
    """

    _choices: ClassVar[Any] = CHOICES

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        require("ReduceLROnPlateau", "factor", factor, factor < 1, "a number below 1")
        for name, value in (("mode", mode), ("threshold_mode", threshold_mode)):
            if value not in (known := CHOICES[name]):
                hint = nearest(str(value), known)
                raise SettingError("ReduceLROnPlateau", f"{name}: one of {', '.join(known)}", repr(value), hint)
        self.optimizer = optimizer
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.eps = cooldown, eps
        self.min_lrs = per_group("ReduceLROnPlateau min_lr", min_lr, optimizer)
        self.best = inf if mode == "min" else -inf
        self.cooldown_counter = self.num_bad_epochs = self.last_epoch = 0
        self._last_lr = rates_of(optimizer)

    @property
    def in_cooldown(self) -> bool:
        """Whether it waits after a reduction."""
        return self.cooldown_counter > 0

    def step(self, metrics: SupportsFloat, epoch: Any = None) -> None:  # type: ignore[override]
        """Looks at a measure: a number, or a Tensor of one element, whose value is read from the device."""
        self._check_groups(len(self.min_lrs))
        current = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._improves(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = rates_of(self.optimizer)

    def _improves(self, current: float) -> bool:
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            bound = self.best * (1 + sign * self.threshold)
        else:
            bound = self.best + sign * self.threshold
        return current > bound if self.mode == "max" else current < bound

    def _reduce(self) -> None:
        for group, low in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            reduced = max(group["lr"] * self.factor, low)
            if group["lr"] - reduced > self.eps:
                group["lr"] = reduced
