"""Averages of a model's weights: stochastic weight averaging (Izmailov et al. 2018) and moving averages.

averaged = AveragedModel(model)                       or AveragedModel(model, avg_fn=get_ema_avg_fn(0.999))
schedule = SWALR(optimizer, swa_lr=0.05)
for epoch in range(epochs):
    train()
    averaged.update_parameters(model)
    schedule.step()
update_bn(loader, averaged)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from math import cos, pi
from typing import Any, ClassVar

from xdl import functional
from xdl.backend import namespaces
from xdl.creation import zeros
from xdl.errors import SettingError, nearest
from xdl.nn.module import Module
from xdl.nn.norm import _BatchNorm
from xdl.nn.parameter import Buffer
from xdl.optim.lr_scheduler.base import LRScheduler, per_group
from xdl.optim.optimizer import Optimizer, require
from xdl.tensor import Tensor, no_grad, written

Average = Callable[[Tensor, Tensor, Tensor], Tensor]
MultiAverage = Callable[[list[Tensor], list[Tensor], Tensor], None]
STRATEGIES = ("cos", "linear")


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """averaged = decay averaged + (1 - decay) current. Raises SettingError for a decay outside [0, 1]."""
    require("get_ema_avg_fn", "decay", decay, 0 <= decay <= 1, "a number in [0, 1]")
    return lambda averaged, current, _: decay * averaged + (1 - decay) * current


def get_swa_avg_fn() -> Average:
    """averaged = averaged + (current - averaged) / (n + 1): the mean of all."""
    return lambda averaged, current, n: averaged + (current - averaged) / (n + 1)


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAverage:
    """`get_ema_avg_fn` over lists, in place: averaged += (1 - decay) (current - averaged)."""
    require("get_ema_multi_avg_fn", "decay", decay, 0 <= decay <= 1, "a number in [0, 1]")

    def update(averaged: list[Tensor], current: list[Tensor], _: Tensor) -> None:
        for own, given in zip(averaged, current, strict=True):
            average, step = own.array, given.array - own.array
            step *= 1 - decay
            average += step
        written(averaged)

    return update


def get_swa_multi_avg_fn() -> MultiAverage:
    """`get_swa_avg_fn` over lists, in place."""

    def update(averaged: list[Tensor], current: list[Tensor], n: Tensor) -> None:
        for own, given in zip(averaged, current, strict=True):
            average, step = own.array, given.array - own.array
            step /= n.array + 1
            average += step
        written(averaged)

    return update


def _in_place(average: Average) -> MultiAverage:
    def update(averaged: list[Tensor], current: list[Tensor], n: Tensor) -> None:
        for own, given in zip(averaged, current, strict=True):
            own[...] = average(own, given, n)

    return update


class AveragedModel(Module):
    """A copy of a model, `module`, whose parameters are averages of those that `update_parameters` was given.

    avg_fn:       avg_fn(averaged, current, n) -> the new average of one parameter; n, 0-d and of its dtype, counts
                  those averaged so far. The mean of all where it is None. The first are taken as they are.
    multi_avg_fn: in its place, multi_avg_fn(averaged, current, n) for lists of one dtype, which changes the first list
    use_buffers:  averages the floating buffers too; without it, and for whole numbers, the current ones are copied

    `n_averaged` counts the updates. Nothing is read from the device. Raises SettingError for both functions.
    """

    def __init__(
        self,
        model: Module,
        avg_fn: Average | None = None,
        multi_avg_fn: MultiAverage | None = None,
        use_buffers: bool = False,
    ) -> None:
        require("AveragedModel", "avg_fn, multi_avg_fn", "both", not (avg_fn and multi_avg_fn), "at most one of them")
        self.module = _copy(model)
        self.n_averaged = Buffer(zeros(dtype="int64"))
        self.multi_avg_fn = multi_avg_fn or (_in_place(avg_fn) if avg_fn else get_swa_multi_avg_fn())
        self.use_buffers = use_buffers

    def forward(self, *args: Any) -> Any:
        """The averaged model's output."""
        return self.module(*args)

    def update_parameters(self, model: Module, first: bool | None = None) -> None:
        """Takes the model's parameters into the averages.

        first: whether they are the first; where nobody says so, the device finds out, which takes longer
        """
        pairs: list[tuple[Tensor, Tensor]] = [*zip(self.module.parameters(), model.parameters(), strict=True)]
        with no_grad():
            for own, given in zip(self.module.buffers(), model.buffers(), strict=True):
                if self.use_buffers and own.dtype.startswith("float"):
                    pairs.append((own, given))
                else:
                    own[...] = given
            for dtype in dict.fromkeys(own.dtype for own, _ in pairs):
                self._average([pair for pair in pairs if pair[0].dtype == dtype], self.n_averaged.to(dtype), first)
            self.n_averaged[...] = self.n_averaged + 1

    def _average(self, pairs: list[tuple[Tensor, Tensor]], n: Tensor, first: bool | None) -> None:
        """The new averages of tensors of one dtype; the first time, the tensors themselves."""
        if not first:
            self.multi_avg_fn([own for own, _ in pairs], [given for _, given in pairs], n)
        if first is not False:
            for own, given in pairs:
                own[...] = given if first else functional.where(n == 0, given, own)


