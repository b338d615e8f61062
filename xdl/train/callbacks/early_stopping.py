"""EarlyStopping: the training ends where validation no longer improves (hwdong, section 5.4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xdl.errors import CheckpointError, SettingError
from xdl.tensor import Tensor
from xdl.train.callbacks.best import Best
from xdl.train.callbacks.callback import Callback, Record
from xdl.train.loop import Loop
from xdl.train.state import copied, expect_exact, expect_form, is_count, load_exactly


class EarlyStopping(Callback):
    """Stops after `patience` epochs in a row in which the measure was not better than the best before.

    measure, mode, min_delta: what is followed, see `Best`
    patience:                 at least 1
    restore_best:             the model ends with the weights and buffers of its best epoch, also if all epochs were
                              made. Not where an error or a signal ended the training

    best:    the best value so far, and its epoch
    waiting: epochs since then

    Raises SettingError for a setting out of range, or in the first epoch for a measure that the record does not have.
    """

    def __init__(
        self,
        measure: str = "validation_loss",
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        if patience < 1:
            raise SettingError("EarlyStopping", "patience >= 1", patience)
        self.best = Best("EarlyStopping", measure, mode, min_delta)
        self.patience, self.restore_best, self.waiting = patience, restore_best, 0
        self._weights: dict[str, Tensor] = {}

    def on_fit_start(self, trainer: Loop) -> None:
        """A fit after one that was stopped is waited for anew."""
        if self.waiting >= self.patience and not trainer.stopped:
            self.waiting = 0

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:
        """Keeps the weights of a better epoch, or stops."""
        if self.best.improves(record):
            self.waiting = 0
            if self.restore_best:
                self._weights = copied(trainer.evaluation.module().state_dict())
        else:
            self.waiting += 1
        if self.waiting >= self.patience:
            trainer.stop()

    def on_fit_end(self, trainer: Loop) -> None:
        """Brings the best weights back."""
        if self._weights and trainer.done:
            load_exactly(trainer.task.module(), self._weights)

    def on_load(self, trainer: Loop) -> None:
        """Raises CheckpointError for weights of another model."""
        if self._weights:
            expect_exact(trainer.task.module(), self._weights)

    def state_dict(self) -> dict[str, Any]:
        """The best value and its weights, and the epochs since."""
        return {"best": self.best.state_dict(), "waiting": self.waiting, "weights": self._weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for one that does not fit."""
        expect_form("EarlyStopping", {"best": Mapping, "waiting": int, "weights": dict}, state)
        waiting, weights = state["waiting"], state["weights"]
        if not is_count(waiting) or not all(hasattr(w, "shape") and hasattr(w, "dtype") for w in weights.values()):
            expected = "the epochs since the best, and its weights"
            raise CheckpointError("EarlyStopping", expected, f"{waiting} and {weights}"[:200])
        self.best.load_state_dict(state["best"])
        self.waiting, self._weights = waiting, copied(weights)
