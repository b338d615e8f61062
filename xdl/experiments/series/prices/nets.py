"""Training of nets that forecast prices: they begin at "as the mean", and end at the epoch that later days choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from xdl import nn, optim
from xdl.experiments.series.free_running import free_run
from xdl.experiments.series.prices.parts import Ahead
from xdl.experiments.series.training import Pairs, Tried, train
from xdl.functional import cat
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad
from xdl.train import EarlyStopping

BATCH = 1024  # windows at once where nothing is trained


@dataclass(frozen=True)
class Training:
    """How a net is trained, by Adam with its gradient clipped to norm 1."""

    epochs: int
    batch_size: int
    lr: float
    weight_decay: float

    def longer(self) -> Training:
        """Of prices, which take a net longer to learn than returns, of which there is little to learn."""
        return replace(self, epochs=3 * self.epochs, lr=max(self.lr, 0.003), weight_decay=0.0)


def train_net(
    run: Run,
    name: str,
    build: Callable[[], Any],
    pairs: Pairs,
    validation: Pairs,
    how: Training,
    repeat: int = 0,
    keep: bool = False,
) -> Tried:
    """A training by `training.train`, which ends with the weights of the epoch that is best on validation."""
    best = [EarlyStopping(patience=how.epochs)]
    adam = partial(optim.Adam, weight_decay=how.weight_decay)
    return train(
        run,
        name,
        lambda: from_zero(build()),
        pairs,
        validation,
        epochs=how.epochs,
        batch_size=how.batch_size,
        lr=how.lr,
        repeat=repeat,
        clip_norm=1.0,
        make=adam,
        callbacks=lambda _: best,
        keep=keep,
    )


def from_zero(model: Any) -> Any:
    """The model with its layer `output` at 0: before it has learned anything, it says that tomorrow is as the mean,
    or, of returns whose mean is not taken off, that tomorrow equals today."""
    for parameter in model.output.parameters():
        nn.init.zeros_(parameter)
    return model


def ahead_of(model: nn.Module) -> Ahead:
    """How a model goes ahead: by its outputs, and beyond them free running."""
    return lambda x, steps: free_run(partial(output_of, model), x, steps)


def output_of(model: nn.Module, x: Tensor) -> Tensor:
    """What it gives in evaluation mode, unrecorded, in float64."""
    model.eval()
    with no_grad():
        return cat([model(x[i : i + BATCH]) for i in range(0, len(x), BATCH)]).to("float64")
