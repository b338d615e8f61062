"""Rates that cycle, with a momentum that moves the other way (Smith 2017; Smith and Topin 2018, super-convergence)."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, floor, pi
from typing import Any, ClassVar

from xdl.errors import SettingError, nearest
from xdl.optim.lr_scheduler.base import LRScheduler, per_group
from xdl.optim.lr_scheduler.foreign import restore
from xdl.optim.optimizer import Optimizer, require

Rate = float | list[float]
MODES = ("triangular", "triangular2", "exp_range")
STRATEGIES = ("cos", "linear")


class MomentumCycle(LRScheduler):
    """What both share: the momentum, or beta1 of the betas, between a group's base_momentum and max_momentum."""

    def _start_momentum(self, optimizer: Optimizer, base: Rate, top: Rate, start: bool) -> None:
        name = type(self).__name__
        self.use_beta1 = "betas" in optimizer.defaults
        fits = self.use_beta1 or "momentum" in optimizer.defaults
        require(name, "optimizer", type(optimizer).__name__, fits, "one with momentum or betas, for cycle_momentum")
        self.base_momentums = per_group(f"{name} base_momentum", base, optimizer)
        self.max_momentums = per_group(f"{name} max_momentum", top, optimizer)
        if start:
            momentums = zip(optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in momentums:
                group.update(base_momentum=low, max_momentum=high)
                self._set_momentum(group, high)

    def _set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(MomentumCycle):
    """base_lr + (max_lr - base_lr) h s: h rises from 0 to 1 in step_size_up steps and falls in step_size_down.

    mode: "triangular" s = 1, "triangular2" s = 1/2**(cycle - 1), "exp_range" s = gamma**e; cycle counts from 1.
    scale_fn (not saved in the state_dict) gives another s, of the cycle or, with scale_mode "iterations", of e.
    The momentum is max_momentum - (max_momentum - base_momentum) h s.
    """

    _unsaved: ClassVar[set[str]] = {"optimizer", "scale_fn"}
    _choices: ClassVar[Any] = {"mode": MODES, "scale_mode": ("cycle", "iterations")}

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Rate,
        max_lr: Rate,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Rate = 0.8,
        max_momentum: Rate = 0.9,
        last_epoch: int = -1,
    ) -> None:
        if mode not in MODES and scale_fn is None:
            raise SettingError("CyclicLR", f"mode: one of {', '.join(MODES)}", repr(mode), nearest(str(mode), MODES))
        base_lrs = per_group("CyclicLR base_lr", base_lr, optimizer)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                group["lr"] = lr
        self.max_lrs = per_group("CyclicLR max_lr", max_lr, optimizer)
        self.total_size = float(step_size_up) + float(step_size_up if step_size_down is None else step_size_down)
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self.scale_fn = mode, gamma, scale_fn
        self.scale_mode = scale_mode if scale_fn else "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._start_momentum(optimizer, base_momentum, max_momentum, last_epoch == -1)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As `LRScheduler.load_state_dict`; an object as scale_fn gets the attributes that PyTorch kept."""
        super().load_state_dict(state_dict)
        restore([self.scale_fn], state_dict.get("_scale_fn_custom"))

    def _scale(self, x: float) -> float:
        """s of the cycle or of the epoch."""
        if self.scale_fn:
            return self.scale_fn(x)
        if self.mode == "triangular":
            return 1.0
        s: float = self.gamma**x if self.mode == "exp_range" else 1 / 2.0 ** (x - 1)
        return s

    def get_lr(self) -> list[float]:
        """The rate of every group at `last_epoch`; sets the momentum too."""
        cycle = floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        h = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        s = self._scale(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            momentums = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in momentums:
                self._set_momentum(group, high - (high - low) * h * s)
        return [low + (high - low) * h * s for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]


class OneCycleLR(MomentumCycle):
    """From max_lr / div_factor up to max_lr in pct_start of all steps, then down to a final_div_factor-th of the start.

    total_steps, or epochs and steps_per_epoch; three_phase: down to the start first, as slowly as up, then further.
    anneal_strategy: "cos" or "linear". Momentum moves the other way. Call step() after every batch.

    Raises SettingError for a step beyond total_steps.
    """

    _choices: ClassVar[Any] = {"anneal_strategy": STRATEGIES}

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Rate,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Rate = 0.85,
        max_momentum: Rate = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        steps = (epochs or 0) * (steps_per_epoch or 0) if total_steps is None else total_steps
        found = (total_steps, epochs, steps_per_epoch)
        whole = isinstance(steps, int) and steps >= 1
        require("OneCycleLR", "total_steps, or epochs and steps_per_epoch", found, whole, "whole numbers above 0")
        require("OneCycleLR", "pct_start", pct_start, 0 <= pct_start <= 1, "a number in [0, 1]")
        if anneal_strategy not in STRATEGIES:
            hint = nearest(str(anneal_strategy), STRATEGIES)
            raise SettingError("OneCycleLR", "anneal_strategy: cos or linear", repr(anneal_strategy), hint)
        self.total_steps, self.pct_start, self.three_phase = steps, pct_start, three_phase
        self.anneal_strategy, self.cycle_momentum = anneal_strategy, cycle_momentum
        if last_epoch == -1:
            for group, high in zip(optimizer.param_groups, per_group("max_lr", max_lr, optimizer), strict=True):
                low = high / div_factor
                group.update(initial_lr=low, max_lr=high, min_lr=low / final_div_factor)
        if cycle_momentum:
            self._start_momentum(optimizer, base_momentum, max_momentum, last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    def _phases(self) -> list[tuple[float, str, str, str, str]]:
        """(last step, rate from, rate to, momentum from, momentum to) of each phase."""
        top, end = float(self.pct_start * self.total_steps) - 1, float(self.total_steps - 1)
        up = (top, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if not self.three_phase:
            return [up, (end, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        back = float(2 * self.pct_start * self.total_steps) - 2
        return [
            up,
            (back, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
            (end, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
        ]

    def _between(self, start: float, end: float, part: float) -> float:
        if self.anneal_strategy == "linear":
            return (end - start) * part + start
        return end + (start - end) / 2 * (1 + cos(pi * part))

    def get_lr(self) -> list[float]:
        """The rate of every group at `last_epoch`; sets the momentum too."""
        e, phases = self.last_epoch, self._phases()
        require("OneCycleLR", "step", e, e <= self.total_steps, f"at most total_steps = {self.total_steps}")
        begins = [0.0, *(phase[0] for phase in phases)]
        i = next((i for i, phase in enumerate(phases) if e <= phase[0]), len(phases) - 1)
        last, lr_from, lr_to, momentum_from, momentum_to = phases[i]
        part = (e - begins[i]) / (last - begins[i])
        for group in self.optimizer.param_groups if self.cycle_momentum else ():
            self._set_momentum(group, self._between(group[momentum_from], group[momentum_to], part))
        return [self._between(group[lr_from], group[lr_to], part) for group in self.optimizer.param_groups]
