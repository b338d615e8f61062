"""Runs of schedules: what each sets in two groups, epoch after epoch. A run is written against xdl's or PyTorch's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

EPOCHS = 40
LOSSES = np.random.RandomState(5).uniform(0.2, 1.0, EPOCHS) + 1 / np.arange(1, EPOCHS + 1)


@dataclass(frozen=True)
class Schedule:
    """make(S, optimizer) -> schedule of the namespace S.

    optimizer: its name, and settings beside lr
    epochs:    how many steps
    measured:  whether step() gets a loss
    at:        the epochs of step(epoch), where it is called so
    """

    id: str
    make: Callable[[Any, Any], Any]
    optimizer: str = "SGD"
    settings: dict[str, Any] = field(default_factory=lambda: {"momentum": 0.9})
    epochs: int = EPOCHS
    measured: bool = False
    at: tuple[float, ...] = ()

    def step(self, schedule, epoch):
        """One step."""
        if self.measured:
            schedule.step(LOSSES[epoch])
        elif self.at:
            schedule.step(self.at[epoch])
        else:
            schedule.step()


def _simple(name, *args, **settings):
    label = f"{name} {' '.join(f'{k}={v}' for k, v in settings.items())}".strip()
    return Schedule(label, lambda S, optimizer: getattr(S, name)(optimizer, *args, **settings))


def _sequence(S, optimizer):
    parts = [S.LinearLR(optimizer, 0.1, total_iters=4), S.ExponentialLR(optimizer, 0.9), S.StepLR(optimizer, 3)]
    return S.SequentialLR(optimizer, parts, [5, 12])


def _sequence_of_all(S, optimizer):
    parts = [
        S.ConstantLR(optimizer, 0.5, 3),
        S.MultiStepLR(optimizer, [2, 4], 0.3),
        S.PolynomialLR(optimizer, 4, 2.0),
        S.CosineAnnealingLR(optimizer, 5, 0.01),
        S.CosineAnnealingWarmRestarts(optimizer, 3),
        S.LambdaLR(optimizer, lambda e: 1 / (e + 1)),
        S.LinearLR(optimizer),
    ]
    return S.SequentialLR(optimizer, parts, [4, 10, 15, 21, 28, 33])


def _chain(S, optimizer):
    return S.ChainedScheduler([S.ConstantLR(optimizer, 0.1, 2), S.ExponentialLR(optimizer, 0.9)])


def _nested(S, optimizer):
    chain = S.ChainedScheduler([S.ConstantLR(optimizer, 0.1, 2), S.StepLR(optimizer, 2)])
    return S.ChainedScheduler([chain, S.LinearLR(optimizer, 0.5, total_iters=8)])


def _restart(name, **settings):
    return lambda S, optimizer: getattr(S, name)(optimizer, **settings)


_ADAM = {"betas": (0.9, 0.99)}
_plateau = [
    {},
    {"patience": 2, "factor": 0.5},
    {"mode": "max", "patience": 1, "threshold": 0.1, "cooldown": 3},
    {"threshold_mode": "abs", "threshold": 0.05, "patience": 3, "min_lr": 1e-3},
    {"mode": "max", "threshold_mode": "abs", "patience": 2, "min_lr": [0.01, 0.2]},
    {"patience": 0, "eps": 0.02},
]
_cyclic = [
    {"step_size_up": 5},
    {"step_size_up": 3, "step_size_down": 7, "mode": "triangular2"},
    {"step_size_up": 4, "mode": "exp_range", "gamma": 0.95},
    {"step_size_up": 4, "cycle_momentum": False},
    {"step_size_up": 6, "base_momentum": [0.7, 0.75], "max_momentum": [0.95, 0.9]},
]
_one = [
    {"total_steps": EPOCHS},
    {"epochs": 5, "steps_per_epoch": 8, "anneal_strategy": "linear"},
    {"total_steps": EPOCHS, "three_phase": True, "pct_start": 0.4},
    {"total_steps": EPOCHS, "three_phase": True, "anneal_strategy": "linear", "div_factor": 10.0},
    {"total_steps": EPOCHS, "cycle_momentum": False, "final_div_factor": 100.0},
]

SCHEDULES = [
    Schedule("LambdaLR", lambda S, optimizer: S.LambdaLR(optimizer, lambda e: 0.95**e)),
    Schedule("LambdaLR of each group", lambda S, o: S.LambdaLR(o, [lambda e: 0.9**e, lambda e: 1 / (1 + e)])),
    Schedule("MultiplicativeLR", lambda S, optimizer: S.MultiplicativeLR(optimizer, lambda e: 1 - 1 / (e + 2))),
    _simple("StepLR", 7),
    _simple("StepLR", 1, gamma=0.9),
    _simple("MultiStepLR", [3, 8, 8, 20], gamma=0.7),
    _simple("ConstantLR"),
    _simple("ConstantLR", factor=0.7, total_iters=11),
    _simple("LinearLR"),
    _simple("LinearLR", start_factor=0.9, end_factor=0.2, total_iters=17),
    _simple("ExponentialLR", gamma=0.93),
    _simple("PolynomialLR"),
    _simple("PolynomialLR", total_iters=30, power=0.9),
    _simple("CosineAnnealingLR", T_max=10),
    _simple("CosineAnnealingLR", T_max=7, eta_min=0.02),
    _simple("CosineAnnealingWarmRestarts", T_0=6),
    _simple("CosineAnnealingWarmRestarts", T_0=3, T_mult=2, eta_min=0.01),
    *[
        Schedule(
            f"CosineAnnealingWarmRestarts at fractions T_mult={T_mult}",
            _restart("CosineAnnealingWarmRestarts", T_0=4, T_mult=T_mult),
            at=tuple(i / 3 for i in range(EPOCHS)),
        )
        for T_mult in (1, 3)
    ],
    *[
        Schedule(f"CyclicLR {i}", lambda S, o, s=s: S.CyclicLR(o, [0.01, 0.02], [0.3, 0.5], **s))
        for i, s in enumerate(_cyclic)
    ],
    Schedule("CyclicLR Adam", lambda S, o: S.CyclicLR(o, 0.01, 0.3, step_size_up=4), "Adam", _ADAM),
    Schedule("CyclicLR scale_fn", lambda S, o: S.CyclicLR(o, 0.01, 0.3, 4, scale_fn=lambda c: 0.5**c)),
    Schedule(
        "CyclicLR scale_fn of steps",
        lambda S, o: S.CyclicLR(o, 0.01, 0.3, 4, scale_fn=lambda e: 1 / (e + 1), scale_mode="iterations"),
    ),
    *[
        Schedule(f"OneCycleLR {i}", lambda S, o, s=s: S.OneCycleLR(o, [0.3, 0.5], **s), epochs=EPOCHS - 1)
        for i, s in enumerate(_one)
    ],
    Schedule("OneCycleLR Adam", lambda S, o: S.OneCycleLR(o, 0.3, EPOCHS), "Adam", _ADAM, EPOCHS - 1),
    *[
        Schedule(f"ReduceLROnPlateau {i}", _restart("ReduceLROnPlateau", **s), measured=True)
        for i, s in enumerate(_plateau)
    ],
    _simple("SWALR", 0.05),
    _simple("SWALR", swa_lr=[0.01, 0.5], anneal_epochs=13, anneal_strategy="linear"),
    _simple("SWALR", swa_lr=0.02, anneal_epochs=0),
    Schedule("SequentialLR", _sequence),
    Schedule("SequentialLR of all", _sequence_of_all),
    Schedule("ChainedScheduler", _chain),
    Schedule("ChainedScheduler nested", _nested),
]


def schedules_of(F):
    """All schedules of xdl or PyTorch in one namespace."""
    return SimpleNamespace(**{**vars(F.optim.lr_scheduler), "SWALR": F.optim.swa_utils.SWALR})


def optimizer_of(F, schedule):
    """An optimizer over two groups with rates 0.1 and 0.4, and one parameter each."""
    p = [F.tensor(np.zeros(2), True) for _ in range(2)]
    for t in p:
        t.grad = F.tensor(np.zeros(2), False)
    groups = [{"params": [p[0]]}, {"params": [p[1]], "lr": 0.4}]
    return getattr(F.optim, schedule.optimizer)(groups, lr=0.1, **schedule.settings)


def settings_of(optimizer):
    """The rate and the momentum of both groups, as numbers."""
    momentum = [group["momentum"] if "momentum" in group else group["betas"][0] for group in optimizer.param_groups]
    return [*(group["lr"] for group in optimizer.param_groups), *momentum]


def follow(F, schedule):
    """The settings before the first step and after each (epochs + 1, 4)."""
    optimizer = optimizer_of(F, schedule)
    made = schedule.make(schedules_of(F), optimizer)
    found = [settings_of(optimizer)]
    for epoch in range(schedule.epochs):
        optimizer.step()
        schedule.step(made, epoch)
        assert made.get_last_lr() == [group["lr"] for group in optimizer.param_groups]
        found.append(settings_of(optimizer))
    return np.array(found)
