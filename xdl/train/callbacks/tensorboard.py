"""TensorBoard: the measures of a training as event files, which the program of that name shows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from xdl.errors import CheckpointError, XdlError, expect
from xdl.io.files import storing
from xdl.train.callbacks.callback import Callback, Record
from xdl.train.loop import Loop
from xdl.train.state import copied, expect_form, is_count, is_number

INSTALL = 'pip install "tensorboardX>=2.6"'
COUNTS = ("epoch", "step")
_files = count()  # tensorboardX names a file after the second: two of one second would be the same file


class TensorBoard(Callback):
    """Writes event files to a folder: `step/<measure>` at every log, `epoch/<measure>` after every epoch.

    folder: made if needed; a training that goes on adds a file, which takes the place of what came after its step: of
            an epoch whose record was written and that comes to its end again, from its last step on

    Needs the package tensorboardX (the extra `tensorboard`). Raises XdlError with the install command without it,
    StorageError where the folder cannot be made.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        try:
            import tensorboardX
        except ImportError as error:
            raise XdlError("TensorBoard", "tensorboardX", f"none ({error})", f"Install it: {INSTALL}") from error
        self.folder = Path(folder)
        self._make: Any = tensorboardX.SummaryWriter
        self._writer: Any = None
        self._logged: dict[str, Any] = {}  # the last log: its step and its measures

    def on_fit_start(self, trainer: Loop) -> None:
        """Opens a file."""
        within = trainer.epoch > len(trainer.history)
        with storing(self.folder / "events"):
            self.folder.mkdir(parents=True, exist_ok=True)
            own, purge = f".{os.getpid()}.{next(_files)}", trainer.step + (not within) if trainer.step else None
            self._writer = self._make(str(self.folder), purge_step=purge, filename_suffix=own)
        if within and self._logged.get("step") == trainer.step:
            self._add("step", self._logged["measures"], trainer.step)

    def on_log(self, trainer: Loop, measures: dict[str, float]) -> None:
        """Adds the means over the epoch so far, the speed, and the learning rate."""
        self._logged = {"step": trainer.step, "measures": dict(measures)}
        self._add("step", measures, trainer.step)

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:
        """Adds the epoch's measures, and sees to it that they can be read."""
        self._add("epoch", record, trainer.step)
        self._writer.flush()

    def on_fit_end(self, trainer: Loop) -> None:  # noqa: ARG002
        """Closes the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def state_dict(self) -> dict[str, Any]:
        """The last log, which is written again where the file begins anew at its step; empty before the first."""
        return self._logged

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for another."""
        if state:
            expect_form("TensorBoard", {"step": int, "measures": dict}, state)
            measures = state["measures"]
            named = all(isinstance(name, str) and is_number(value) for name, value in measures.items())
            expect(named and is_count(state["step"]), CheckpointError, "TensorBoard", "a step and numbers", state)
        self._logged = copied(dict(state))

    def _add(self, kind: str, measures: dict[str, float], step: int) -> None:
        for name, value in measures.items():
            if name not in COUNTS:
                self._writer.add_scalar(f"{kind}/{name}", float(value), step)
