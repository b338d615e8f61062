"""One trial: an ordinary run in a folder of its own, whose result Optuna is told, or why there is none."""

from __future__ import annotations

import io
from collections.abc import Mapping
from math import inf
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from xdl.errors import CollapseError, NonFiniteError, SettingError, nearest
from xdl.io.files import storing
from xdl.io.run_folder import RunFolder
from xdl.runs.resume import resume
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun, read_run
from xdl.runs.start import Plan, RunRequest, checked
from xdl.runs.statistics import numbers
from xdl.runs.tuning.journal import require
from xdl.runs.tuning.search import Search
from xdl.train import EventStream

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import Trial

FOLDER = "trials"
NOT_DRAWN = "figures are not drawn in a search: xdl plot FOLDER/figures/*.safetensors draws them"
HOPELESS = 3  # trials that are refused, and none that is not, after which no more are tried


class MeasureError(SettingError):
    """A measure that no run of the experiment has."""


class PrunedError(Exception):
    """A run that its search ends early, since others were better after as many epochs."""


class Watched(EventStream):
    """The events of a trial's run. Optuna hears the measure after each epoch, and may end the run by PrunedError.

    epochs: after the last one there is nothing to save, so the run is left to end
    """

    def __init__(self, path: Path, trial: Trial, measure: str, epochs: float) -> None:
        super().__init__(path)
        self.trial, self.measure, self.epochs = trial, measure, epochs

    def write(
        self, phase: str, measures: Mapping[str, float] | None = None, step: int | None = None, **more: Any
    ) -> None:
        """Adds an event. Of a run of several trainings none is heard: they are parts of one result."""
        super().write(phase, measures, step, **more)
        if phase == "validation" and measures and self.measure in measures and not more.get("part"):
            self.trial.report(measures[self.measure], int(measures["epoch"]))
            if measures["epoch"] < self.epochs and self.trial.should_prune():
                raise PrunedError(f"pruned after epoch {measures['epoch']:g}")


def perform(study: Study, trial: Trial, search: Search, folder: Path, data_dir: Path | None) -> None:
    """Runs a trial, and tells the study how it ended:

    finished  a number: COMPLETE
    diverged  nan, infinity, a divergence or a collapse in the run, or None as its result: COMPLETE with infinity, the
              worst there is, so that the sampler learns to stay away (a nan would be FAIL, of which it learns nothing)
    pruned    ended early by the pruner: PRUNED, with its last value
    refused   settings that do not go together, or need more memory than there is: FAIL

    Raises SettingError for a measure that the run does not have, and where nothing but refused trials come. All else
    that ends a run ends the search, and the trial is put back.
    """
    states = require().trial.TrialState
    started, worst = perf_counter(), inf if search.mode == "min" else -inf
    ended, value, state, wrong = "finished", None, None, None
    try:
        value = value_of(_finished(trial, search, folder, data_dir), search.measure)
        if value is None:
            ended, value = f"diverged: {search.measure} is none", worst
    except PrunedError as error:
        ended, state = str(error), states.PRUNED
    except (CollapseError, NonFiniteError) as error:
        ended, value = f"diverged: {error}", worst
    except (SettingError, MemoryError) as error:
        ended, state, wrong = f"refused: {error}", states.FAIL, error
    trial.set_user_attr("end", {"how": ended[:2000], "seconds": round(perf_counter() - started, 3)})
    study.tell(trial, value, state)
    if wrong is not None:
        found = [one for one in study.get_trials(deepcopy=False) if "end" in one.user_attrs]
        if isinstance(wrong, MeasureError) or (len(found) >= HOPELESS and all(t.state == states.FAIL for t in found)):
            raise wrong


def value_of(run: SavedRun, measure: str) -> float | None:
    """A result of a finished run by its name in `numbers`, or of its last epoch; None where the run says None.

    Raises MeasureError, with what it has, for a result that it does not have.
    """
    summary = run.summary()
    found = numbers(summary)
    history = run.history()
    if measure in found or summary.get(measure, "") is None:
        return found.get(measure)
    if history and measure in history[-1]:
        return history[-1][measure]
    known = [name for name, value in summary.items() if name in found or value is None]
    raise MeasureError(
        "xdl tune --measure", f"a result of {run.experiment.name}", repr(measure), nearest(measure, known)
    )


def _finished(trial: Trial, search: Search, folder: Path, data_dir: Path | None) -> SavedRun:
    """Does the run of a trial, to its end: a new one, or that of a trial that was put back, which goes on."""
    path = folder / FOLDER / trial.user_attrs["at"]["folder"]
    if (path / "run.json").is_file():
        saved = read_run(path)
        if saved.whole:
            return saved
        plan = resume(saved, RunRequest({}, data_dir=data_dir), stream=io.StringIO())
    else:
        with storing(path):
            path.parent.mkdir(exist_ok=True)
        experiment, settings, about = checked(search.experiment, search.request(trial.params, data_dir))
        home = RunFolder.at(path)
        home.write_json("run.json", about)
        plan = Plan(experiment, settings, Run(home, io.StringIO(), about, data_dir))
    plan.run.draws = False
    plan.run.notes.append(NOT_DRAWN)
    if search.pruner != "none":
        epochs = getattr(plan.settings, "epochs", inf)
        plan.run.events = Watched(plan.run.events.path, trial, search.measure, epochs)
    plan.perform()
    return read_run(path)
