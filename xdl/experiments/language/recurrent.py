"""A recurrent network that names the next character: training, measures, texts and figures for every cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import plot
from xdl.errors import SettingError, expect
from xdl.experiments.language.baselines import rungs
from xdl.experiments.language.char_model import CharModel, parameters
from xdl.experiments.language.generation import surprise
from xdl.experiments.language.generator import Generator
from xdl.experiments.language.letters import Letters, keep_vocabulary, letters_of
from xdl.experiments.language.reports import (
    SHOWN,
    WritingSettings,
    draw_surprise,
    encoded_prefix,
    perplexity,
    show_ladder,
    write_texts,
)
from xdl.experiments.language.training import Trained, train
from xdl.experiments.language.units import Unit, best_units, hidden
from xdl.runs.run import Run
from xdl.runs.settings import setting

READ = 6_000  # held-out characters on which units are looked for


@dataclass(frozen=True)
class CharSettings(WritingSettings):
    """The network, its training, and the text that it writes in the end."""

    embedding: int = setting(64, "numbers that stand for a character; 0: one-hot vectors", low=0)
    hidden: int = setting(128, "hidden units of a layer", low=1)
    layers: int = setting(1, "recurrent layers, one on top of the other", low=1, high=8)
    dropout: float = setting(
        0.0, "share of the outputs between layers that is dropped in training; 0 with one layer", low=0, high=0.9
    )


def build(cell: str, settings: CharSettings, characters: int) -> CharModel:
    """The untrained network."""
    sizes = settings.embedding, settings.hidden, settings.layers
    return CharModel(cell, characters, *sizes, settings.dropout)


def task(cell: str) -> Generator:
    """What runs of that cell can be asked."""
    return Generator(lambda settings, characters: build(cell, settings, characters))


def run_char(settings: CharSettings, run: Run, cell: str) -> dict[str, Any]:
    """One training from the text to the figures.

    Raises DataError for a prefix with characters that are not known; SettingError for dropout with one layer;
    NonFiniteError for a training that went astray.
    """
    wanted = "0 with layers=1: it acts between layers"
    expect(settings.layers > 1 or not settings.dropout, SettingError, "dropout", wanted, settings.dropout)
    letters = letters_of(run, settings.characters)
    prefix = encoded_prefix(letters, settings)
    keep_vocabulary(run, letters.vocabulary)
    run.reseed()
    untrained = build(cell, settings, len(letters)).eval()
    run.reseed()
    model = build(cell, settings, len(letters))
    run.say(f"{letters.text.description}\nmodel: {cell}, {parameters(model)} parameters, {len(letters)} characters")
    trained = train(run, model, letters, settings)
    run.event("evaluate", {"test_nats": trained.nats})

    mine = f"{cell}, {settings.hidden} units"
    ladder = {**rungs(letters), f"{mine}, untrained": _untrained_nats(untrained, letters), mine: trained.nats}
    table = show_ladder(run, ladder, mine)
    _draw_curve(run, trained, ladder, mine)
    draw_surprise(run, letters, model, mine)
    units = _draw_units(run, letters, model, untrained)
    return {
        "test_nats": trained.nats,
        "test_perplexity": perplexity(trained.nats),
        "test_samples": len(letters.test),
        "parameters": parameters(model),
        "training_seconds": round(trained.seconds(settings.batch_size)[-1], 1),
        "models": table,
        "units": units,
        "written": write_texts(run, letters, settings, model, prefix),
    }


def _untrained_nats(model: CharModel, letters: Letters) -> float:
    found = surprise(model, letters.test[:READ])[1:]
    return sum(found) / len(found)


def _draw_curve(run: Run, trained: Trained, ladder: dict[str, float], mine: str) -> None:
    steps = trained.steps
    lines: dict[str, Any] = {
        f"{mine}, held-out": plot.Line(steps, trained.curve),
        f"{mine}, training windows": plot.Line(steps, [record["train_loss"] for record in trained.history]),
    }
    for name, nats in ladder.items():
        if name.startswith("k-gram"):
            lines[name] = plot.Line([0, steps[-1]], [nats, nats], look="dashed")
    title = f"{run.about['experiment']} on {run.about['data']}: nats per character while it learns"
    run.figure("curve", plot.lines_data({"": lines}, title, "step"), "training windows: mean over the steps before")


def _draw_units(run: Run, letters: Letters, model: CharModel, untrained: CharModel) -> list[dict[str, Any]]:
    """The units that go best with what a reader knows, beside the best of the untrained network; draws one of them."""
    text = letters.text.test[:READ]
    tokens = letters.vocabulary.encode(text)
    values = hidden(model, tokens)
    trained, before = best_units(values, text), best_units(hidden(untrained, tokens), text)
    pairs = list(zip(trained, before, strict=True))
    rows = [[t.meaning, t.number, round(t.correlation, 2), round(b.correlation, 2)] for t, b in pairs]
    run.say("units chosen on the first half of a held-out passage, correlation on the second half:")
    table = run.table(["what", "unit", "correlation", "best unit of the untrained network"], rows)

    def gain(pair: tuple[Unit, Unit]) -> float:
        return abs(pair[0].correlation) - abs(pair[1].correlation)

    best, other = max(pairs, key=gain)
    see = run.see(
        f'unit {best.number} goes with "{best.meaning}": correlation {best.correlation:.2f}; the best unit of the '
        f"untrained network {other.correlation:.2f}"
    )
    title = f"{run.about['experiment']} on {run.about['data']}: unit {best.number}, {best.meaning}"
    shown = values[:SHOWN, best.number].tolist()
    figure = plot.coloured_text_data([text[:SHOWN]], [shown], title, value="what the unit says", diverging=True)
    run.figure("unit", figure, see)
    return table
