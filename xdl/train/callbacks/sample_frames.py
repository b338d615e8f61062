"""SampleFrames: what a generator makes of the same noise, epoch by epoch: its training in slow motion."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from xdl.errors import CheckpointError, SettingError, expect
from xdl.io.state_file import save_state
from xdl.tensor import Tensor, no_grad
from xdl.train.callbacks.callback import Callback, Record, Watched
from xdl.train.state import expect_form, is_count

KIND = "frames"


class SampleFrames(Callback):
    """Keeps samples of before the first step, and of the end of epochs.

    make:         make(task) -> Tensor, in evaluation mode and without recording, from noise that stays the same
    every_epochs: epochs between two frames

    steps, samples: of each frame, the step and what was made. Raises SettingError for every_epochs below 1.
    """

    def __init__(self, make: Callable[[Any], Tensor], every_epochs: int = 1) -> None:
        expect(every_epochs >= 1, SettingError, "SampleFrames", "every_epochs >= 1", every_epochs)
        self.make, self.every_epochs = make, every_epochs
        self.steps: list[int] = []
        self.samples: list[Any] = []  # host arrays

    def on_fit_start(self, trainer: Watched) -> None:
        """The first frame, unless the training goes on."""
        if not self.steps:
            self._keep(trainer)

    def on_epoch_end(self, trainer: Watched, record: Record) -> None:  # noqa: ARG002
        """A frame, if it is time."""
        if trainer.epoch % self.every_epochs == 0:
            self._keep(trainer)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes all frames, as `load_state(path, kind="frames")` reads them: {"steps": [...], "samples": [...]}."""
        save_state(path, self.state_dict(), kind=KIND)

    def state_dict(self) -> dict[str, Any]:
        """The frames so far."""
        return {"steps": list(self.steps), "samples": list(self.samples)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for one that does not fit."""
        expect_form("SampleFrames", {"steps": list, "samples": list}, state)
        steps, samples = state["steps"], [s.numpy() if isinstance(s, Tensor) else s for s in state["samples"]]
        alike = all(hasattr(s, "shape") for s in samples) and len({(s.shape, str(s.dtype)) for s in samples}) <= 1
        ordered = all(map(is_count, steps)) and steps == sorted(set(steps))
        fits = alike and ordered and len(steps) == len(samples)
        expected, found = "growing steps, and samples of one shape for each", f"{steps} and {len(samples)} samples"
        expect(fits, CheckpointError, "SampleFrames", expected, found)
        self.steps, self.samples = list(steps), samples

    def _keep(self, trainer: Watched) -> None:
        task = trainer.evaluation
        task.eval()
        with no_grad():
            self.samples.append(self.make(task).numpy().copy())
        self.steps.append(trainer.step)
