"""What a finished run can be asked: its task, which the module of an experiment offers as TASK.

`xdl eval`, `xdl predict`, `xdl compare` and `xdl run --resume` know this protocol and nothing of images, texts or
numbers: a new kind of model brings a task of its own, and nothing in this package changes. What one step of a training
is, is another matter: that is a task of `xdl.train`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from xdl.errors import SettingError

if TYPE_CHECKING:
    from xdl.runs.registry import Experiment
    from xdl.runs.saved_run import SavedRun


class RunTask(Protocol):
    """What the runs of an experiment can be asked when they are trained. Files that it needs are written by its runs.

    measures: the results that tell how good a run is, and which way is better: {"test_loss": "min"}, or "max"
    options:  what can be set for a prediction: a dataclass of `settings.setting` fields
    """

    @property
    def measures(self) -> Mapping[str, str]:
        """See the class."""

    @property
    def options(self) -> type[Any]:
        """See the class."""

    def may_change(self, settings: Any) -> tuple[str, ...]:
        """The names of the settings that a run with these settings may take anew when it is resumed."""

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """Measures the saved model on test data: of the run's own set, or of the one named.

        Raises SettingError for a run without a model, or data that do not fit it; DataError for data that are missing.
        """

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """What the saved model makes of each input: the name of a file, a text, numbers, as the task says.

        options: an instance of `options`. Raises SettingError for the run, DataError naming the first bad input.
        """

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """What `predict` returned, for people."""


def find_task(experiment: Experiment) -> RunTask | None:
    """The task of an experiment; None for one that trains nothing that could be asked."""
    found: RunTask | None = getattr(experiment.load(), "TASK", None)
    return found


def task_of(saved: SavedRun) -> RunTask:
    """The task of a run. Raises SettingError for an experiment that has none, and for a run over several seeds."""
    if seeds := saved.about.get("seeds"):
        hint = f"Name one of them, as {saved.path / f'seed-{seeds[0]}'}"
        raise SettingError(f"run {saved.path}", "the run of one seed", f"one of {len(seeds)} seeds", hint)
    task = find_task(saved.experiment)
    if task is None:
        expected = "a run of an experiment that trains a model to be asked, such as a classifier of images"
        raise SettingError(f"run {saved.path}", expected, saved.experiment.name)
    return task
