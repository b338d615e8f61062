"""Best: the best value of a measure so far."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from xdl.errors import CheckpointError, SettingError, nearest
from xdl.train.callbacks.callback import Record
from xdl.train.state import expect_form, is_count

MODES = ("min", "max")


def measured(operation: str, record: Record, measure: str) -> float:
    """A measure of an epoch's record. Raises SettingError, with the nearest name, for one that it does not have."""
    if measure not in record:
        hint = f"{nearest(measure, record)}. Measures of validation need validation data: fit(train, validation)"
        raise SettingError(operation, "a measure of the epoch's record", repr(measure), hint)
    return record[measure]


class Best:
    """Follows a measure from epoch to epoch.

    measure:   its name in the record: "validation_loss"
    mode:      "min" if small is good, "max" if large is. Without it a loss is best small and an accuracy large
    min_delta: by how much a value must be better to count
    value:     the best so far; epoch: where it was measured, 0 before the first

    nan is never better. Raises SettingError for another mode or a negative min_delta, and for no mode where the
    name does not end in "loss" or "accuracy".
    """

    def __init__(self, operation: str, measure: str, mode: str | None = None, min_delta: float = 0.0) -> None:
        if mode is None:
            known = {"loss": "min", "accuracy": "max"}
            mode = known.get(measure.rpartition("_")[2])
            if mode is None:
                raise SettingError(operation, 'mode="min" or mode="max" for this measure', repr(measure))
        if mode not in MODES:
            raise SettingError(operation, "mode: min or max", repr(mode), nearest(str(mode), MODES))
        if not min_delta >= 0:
            raise SettingError(operation, "min_delta >= 0", min_delta)
        self._operation, self.measure, self.mode, self.min_delta = operation, measure, mode, min_delta
        self.value, self.epoch = inf if mode == "min" else -inf, 0

    def improves(self, record: Record) -> bool:
        """Takes in an epoch's record; whether it is the best so far."""
        value = measured(self._operation, record, self.measure)
        gain = self.value - value if self.mode == "min" else value - self.value
        better = gain > self.min_delta
        if better:
            self.value, self.epoch = value, int(record["epoch"])
        return better

    def state_dict(self) -> dict[str, Any]:
        """What is followed, and the best so far."""
        return {"measure": self.measure, "mode": self.mode, "value": self.value, "epoch": self.epoch}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for one that follows something else."""
        expect_form(self._operation, {"measure": str, "mode": str, "value": float | int, "epoch": int}, state)
        followed = (state["measure"], state["mode"])
        if followed != (self.measure, self.mode):
            raise CheckpointError(self._operation, f"the best {(self.measure, self.mode)}", f"the best {followed}")
        value, epoch = state["value"], state["epoch"]
        if not is_count(epoch) or value != value:
            raise CheckpointError(self._operation, "a value and the epoch of it", f"{value} and {epoch}")
        self.value, self.epoch = value, epoch
