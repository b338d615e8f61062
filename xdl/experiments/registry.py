"""The experiments by name. Their modules are imported when they run, so listing them costs nothing.

A module `xdl/experiments/<name with _>.py` holds one experiment: a dataclass `Settings` and a function
`run(settings, run)`, see `Module`. Its entry in `catalogue.py` makes it known to the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from os.path import isdir
from typing import TYPE_CHECKING, Any, Protocol, cast

from xdl.errors import SettingError, nearest
from xdl.experiments.catalogue import ELSEWHERE, TABLE

if TYPE_CHECKING:
    from xdl.experiments.run import Run


class Module(Protocol):
    """What the module of an experiment defines.

    A classifier of images has more: `build(settings, image_shape, classes)`, its untrained model, which `xdl eval`
    and `xdl predict` need, and SIZE where it takes images of one size only. PRESETS, where there are any, are the
    defaults for other data sets than the first: {"mnist": {"epochs": 5}}.
    """

    Settings: type[Any]

    def run(self, settings: Any, run: Run) -> dict[str, Any]:
        """Does the experiment, writes its files into run.folder, and returns its results for the summary."""


@dataclass(frozen=True)
class Experiment:
    """name: as on the command line; summary: one line; rows: of the checklist; books: sections; data: sets it takes."""

    name: str
    summary: str
    rows: tuple[str, ...]
    books: str
    data: tuple[str, ...]

    @property
    def shows(self) -> str:
        """The rows and the books in one line."""
        return f"rows {', '.join(self.rows)}; {self.books}"

    def load(self) -> Module:
        """Imports the experiment's module."""
        return cast(Module, import_module(f"xdl.experiments.{self.name.replace('-', '_')}"))


EXPERIMENTS = {
    name: Experiment(name, summary, tuple(rows.split()), books, data) for name, summary, rows, books, data in TABLE
}


def find(name: str) -> Experiment:
    """The experiment of that name. Raises SettingError, with the nearest name or the way to go on, if there is none."""
    if name not in EXPERIMENTS:
        hint = "--resume goes on with the run in a folder" if isdir(name) else nearest(name, EXPERIMENTS)
        raise SettingError("experiment", "a name that xdl list shows", repr(name), hint)
    return EXPERIMENTS[name]


def rows_shown() -> dict[str, str]:
    """{row of the checklist: where it runs: a command, or a file}, in the checklist's order."""
    shown: dict[str, list[str]] = {row: [where] for row, where in ELSEWHERE.items()}
    for experiment in EXPERIMENTS.values():
        for row in experiment.rows:
            shown.setdefault(row, []).append(f"xdl run {experiment.name}")
    in_order = sorted(shown, key=lambda row: [int(part) for part in row.split(".")])
    return {row: "; ".join(shown[row]) for row in in_order}
