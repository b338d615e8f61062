"""What the saved model of a run makes of a user's inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xdl.runs.saved_run import read_run
from xdl.runs.settings import from_text, make
from xdl.runs.task import task_of


def predict(
    path: Path, inputs: Sequence[str], given: Mapping[str, str] | None = None, own: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The predictions of a run's model, in the form of its task; see `RunTask.predict`.

    given: options of the task as text, {"top": "2"} for a classifier of images
    own:   the same of those that have an option of the command of their own, as --top

    Raises SettingError for a folder that holds no run or no model, an experiment whose runs have none, an unknown
    option or a value out of its range; DataError naming the first bad input; CheckpointError for a damaged model file.
    """
    saved = read_run(path)
    task = task_of(saved)
    named = [from_text(task.options, {name: text}, f"--{name}") for name, text in (own or {}).items()]
    options = make(task.options, from_text(task.options, given or {}), *named)
    return task.predict(saved, inputs, options)
