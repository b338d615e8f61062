"""What ends a training of a generator that went astray: measures of samples, a collapse, a divergence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from xdl.errors import CollapseError, SettingError, expect
from xdl.tensor import no_grad
from xdl.train.callbacks.best import measured
from xdl.train.callbacks.callback import Callback, Record, Watched
from xdl.train.state import expect_form
from xdl.train.task import Task

PREFIX = "samples_"
CRITIC = ("critic_loss", "gap")  # measures of a critic


class SampleMeasures(Callback):
    """Measures samples after each epoch: look(task) -> {"modes": 8.0} becomes "samples_modes" in the epoch's record.

    look: draws from the task's models, in evaluation mode and without recording. What it draws by chance it should
          keep, as fixed noise: then epochs can be compared, and the training's own random numbers stay as they are
    """

    order: ClassVar[int] = -50  # before those that read the record

    def __init__(self, look: Callable[[Any], Mapping[str, float]]) -> None:
        self.look = look

    def on_epoch_end(self, trainer: Watched, record: Record) -> None:
        """Looks, and adds what was measured."""
        task: Task = trainer.evaluation
        task.eval()
        with no_grad():
            record.update({f"{PREFIX}{name}": float(value) for name, value in self.look(task).items()})


class Collapse(Callback):
    """Ends a training whose samples lose what they had, with CollapseError, which names the epoch and the step.

    measure: of the epochs' records, large where samples are many-sided: "samples_modes", "samples_entropy"
    least:   the threshold: a training that reached it, and falls below it, has collapsed
    within:  epochs that a training has to reach it; None: as many as it takes
    good:    of an epoch's record, whether its samples are so good that the threshold counts as reached; None: always.
             What a hardly trained generator makes is far from the data, and may seem many-sided for a while

    It is told of an epoch before `Checkpoints` is, so that last.safetensors stays that of the last epoch that was good.
    Raises SettingError for within below 1.
    """

    order: ClassVar[int] = -40

    def __init__(
        self, measure: str, least: float, within: int | None = None, good: Callable[[Record], bool] | None = None
    ) -> None:
        expect(within is None or within >= 1, SettingError, "Collapse", "within >= 1 or None", within)
        self.measure, self.least, self.within, self.good = measure, least, within, good
        self.reached = False

    def on_epoch_end(self, trainer: Watched, record: Record) -> None:
        """Compares with the threshold."""
        value = measured("Collapse", record, self.measure)
        if value >= self.least:
            self.reached = self.reached or self.good is None or self.good(record)
        elif self.reached:
            self._end(trainer, f"to stay at {self.least:g} or above", f"{value:g}")
        elif self.within is not None and trainer.epoch >= self.within:
            self._end(trainer, f"of {self.least:g} or above within {self.within} epochs", f"{value:g}")

    def state_dict(self) -> dict[str, Any]:
        """Whether the threshold was reached."""
        return {"reached": self.reached}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for another."""
        expect_form("Collapse", {"reached": bool}, state)
        self.reached = state["reached"]

    def _end(self, trainer: Watched, expected: str, value: str) -> None:
        name = self.measure.removeprefix(PREFIX)
        found = f"{value} after epoch {trainer.epoch}, step {trainer.step}: the generator has collapsed"
        hint = "The last checkpoint is of the epoch before. Fewer steps of the critic, or another objective, may help"
        raise CollapseError("Collapse", f"{name} {expected}", found, hint)


class Divergence(Callback):
    """Ends a training in which a measure, by its absolute value, grows beyond a limit: a critic without a bound.

    limit:    of the means over an epoch so far, looked at whenever they are logged, and of those of an epoch's record;
              CollapseError names the step
    measures: that are looked at, "validation_free_energy" of a record too

    It is told of an epoch before `Checkpoints` is. Raises SettingError for a limit that is not above 0.
    """

    order: ClassVar[int] = -40

    def __init__(self, limit: float = 1e4, measures: tuple[str, ...] = CRITIC) -> None:
        expect(limit > 0, SettingError, "Divergence", "limit > 0", limit)
        self.limit, self.measures = limit, measures

    def on_log(self, trainer: Watched, measures: dict[str, float]) -> None:
        """Compares with the limit."""
        self._look(trainer, measures)

    def on_epoch_end(self, trainer: Watched, record: Record) -> None:
        """Compares with the limit."""
        self._look(trainer, record)

    def _look(self, trainer: Watched, measures: Mapping[str, float]) -> None:
        for name in self.measures:
            value = measures.get(name, 0.0)
            found = f"{value:g} at step {trainer.step}: the training diverges"
            hint = "A lower rate holds it" + (", a penalty, or clipped weights" if name in CRITIC else "")
            if abs(value) > self.limit:
                raise CollapseError("Divergence", f"{name} within {self.limit:g}", found, hint)
