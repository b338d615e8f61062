"""Run: what an experiment gets to work with: its folder, its seed, its events, and where it writes for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

import xdl
from xdl.errors import XdlError
from xdl.plot import FigureData, draw, save_data
from xdl.printable import printable
from xdl.runs.text_table import aligned
from xdl.train import EventStream, RunFolder


@dataclass
class Run:
    """One run of an experiment.

    folder:   where its files go
    stream:   where lines for people go
    about:    what run.json says: experiment, settings, seed, data, ...
    data_dir: where files of data sets lie, before the places that `xdl data path` names
    resumed:  it goes on with what an earlier process left in the folder
    seen:     what it has said that there is to see
    name:     which of the run's trainings this is; empty for the run itself
    draws:    whether figures become PNGs; their data are written all the same
    events:   events.jsonl in the folder of the run itself, see `event`
    """

    folder: RunFolder
    stream: TextIO
    about: Mapping[str, Any]
    data_dir: Path | None = None
    resumed: bool = False
    notes: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    name: str = ""
    draws: bool = True
    events: EventStream = field(init=False)

    def __post_init__(self) -> None:
        self.events = EventStream(self.folder.path / EventStream.name)

    @property
    def identity(self) -> dict[str, Any]:
        """What its model file says about it: the same for two runs that are the same."""
        return {name: self.about[name] for name in ("experiment", "settings", "seed", "data")}

    @property
    def caption(self) -> str:
        """What stands below its figures: the experiment, its data, and which of its trainings it is."""
        return self.source + (f": {self.name}" if self.name else "")

    @property
    def source(self) -> str:
        """The experiment and, where it has any, its data."""
        data = f" on {self.about['data']}" if self.about.get("data") else ""
        return f"{self.about['experiment']}{data}"

    def event(self, phase: str, measures: Mapping[str, float] | None = None, **more: Any) -> None:
        """Adds an event to events.jsonl, see `EventStream`. The phases beside those of `Events`, a training's:

        start, resumed: a process begins to work on the run; figure: one is drawn, its name is in "figure";
        evaluate: measures after a training; seed: the run of another seed begins;
        end: the run is finished; failed, interrupted: it is not, "error" tells why, and "kind" the type of it
        """
        self.events.write(phase, measures, part=self.name, **more)

    def say(self, text: str) -> None:
        """Writes a line for people."""
        print(printable(text), file=self.stream, flush=True)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """Shows a table, and returns it for the summary: one dict a row."""
        self.say("\n" + aligned(headings, rows) + "\n")
        return [dict(zip(headings, row, strict=True)) for row in rows]

    def see(self, sentence: str) -> str:
        """Says what there is to see in the results, keeps it for the summary, and returns it for a figure."""
        self.say(f"what to see: {sentence}")
        self.seen.append(sentence)
        return sentence

    def figure(self, name: str, data: FigureData, see: str = "") -> None:
        """Writes the figure's data to figures/<name>.safetensors, and draws them to figures/<name>.png, with a caption.

        see: what there is to see in it, computed from the results; stands below the caption, which is left out where
             the title says the same

        Without matplotlib the data are written all the same, and it says, once, how to draw them later.
        """

        told = data.title.startswith(self.source) and self.name in data.title
        data = data.captioned(see if told else f"{self.caption}\n{see}".strip())

        def write(path: Path) -> None:
            save_data(data, path.with_suffix(".safetensors"))
            if self.draws:
                draw(data, path)

        try:
            self.folder.figure(name, write)
            self.event("figure", figure=name)
        except XdlError as error:
            if not isinstance(error.__cause__, ImportError):
                raise
            note = (
                f'figures are not drawn: matplotlib (the extra "plot") is missing. {error.hint}, '
                "and draw their data with xdl plot FOLDER/figures/*.safetensors"
            )
            if note not in self.notes:
                self.notes.append(note)
                self.say(note)

    def reseed(self, repeat: int = 0) -> None:
        """Starts all random streams anew, so that the parts of a run begin with equal weights and orders.

        repeat: which of several trainings of one kind begins: each has a seed of its own, the run's and those after it
        """
        xdl.manual_seed(self.about["seed"] + repeat)

    def part(self, name: str) -> Run:
        """The same run with a folder of its own inside: one of several trainings. The empty name is the run itself."""
        if not name:
            return self
        part = replace(self, folder=RunFolder.at(self.folder.path / name), name=name)
        part.events = self.events
        return part
