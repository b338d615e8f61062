"""How the learning rate of a forecasting network goes: as it falls to 0, and as the book's Adam has it (徐彬 7.8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

from xdl.optim import Optimizer, lr_scheduler
from xdl.train import Callback, Schedule

Callbacks = Callable[[Optimizer], Sequence[Callback]]


def falling(steps: int) -> Callbacks:
    """A rate that falls to 0 along half a cosine."""
    return lambda optimizer: [Schedule(lr_scheduler.CosineAnnealingLR(optimizer, steps), every="step")]


def stuck_counter(optimizer: Optimizer) -> list[Callback]:
    """Adam's steps as they are with t = 1 for ever in m / (1 - b1**t) and v / (1 - b2**t): the rate that gives them."""
    b1, b2 = optimizer.param_groups[0]["betas"]

    def factor(done: int) -> float:
        t = done + 1
        return float((1 - b1**t) / (1 - b1) * sqrt((1 - b2) / (1 - b2**t)))

    return [Schedule(lr_scheduler.LambdaLR(optimizer, factor), every="step")]
