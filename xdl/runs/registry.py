"""The experiments by name. Their modules are imported when they run, so listing them costs nothing.

`xdl/experiments` has a folder for each part of the books, and each folder a `table.py` with TABLE, one entry an
experiment, and ELSEWHERE, the rows of the checklist that are shown by something else. A module
`<folder>/<name with _>.py` holds one experiment: a dataclass `Settings` and a function `run(settings, run)`, see
`Module`. The tables are found by name at run time: this package knows no experiment.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from os.path import isdir
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, cast

from xdl.errors import SettingError, nearest

if TYPE_CHECKING:
    from xdl.runs.run import Run


PACKAGE = "xdl.experiments"


class Module(Protocol):
    """What the module of an experiment defines.

    QUICK are the settings of `xdl run --quick`, a run of at most 10 seconds on the first data set: {"epochs": 1}.
    PRESETS, where there are any, are the defaults for other data sets than the first: {"mnist": {"epochs": 5}}.
    TASK, where the runs leave a model, is what they can be asked, see `task.RunTask`.
    """

    Settings: type[Any]
    QUICK: dict[str, Any]

    def run(self, settings: Any, run: Run) -> dict[str, Any]:
        """Does the experiment, writes its files into run.folder, and returns its results for the summary."""


@dataclass(frozen=True)
class Experiment:
    """name: as on the command line; summary: one line; rows: of the checklist; books: sections; data: sets it takes;
    part: the folder that it lies in."""

    name: str
    summary: str
    rows: tuple[str, ...]
    books: str
    data: tuple[str, ...]
    part: str

    @property
    def shows(self) -> str:
        """The rows and the books in one line."""
        return f"rows {', '.join(self.rows)}; {self.books}"

    def check_data(self, named: str, command: str) -> None:
        """Raises SettingError for a data set that it does not take. command: where it was named."""
        if named not in self.data:
            own = f"Leave --data out: {self.name} makes its own data"
            hint = nearest(named, self.data) if self.data else own
            raise SettingError(f"{command} --data", "a data set that it takes", repr(named), hint)

    def load(self) -> Module:
        """Imports the experiment's module."""
        return cast(Module, import_module(f"{PACKAGE}.{self.part}.{self.name.replace('-', '_')}"))


def _tables() -> dict[str, Any]:
    """{part: its table}, for every folder of experiments that has one."""
    folders = [found.name for found in iter_modules(import_module(PACKAGE).__path__) if found.ispkg]
    named = [f"{PACKAGE}.{part}.table" for part in folders]
    return {part: import_module(name) for part, name in zip(folders, named, strict=True) if find_spec(name)}


TABLES = _tables()
EXPERIMENTS = {
    name: Experiment(name, summary, tuple(rows.split()), books, data, part)
    for part, table in TABLES.items()
    for name, summary, rows, books, data in table.TABLE
}


def find(name: str) -> Experiment:
    """The experiment of that name. Raises SettingError, with the nearest name or the way to go on, if there is none."""
    if name not in EXPERIMENTS:
        hint = "--resume goes on with the run in a folder" if isdir(name) else nearest(name, EXPERIMENTS)
        raise SettingError("experiment", "a name that xdl list shows", repr(name), hint)
    return EXPERIMENTS[name]


def parts() -> dict[str, list[Experiment]]:
    """{title of a part of the books: its experiments}, in the books' order."""
    found: dict[str, list[Experiment]] = {}
    for part, table in TABLES.items():
        title = (table.__doc__ or part).partition(": the table")[0]
        found[title] = [experiment for experiment in EXPERIMENTS.values() if experiment.part == part]
    return dict(sorted(found.items(), key=lambda one: _chapter(one[1])))


def _chapter(experiments: list[Experiment]) -> int:
    """The part of the checklist that most of the experiments' rows are in."""
    numbers = [int(row.partition(".")[0]) for experiment in experiments for row in experiment.rows]
    return max(set(numbers), key=numbers.count, default=0)


def rows_shown() -> dict[str, str]:
    """{row of the checklist: where it runs: a command, or a file}, in the checklist's order."""
    shown = {row: [where] for table in TABLES.values() for row, where in table.ELSEWHERE.items()}
    for experiment in EXPERIMENTS.values():
        for row in experiment.rows:
            shown.setdefault(row, []).append(f"xdl run {experiment.name}")
    in_order = sorted(shown, key=lambda row: [int(part) for part in row.split(".")])
    return {row: "; ".join(shown[row]) for row in in_order}
