"""WeightAverage: the mean of the weights over many steps, which generalizes better than those of any one step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from xdl.errors import CheckpointError, SettingError, expect
from xdl.nn import Module
from xdl.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, get_swa_multi_avg_fn
from xdl.train.callbacks.callback import Callback
from xdl.train.loop import Loop
from xdl.train.state import expect_exact, load_exactly, mismatches
from xdl.train.task import Task


class WeightAverage(Callback):
    """Averages a model's parameters and buffers after every `every` steps; validation measures the averages.

    model:   of the task; where it has several, each may have a WeightAverage of its own
    decay:   of a moving average, averaged = decay averaged + (1 - decay) current; None for the mean of all
             (stochastic weight averaging, Izmailov et al. 2018)
    start:   the number of steps before the first average
    warm_up: the first decays are smaller, min(decay, (1 + n) / (10 + n)) after n averages, as in TensorFlow's
             ExponentialMovingAverage(num_updates): else 0.999 keeps 90 % of the first step's weights for 100 steps

    Floating buffers, as batch norm's statistics, are averaged as the weights are (as timm's ModelEma does), so that
    they fit them; whole numbers are copied. To measure them anew by a pass over the data (`swa_utils.update_bn`) is
    the other way, which costs that pass at every validation and is no better. Accuracy on digits, a convolutional net
    with batch norm, Adam; its own weights reach 0.942 and 0.981:

        steps, average             buffers: the model's   averaged   measured anew   averaged, without warm_up
         82, decay 0.999                          0.933      0.928           0.928                       0.072
        410, decay 0.999                          0.981      0.981           0.983                       0.666
         82, mean of all                          0.900      0.897           0.894
        410, mean of all                          0.972      0.978           0.978

    When the training comes to its end by itself, the model takes the averages; where an error or a signal ended it,
    the model keeps its own weights.

    averaged: the `AveragedModel`
    count:    how many times the weights were taken in

    Raises SettingError for a setting out of range and, when training starts, for a model that is not the task's.
    """

    order: ClassVar[int] = -100  # what others keep of `trainer.evaluation` is then of the same step

    def __init__(
        self, model: Module, decay: float | None = 0.999, every: int = 1, start: int = 0, warm_up: bool = True
    ) -> None:
        expect(every >= 1, SettingError, "WeightAverage", "every >= 1", every)
        expect(start >= 0, SettingError, "WeightAverage", "start >= 0", start)
        average = get_swa_multi_avg_fn() if decay is None else get_ema_multi_avg_fn(decay)
        self.averaged = AveragedModel(model, multi_avg_fn=average, use_buffers=True)
        self.decay, self.every, self.start, self.warm_up, self.count = decay, every, start, warm_up, 0
        self._model = model

    def on_fit_start(self, trainer: Loop) -> None:
        """From now on the averages are evaluated, as soon as there are some."""
        expected = "a model that is a part of the task"
        expect(_is_part(self._model, trainer.task), SettingError, "WeightAverage", expected, type(self._model).__name__)
        if self.count:
            self._stand_in(trainer)

    def on_step_end(self, trainer: Loop) -> None:
        """Takes the step's weights in."""
        if trainer.step > self.start and trainer.step % self.every == 0:
            if self.warm_up and self.decay is not None:
                decay = min(self.decay, (1 + self.count) / (10 + self.count))
                self.averaged.multi_avg_fn = get_ema_multi_avg_fn(decay)
            self.averaged.update_parameters(self._model, first=self.count == 0)
            self.count += 1
            if self.count == 1:
                self._stand_in(trainer)

    def on_fit_end(self, trainer: Loop) -> None:
        """Gives the averages to the model."""
        if trainer.done and self.count:
            load_exactly(self._model, self.averaged.module.state_dict())
        trainer.evaluation = trainer.task

    def state_dict(self) -> dict[str, Any]:
        """The averages and their count."""
        return {"count": self.count, "averaged": self.averaged.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for averages of another model."""
        problems = mismatches("state", {"count": int, "averaged": Mapping}, state)
        expect(not problems, CheckpointError, "WeightAverage", "count and averaged", "; ".join(problems))
        expect_exact(self.averaged, state["averaged"])
        found = (state["count"], int(state["averaged"]["n_averaged"]))
        expect(found[0] == found[1] >= 0, CheckpointError, "WeightAverage", "a count of averages, twice", found)
        load_exactly(self.averaged, state["averaged"])
        self.count = state["count"]

    def _stand_in(self, trainer: Loop) -> None:
        if not _is_part(self.averaged.module, trainer.evaluation):
            trainer.evaluation = trainer.evaluation.replacing(self._model, self.averaged.module)


def _is_part(model: Module, task: Task) -> bool:
    return any(part is model for part in task.parts().values())
