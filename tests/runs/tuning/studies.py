"""Studies of the experiment `line-fit`, small enough for tests: what several of them need."""

import io
from pathlib import Path

from tests.runs.line_fit import NAME
from xdl.runs.tuning.journal import study_of
from xdl.runs.tuning.search import opened
from xdl.runs.tuning.tune import do_trials, report

LR = {"lr": "log(1e-3, 0.3)"}


def begin(out, name="s", ranges=None, **asked):
    """(folder, search) of a study, new or joined."""
    given = {"epochs": "2"} | (LR if ranges is None else ranges) if ranges != {} else {}
    return opened(Path(out), NAME, name, {"set": given, **asked})


def trials(out, count, **asked):
    """(study, folder, search, what was printed) after so many trials."""
    folder, search = begin(out, **asked)
    stream = io.StringIO()
    do_trials(search, folder, count, None, stream)
    return study_of(folder, search), folder, search, stream.getvalue()


def ended(folder, search, retrain=2):
    """What the report says, and what it printed."""
    stream = io.StringIO()
    return report(search, folder, retrain, None, stream), stream.getvalue()
