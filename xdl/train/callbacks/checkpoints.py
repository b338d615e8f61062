"""Checkpoints: files from which a training goes on as if it had never stopped, and the best of its epochs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any, ClassVar

from xdl.errors import CheckpointError, NonFiniteError, SettingError, expect
from xdl.functional import cat
from xdl.io.files import storing
from xdl.io.state_file import save_state
from xdl.nn import Module
from xdl.tensor import no_grad
from xdl.train.callbacks.best import Best
from xdl.train.callbacks.callback import Callback, Record
from xdl.train.loop import Loop
from xdl.train.state import expect_form


class Checkpoints(Callback):
    """Writes the trainer's state: last.safetensors, and best.safetensors after the best epoch so far.

    folder:       made if needed
    every_epochs: epochs between two writings of last.safetensors, None for none; the last epoch is always written
    every_steps:  steps of the optimizer between two more writings of it, None for none
    best, mode:   the measure that tells the best epoch, see `Best`; without it there is no best.safetensors
    about:        what else both files say, under "about": settings, for instance

    A signal that ends the training is another reason to write last.safetensors. It is told of everything after the
    other callbacks, so that the files hold what those have learned from the same step or epoch: none that has a state
    may come later.

    best.safetensors holds the weights that were measured: where a `WeightAverage` stands in for a model, the averages.
    Those that were trained lie beside them, under "trained", so that a training goes on from this file too.

    Before a file is written all losses up to then are read, and all parameters looked at: where one is not finite,
    NonFiniteError names the step, and the files of before stay. To go on:

        trainer.load_state_dict(load_state(folder / "last.safetensors"))
        trainer.fit(train, validation, epochs)  # as before

    Raises SettingError for a setting out of range or a callback that comes too late, StorageError for a folder that
    cannot be made and CheckpointError for a file that cannot be written, after which the old file is still there.
    """

    order: ClassVar[int] = 100
    last, best = "last.safetensors", "best.safetensors"

    def __init__(
        self,
        folder: str | os.PathLike[str],
        every_epochs: int | None = 1,
        every_steps: int | None = None,
        best: str | None = None,
        mode: str | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        for name, value in (("every_epochs", every_epochs), ("every_steps", every_steps)):
            expect(value is None or value >= 1, SettingError, "Checkpoints", f"{name} >= 1 or None", value)
        self.folder = Path(folder)
        self.every_epochs, self.every_steps = every_epochs, every_steps
        self.followed = None if best is None else Best("Checkpoints", best, mode)
        self.about = dict(about or {})
        self._resumed = False

    def on_fit_start(self, trainer: Loop) -> None:
        """Makes the folder. Where the state is another Checkpoints', of a moment before this one had looked at the
        same epoch, it does so now.
        """
        members = trainer.callbacks.members
        later = [type(m) for m in members[members.index(self) :] if not isinstance(m, Checkpoints)]
        stateful = [kind.__name__ for kind in later if kind.state_dict is not Callback.state_dict]
        expected = f"callbacks with a state of an order below {self.order}, or before it"
        expect(not stateful, SettingError, "Checkpoints", expected, ", ".join(stateful))
        with storing(self.folder / self.last):
            self.folder.mkdir(parents=True, exist_ok=True)
        seen = trainer.history[-1] if trainer.history and trainer.epoch == len(trainer.history) else {}
        if self._resumed and self.followed and self.followed.measure in seen and self.followed.improves(seen):
            self._write(trainer, self.best)
        self._resumed = False

    def on_step_end(self, trainer: Loop) -> None:
        """Writes, if it is time."""
        if self.every_steps is not None and trainer.step % self.every_steps == 0:
            self._write(trainer, self.last)

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:
        """Writes, if it is time."""
        names = [self.best] if self.followed and self.followed.improves(record) else []
        if trainer.done or (self.every_epochs is not None and trainer.epoch % self.every_epochs == 0):
            names.append(self.last)
        self._write(trainer, *names)

    def on_interrupt(self, trainer: Loop) -> None:
        """Writes where the training stands."""
        self._write(trainer, self.last)

    def state_dict(self) -> dict[str, Any]:
        """The best measure so far."""
        return {"best": self.followed and self.followed.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for one that follows another measure, or none."""
        expect_form("Checkpoints", {"best": Mapping | NoneType}, state)
        if (self.followed is None) != (state["best"] is None):
            raise CheckpointError("Checkpoints", f"a state with best={self.state_dict()['best']}", state["best"])
        if self.followed is not None:
            self.followed.load_state_dict(state["best"])
        self._resumed = True

    def _write(self, trainer: Loop, *names: str) -> None:
        if names:
            state = {**trainer.state_dict(), "about": self.about}
            _check_finite(trainer.task.module(), trainer.step)
            for name in names:
                save_state(self.folder / name, _as_measured(trainer, state) if name == self.best else state)


def _as_measured(trainer: Loop, state: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state with the models that are evaluated in the place of those that are trained, which go to "trained"."""
    own, evaluated = trainer.task.parts(), trainer.evaluation.parts()
    averaged = {name: model.state_dict() for name, model in evaluated.items() if model is not own[name]}
    trained = {"trained": {name: state[name] for name in averaged}} if averaged else {}
    return {**state, **averaged, **trained}


def _check_finite(model: Module, step: int) -> None:
    """Raises NonFiniteError, naming the parameters that hold nan or infinity."""
    parameters = dict(model.named_parameters())
    with no_grad():
        finite = cat([p.isfinite().all().reshape(1) for p in parameters.values()]).tolist() if parameters else []
    bad = [name for name, good in zip(parameters, finite, strict=True) if not good]
    if bad:
        found = f"nan or infinity in {', '.join(bad)} after step {step}"
        raise NonFiniteError("Checkpoints", "finite parameters", found, "A lower learning rate often helps")
