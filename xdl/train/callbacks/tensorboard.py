"""TensorBoard: the measures of a training as event files, which the program of that name shows."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import Any

from xdl.errors import XdlError
from xdl.io.files import storing
from xdl.train.callbacks.callback import Callback, Record
from xdl.train.loop import Loop

INSTALL = 'pip install "tensorboardX>=2.6"'
COUNTS = ("epoch", "step")
_files = count()  # tensorboardX names a file after the second: two of one second would be the same file


class TensorBoard(Callback):
    """Writes event files to a folder: `step/<measure>` at every log, `epoch/<measure>` after every epoch.

    folder: made if needed; a training that goes on adds a file, which takes the place of what came after its step

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

    def on_fit_start(self, trainer: Loop) -> None:
        """Opens a file."""
        with storing(self.folder / "events"):
            self.folder.mkdir(parents=True, exist_ok=True)
            own, purge = f".{os.getpid()}.{next(_files)}", trainer.step + 1 if trainer.step else None
            self._writer = self._make(str(self.folder), purge_step=purge, filename_suffix=own)

    def on_log(self, trainer: Loop, measures: dict[str, float]) -> None:
        """Adds the means over the epoch so far, the speed, and the learning rate."""
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

    def _add(self, kind: str, measures: dict[str, float], step: int) -> None:
        for name, value in measures.items():
            if name not in COUNTS:
                self._writer.add_scalar(f"{kind}/{name}", value, step)
