"""What power failures and full disks leave of a run's files, and what can be known all the same."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

from xdl.errors import CheckpointError, SettingError
from xdl.io.reading import read_lines, read_object
from xdl.train import Checkpoints, EventStream, load_state, read_events
from xdl.train.callbacks.lines import record_of

ENDS = ("end", "failed", "interrupted")
ASTRAY = ("NonFiniteError", "AnomalyError", "CollapseError")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises SettingError for a file that holds none."""
    try:
        return read_object(path)
    except (OSError, ValueError) as error:
        raise SettingError(str(path), "a JSON file that xdl has written", error) from error


def whole_lines(path: Path) -> int:
    """How many records a file of lines begins with: what follows was cut, or zeroed, when the power failed."""
    whole = (line.endswith(b"\n") and record_of(line) is not None for line in read_lines(path))
    return sum(1 for _ in takewhile(bool, whole))


def about_in_checkpoints(folder: Path, fits: Callable[[Any], bool]) -> dict[str, Any] | None:
    """What the checkpoints of a run say that its run.json said; None where there are none, or none that says so.

    Those of its parts are looked at too, but not those of runs inside it, as of several seeds.
    """
    parts = [folder, *(part for part in sorted(folder.glob("*")) if part.is_dir() and not (part / "run.json").exists())]
    for path in (part / name for part in parts for name in (Checkpoints.last, Checkpoints.best)):
        try:
            about = load_state(path).get("about")
        except (CheckpointError, AttributeError):
            continue
        if fits(about):
            return dict(about)
    return None


def astray(folder: Path) -> str:
    """The error of a run that nan, infinity, a divergence or a collapse has ended, in words; empty for any other."""
    events = [event for event in read_events(folder / EventStream.name) if event["phase"] in ENDS]
    last = events[-1] if events else {}
    return str(last.get("error", "")) if last.get("kind") in ASTRAY else ""
