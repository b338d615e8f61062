"""Measuring the saved model of a run again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xdl.runs.saved_run import read_run
from xdl.runs.statistics import check_finite
from xdl.runs.task import task_of


def evaluate(path: Path, data_name: str | None = None, data_dir: Path | None = None) -> dict[str, Any]:
    """The measures of a run's model on test data, of its own data set or of another one; see `RunTask.evaluate`.

    For another one they have "warning", a sentence about it.

    Raises SettingError for a folder that holds no run or no model, an experiment whose runs have none, a data set that
    the experiment does not take, or data that do not fit the model; DataError for data that are missing;
    CheckpointError for a damaged model file; NonFiniteError for measures that are nan or infinite.
    """
    saved = read_run(path)
    if data_name is not None:
        saved.experiment.check_data(data_name, f"xdl eval {path}")
    measures = task_of(saved).evaluate(saved, data_name, data_dir)
    check_finite("xdl eval", measures)
    own = saved.about["data"]
    if data_name not in (None, own):
        measures["warning"] = f"the model was trained on {own}; measures on {data_name} are not the run's own results"
    return measures
