"""Callbacks: what watches a training without being part of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xdl.train.trainer import Trainer

Record = dict[str, float]  # one epoch: epoch, step, train_loss, train_accuracy, validation_loss, ..., seconds


class Callback:
    """Override what you need; a callback may read all of the trainer."""

    def on_fit_start(self, trainer: Trainer) -> None:
        """Before the first epoch."""

    def on_log(self, trainer: Trainer, measures: dict[str, float]) -> None:
        """Every `trainer.log_every` steps: the means over this epoch so far."""

    def on_epoch_end(self, trainer: Trainer, record: Record) -> None:
        """After each epoch and its validation."""

    def on_fit_end(self, trainer: Trainer) -> None:
        """At the end, however the training ended."""


class Callbacks(Callback):
    """Several callbacks, called in order."""

    def __init__(self, members: Iterable[Callback]) -> None:
        self.members = list(members)

    def on_fit_start(self, trainer: Trainer) -> None:
        """Passes it on."""
        for member in self.members:
            member.on_fit_start(trainer)

    def on_log(self, trainer: Trainer, measures: dict[str, float]) -> None:
        """Passes it on."""
        for member in self.members:
            member.on_log(trainer, measures)

    def on_epoch_end(self, trainer: Trainer, record: Record) -> None:
        """Passes it on."""
        for member in self.members:
            member.on_epoch_end(trainer, record)

    def on_fit_end(self, trainer: Trainer) -> None:
        """Passes it on."""
        for member in self.members:
            member.on_fit_end(trainer)
