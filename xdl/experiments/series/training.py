"""Training of a forecaster on windows: the one that a run keeps, and those that are compared with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from xdl import nn, optim
from xdl.data import DataLoader, TensorDataset
from xdl.experiments.shared.fit import fit, watchers
from xdl.optim import Optimizer
from xdl.runs.run import Run
from xdl.train import Callback, Events, Record, Trainer

Pairs = tuple[Any, Any]  # windows (N, inputs, F), and what follows (N, outputs, targets)


@dataclass
class Tried:
    """A trained model in evaluation mode. history: one record an epoch, with train_loss and validation_loss."""

    name: str
    model: nn.Module
    history: list[Record]
    seconds: float


def train(
    run: Run,
    name: str,
    build: Callable[[], nn.Module],
    pairs: Pairs,
    validation: Pairs,
    *,
    epochs: int,
    batch_size: int = 32,
    lr: float = 0.001,
    repeat: int = 0,
    clip_norm: float | None = None,
    make: Callable[..., Optimizer] = optim.Adam,
    callbacks: Callable[[Optimizer], Sequence[Callback]] = lambda _: (),
    keep: bool = False,
) -> Tried:
    """One training with the mean squared error, from the run's seed + repeat; says one line.

    keep: the run keeps it: checkpoints, measures of every epoch and the model go to its folder, and it can be resumed
    """
    run.reseed(repeat)
    model = build()
    optimizer = make(model.parameters(), lr=lr)
    watching: list[Callback] = watchers(run) if keep else [Events(run.events, name)]
    trainer = Trainer(model, nn.MSELoss(), optimizer, callbacks=[*callbacks(optimizer), *watching], clip_norm=clip_norm)
    batches = DataLoader(TensorDataset(*pairs), batch_size, shuffle=True)
    held_out = DataLoader(TensorDataset(*validation), 1024)
    started = perf_counter()
    if keep:
        history = fit(run, trainer, batches, held_out, epochs)
        run.folder.save_model(model, run.identity)
    else:
        history = trainer.fit(batches, held_out, epochs)
    seconds = perf_counter() - started
    model.eval()
    loss = history[-1]["validation_loss"] if history else float("nan")
    run.say(f"{name}, seed {repeat + 1}: validation loss {loss:.5g}, {seconds:.1f} s")
    return Tried(name, model, list(history), seconds)
