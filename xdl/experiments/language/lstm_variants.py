"""Seven recurrent cells on one ladder: equal parameters, and equal seconds (hwdong 7.7.4; Greff et al. 2017).

For as many parameters the plain RNN has twice the units of the LSTM, and it learns from fewer steps: after 160 at a
rate of 0.005, or with the rate decaying by a cosine, it leads. What the gates are worth shows in longer trainings.
Which of the two leads after equal seconds depends on the machine: how soon a step of each is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.experiments.language.baselines import draw_ladder, rungs
from xdl.experiments.language.char_model import CELLS, CharModel, hidden_for, parameters
from xdl.experiments.language.letters import letters_of
from xdl.experiments.language.training import (
    Trained,
    TrainingSettings,
    after_seconds,
    equal_seconds,
    interpolated,
    train,
)
from xdl.experiments.shared.claims import claim
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK = {"epochs": 2, "steps": 10, "seeds": 1, "budget": 10_000, "characters": 50_000}
PRESETS = {
    "tinyshakespeare": {"epochs": 10, "steps": 100, "lr": 0.005, "budget": 110_000, "embedding": 64, "window": 64}
}


@dataclass(frozen=True)
class Settings(TrainingSettings):
    """Small networks, so that seven cells and three seeds take little time."""

    steps: int = setting(48, "steps of each epoch; few of them favour the plain RNN, which has more units", low=1)
    window: int = setting(50, "characters of a window", low=1)
    lr: float = setting(0.02, "learning rate of Adam", above=0)
    embedding: int = setting(32, "numbers that stand for a character", low=1)
    budget: int = setting(30_000, "parameters of every network: each cell gets the units that come nearest", low=5_000)
    seeds: int = setting(3, "trainings of each cell, one a seed", low=1)


@dataclass
class Compared:
    """The trainings of a cell, one a seed. seconds: (epochs,) of training until each measurement, the mean of seeds."""

    cell: str
    hidden: int
    parameters: int
    trained: list[Trained]
    seconds: list[float]

    @property
    def nats(self) -> list[float]:
        """Of every seed, in the end."""
        return [one.nats for one in self.trained]

    def after(self, seconds: float) -> list[float]:
        """Nats of every seed after so many seconds: the line between two measurements; before the first, its value."""
        return [interpolated(self.seconds, one.curve, seconds) for one in self.trained]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains every cell from every seed, and compares them after equal steps and after equal seconds."""
    letters = letters_of(run, settings.characters)
    compared = []
    for cell in CELLS:
        hidden = hidden_for(cell, len(letters), settings.embedding, settings.budget)
        trained = []
        for repeat in range(settings.seeds):
            run.reseed(repeat)
            model = CharModel(cell, len(letters), settings.embedding, hidden)
            trained.append(train(run, model, letters, settings, watched=False))
        each = [one.seconds(settings.batch_size) for one in trained]
        seconds = [fmean(passed) for passed in zip(*each, strict=True)]
        compared.append(Compared(cell, hidden, parameters(model), trained, seconds))
        run.say(f"{cell}: {hidden} units, {fmean(compared[-1].nats):.3f} nats, {seconds[-1]:.1f} s a training")

    equal = equal_seconds(one.seconds for one in compared)
    rows = [
        [
            one.cell,
            one.hidden,
            one.parameters,
            round(fmean(one.nats), 3),
            f"{min(one.nats):.3f} to {max(one.nats):.3f}",
            round(fmean(one.after(equal)), 3),
            round(1000 * one.seconds[-1] / one.trained[0].steps[-1], 1),
        ]
        for one in sorted(compared, key=lambda one: fmean(one.nats))
    ]
    after = f"nats {after_seconds((one.seconds for one in compared), equal)}"
    headings = ["cell", "units", "parameters", "nats", "range of seeds", after, "ms a step"]
    table = run.table(headings, rows)
    see = _claims(run, compared, equal)
    counted = rungs(letters)
    _draw(run, compared, counted, equal, see)
    return {
        "cells": table,
        "nats": {one.cell: fmean(one.nats) for one in compared},
        "nats_after_equal_seconds": {one.cell: fmean(one.after(equal)) for one in compared},
        "equal_seconds": equal,
        "best_nats": min(fmean(one.nats) for one in compared),
        "counted": counted,
    }


def _claims(run: Run, compared: list[Compared], equal: float) -> str:
    """What is said of the cells, each with the seeds in which it holds."""
    cells = {one.cell: one for one in compared}

    def held(better: str, worse: str, seconds: float | None = None) -> list[bool]:
        a, b = (cells[c].nats if seconds is None else cells[c].after(seconds) for c in (better, worse))
        return [x < y for x, y in zip(a, b, strict=True)]

    gates = claim(run, "with equal parameters and steps the GRU is ahead of the plain RNN", held("GRU", "RNN"))
    memory = claim(run, "with equal parameters and steps the LSTM is ahead of the plain RNN", held("LSTM", "RNN"))
    first, other = sorted(("RNN", "LSTM"), key=lambda cell: fmean(cells[cell].after(equal)))
    fast = claim(run, f"after equal seconds ({equal:.1f}) the {first} leads the {other}", held(first, other, equal))
    variants = [one for one in compared if one.cell.startswith("LSTM")]
    best = min(variants, key=lambda one: fmean(one.nats))
    if best.cell != "LSTM":
        claim(
            run, f"the best form of the LSTM is that with {best.cell.removeprefix('LSTM, ')}", held(best.cell, "LSTM")
        )
    return f"{gates}\n{memory}\n{fast}"


def _draw(run: Run, compared: list[Compared], counted: dict[str, float], equal: float, see: str) -> None:
    """Nats by steps and by seconds, with the range of seeds, and the ladder of all."""
    first, second = "equal parameters: by steps", f"the same by seconds of training (line: {equal:.1f} s)"
    panels: dict[str, dict[str, Any]] = {first: {}, second: {}}
    for one in compared:
        values = [trained.curve for trained in one.trained]
        panels[first][one.cell] = plot.Line.of_seeds(one.trained[0].steps, values)
        panels[second][one.cell] = plot.Line.of_seeds(one.seconds, values)
    seen = [nats for one in compared for trained in one.trained for nats in trained.curve]
    panels[second]["equal"] = plot.Line([equal, equal], [min(seen), max(seen)], look="faint")
    title = f"lstm-variants on {run.about['data']}: held-out nats per character, mean and range of seeds"
    run.figure(
        "cells", plot.lines_data(panels, title, ["steps", "seconds of training on this machine"], share=True), see
    )
    draw_ladder(run, {**counted, **{one.cell: fmean(one.nats) for one in compared}}, "equal parameters and steps")
