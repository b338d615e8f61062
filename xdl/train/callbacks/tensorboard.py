"""TensorBoard: the measures of a training as event files, which the program of that name shows."""

from __future__ import annotations

import os
import socket
from itertools import count
from pathlib import Path
from time import time

from xdl.errors import XdlError
from xdl.io.event_file import MARK, EventFile, steps_with
from xdl.io.files import storing
from xdl.train.callbacks.callback import Callback, Record
from xdl.train.loop import Loop

INSTALL = 'pip install "tensorboardX>=2.6"'
COUNTS = ("epoch", "step")
_files = count()  # files are named after the second: two of one second would be the same file


class TensorBoard(Callback):
    """Writes event files to a folder: `step/<measure>` at every log, `epoch/<measure>` after every epoch.

    folder: made if needed; a training adds a file, which takes the place of what the files before have of later steps

    What is logged is in the file when the call returns. Needs the package tensorboardX (the extra `tensorboard`).
    Raises XdlError with the install command without it, StorageError where the folder cannot be made or the file
    cannot be written; then the file holds whole records only.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        try:
            import tensorboardX  # noqa: F401
        except ImportError as error:
            raise XdlError("TensorBoard", "tensorboardX", f"none ({error})", f"Install it: {INSTALL}") from error
        self.folder = Path(folder)
        self._file: EventFile | None = None
        self._told: int | None = None  # the step at which a resumed training finds its epoch's measures written

    def on_fit_start(self, trainer: Loop) -> None:
        """Opens a file."""
        with storing(self.folder / "events"):
            self.folder.mkdir(parents=True, exist_ok=True)
            told = steps_with(self.folder, "epoch/")
            before = any(self.folder.glob(f"*{MARK}*"))
        self._told = trainer.step if trainer.step in told else None
        name = f"events.out.{MARK}.{int(time())}.{socket.gethostname()}.{os.getpid()}.{next(_files)}"
        self._file = EventFile(self.folder / name, trainer.step + 1 if before or trainer.step else None)

    def on_log(self, trainer: Loop, measures: dict[str, float]) -> None:
        """Adds the means over the epoch so far, the speed, and the learning rate."""
        self._add("step", measures, trainer.step)

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:
        """Adds the epoch's measures, unless the process before this one has done so."""
        if trainer.step != self._told:
            self._add("epoch", record, trainer.step)

    def on_fit_end(self, trainer: Loop) -> None:  # noqa: ARG002
        """Leaves the file."""
        self._file = None

    def _add(self, kind: str, measures: dict[str, float], step: int) -> None:
        if self._file is not None:
            self._file.add(step, {f"{kind}/{name}": value for name, value in measures.items() if name not in COUNTS})