def _copy(model: Module) -> Module:
    """A copy of a model with parameters and buffers of its own, without gradients."""
    copies: dict[int, Any] = {}
    for t in chain(model.parameters(), model.buffers()):
        values = Tensor(namespaces[type(t.array)].asarray(t.array, copy=True))
        if isinstance(t, Buffer):
            copies[id(t)] = Buffer(values, t.persistent)
        else:
            copies[id(t)] = type(t)(values, t.requires_grad)
    return deepcopy(model, copies)


def update_bn(loader: Iterable[Any], model: Module) -> None:
    """Sets the running statistics of all batch norm layers to the means over a loader's batches.

    loader: gives inputs, or tuples with the input first. The layers count batches, which is read from the device.
    """
    layers = [m for m in model.modules() if isinstance(m, _BatchNorm) and m.running_mean is not None]
    if not layers:
        return
    training, momenta = model.training, [layer.momentum for layer in layers]
    try:
        with no_grad():
            for layer in layers:
                for buffer, start in ((layer.running_mean, 0), (layer.running_var, 1), (layer.num_batches_tracked, 0)):
                    if buffer is not None:
                        buffer[...] = start
                layer.momentum = None
            model.train()
            for batch in loader:
                model(batch[0] if isinstance(batch, list | tuple) else batch)
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        model.train(training)


class SWALR(LRScheduler):
    """From each group's rate to swa_lr in anneal_epochs, on a cosine or a line (anneal_strategy), and no further."""

    _choices: ClassVar[Any] = {"anneal_strategy": STRATEGIES}

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        if anneal_strategy not in STRATEGIES:
            hint = nearest(str(anneal_strategy), STRATEGIES)
            raise SettingError("SWALR", "anneal_strategy: cos or linear", repr(anneal_strategy), hint)
        whole = isinstance(anneal_epochs, int) and anneal_epochs >= 0
        require("SWALR", "anneal_epochs", anneal_epochs, whole, "a whole number of at least 0")
        for group, rate in zip(optimizer.param_groups, per_group("SWALR swa_lr", swa_lr, optimizer), strict=True):
            group["swa_lr"] = rate
        self.anneal_epochs, self.anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def _share(self, step: int) -> float:
        """The share of swa_lr in the rate after a number of steps."""
        t = max(0, min(1, step / max(1, self.anneal_epochs)))
        return (1 - cos(pi * t)) / 2 if self.anneal_strategy == "cos" else t

    def get_lr(self) -> list[float]:
        """The rate of every group, from the one that it started from, found back from the last share."""
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:
            high = group["swa_lr"]
            start = high if before == 1 else (group["lr"] - before * high) / (1 - before)
            rates.append(high * now + start * (1 - now))
        return rates
