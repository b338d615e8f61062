"""The experiments by name. Their modules are imported when they run, so listing them costs nothing.

A module `xdl/experiments/<name with _>.py` holds one experiment: a dataclass `Settings` and a function
`run(settings, run)`, see `Module`. Its line in the table below makes it known to the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from xdl.errors import SettingError, nearest

if TYPE_CHECKING:
    from xdl.experiments.run import Run


class Module(Protocol):
    """What the module of an experiment defines."""

    Settings: type[Any]

    def run(self, settings: Any, run: Run) -> dict[str, Any]:
        """Does the experiment, writes its files into run.folder, and returns its results for the summary."""


@dataclass(frozen=True)
class Experiment:
    """name: as on the command line; summary: one line; shows: checklist rows and book sections."""

    name: str
    summary: str
    shows: str

    def load(self) -> Module:
        """Imports the experiment's module."""
        return cast(Module, import_module(f"xdl.experiments.{self.name.replace('-', '_')}"))


TABLE = (
    Experiment(
        "softmax-regression",
        "One linear layer reads 8x8 digits; its weights are shown as images",
        "rows 3.21, 3.24, 3.30; hwdong 3.6.3, 3.6.5, 3.7.3; Xu Bin 2.7, 2.10",
    ),
    Experiment(
        "mlp",
        "A fully connected network of any depth reads 8x8 digits",
        "rows 4.21, 4.24, 4.26 to 4.28; hwdong 4.2.6, 4.3.6, 4.3.7; Xu Bin 3.7, 3.8",
    ),
    Experiment(
        "lenet",
        "LeNet-5, the classic convolutional network, reads digits enlarged to 28x28",
        "rows 6.20, 6.21; hwdong 6.5.1",
    ),
)
EXPERIMENTS = {experiment.name: experiment for experiment in TABLE}


def find(name: str) -> Experiment:
    """The experiment of that name. Raises SettingError, with the nearest name, if there is none."""
    if name not in EXPERIMENTS:
        raise SettingError("xdl run", "a known experiment", repr(name), nearest(name, EXPERIMENTS))
    return EXPERIMENTS[name]
