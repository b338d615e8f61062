"""A learning rate that falls from epoch to epoch (徐彬, section 5.5)."""

from __future__ import annotations

from xdl.errors import SettingError
from xdl.train.callback import Callback, Record
from xdl.train.trainer import Trainer


class LearningRateDecay(Callback):
    """lr = factor lr after each epoch, in every parameter group. Raises SettingError unless 0 < factor <= 1."""

    def __init__(self, factor: float) -> None:
        if not 0 < factor <= 1:
            raise SettingError("LearningRateDecay", "0 < factor <= 1", factor)
        self.factor = factor

    def on_epoch_end(self, trainer: Trainer, record: Record) -> None:  # noqa: ARG002
        """Lowers the rate."""
        for group in trainer.optimizer.param_groups:
            group["lr"] *= self.factor
