"""Schedule: a learning-rate schedule of xdl.optim as part of a training (徐彬, section 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xdl.errors import SettingError, nearest
from xdl.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from xdl.train.callbacks.best import measured
from xdl.train.callbacks.callback import Callback, Record
from xdl.train.loop import Loop

EVERY = ("epoch", "step")


class Schedule(Callback):
    """Calls scheduler.step() after each epoch, or after each step of the optimizer.

    scheduler: of the trainer's optimizer: optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    every:     "epoch" or "step"
    measure:   for ReduceLROnPlateau, and only for it: what of the epoch's record it looks at, as "validation_loss"

    Raises SettingError for other values.
    """

    def __init__(self, scheduler: LRScheduler, every: str = "epoch", measure: str | None = None) -> None:
        if every not in EVERY:
            raise SettingError("Schedule", "every: epoch or step", repr(every), nearest(str(every), EVERY))
        looks = isinstance(scheduler, ReduceLROnPlateau)
        if looks != (measure is not None) or (looks and every == "step"):
            expected = 'every="epoch" and a measure for ReduceLROnPlateau, and no measure for others'
            raise SettingError(
                "Schedule", expected, f"every={every!r}, measure={measure!r}, {type(scheduler).__name__}"
            )
        self.scheduler, self.every, self.measure = scheduler, every, measure

    def on_step_end(self, trainer: Loop) -> None:  # noqa: ARG002
        """Sets the rate of the next step."""
        if self.every == "step":
            self.scheduler.step()

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:  # noqa: ARG002
        """Sets the rate of the next epoch."""
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(measured("Schedule", record, str(self.measure)))
        elif self.every == "epoch":
            self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """The scheduler's state."""
        return self.scheduler.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`."""
        self.scheduler.load_state_dict(dict(state))
