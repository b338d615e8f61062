"""A causal transformer that names the next character, beside an LSTM by seconds (Radford et al. 2018; hwdong 7.11).

The matrices of its layers learn by Muon, all else by Adam; `--set muon_lr=0` leaves everything to Adam.
`--data tinyshakespeare --set size=full`: a million weights, 800 steps, five minutes of two cores, and then the LSTM.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from xdl import plot
from xdl.experiments.language.baselines import rungs
from xdl.experiments.language.char_model import CharModel, parameters
from xdl.experiments.language.generator import Generator
from xdl.experiments.language.gpt_model import TinyGPT
from xdl.experiments.language.letters import keep_vocabulary, letters_of
from xdl.experiments.language.reports import (
    WritingSettings,
    draw_surprise,
    encoded_prefix,
    perplexity,
    show_ladder,
    write_texts,
)
from xdl.experiments.language.training import SCHEDULES, Trained, after_seconds, equal_seconds, interpolated, train
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK = {"epochs": 1, "steps": 20, "lstm_steps": 20, "length": 60}


class Size(NamedTuple):
    """Of the transformer, and the steps of an epoch, of which there are ten, for it and for the LSTM."""

    width: int
    layers: int
    heads: int
    steps: int
    lstm_steps: int


SIZES = {"small": Size(80, 2, 4, 40, 50), "full": Size(200, 2, 4, 80, 200)}


@dataclass(frozen=True)
class Settings(WritingSettings):
    """`window` is the context, too: what the transformer sees at most."""

    window: int = setting(64, "characters of a window", low=2)
    size: str = setting("small", "small: 170,000 weights; full: a million, minutes", choices=tuple(SIZES))
    epochs: int = setting(10, "how often so many steps are done, and the held-out text measured", low=1)
    steps: int = setting(0, "steps of each epoch; 0: 40 for small, 80 for full", low=0)
    lr: float = setting(0.005, "learning rate of Adam", above=0)
    muon_lr: float = setting(0.03, "learning rate of Muon for the layers' matrices; 0: Adam for them, too", low=0)
    lstm_steps: int = setting(0, "steps of each of the LSTM's epochs; 0: 50 for small, 200 for full", low=0)
    clip: float = setting(1.0, "largest norm of a gradient; a longer one is shortened", above=0)
    schedule: str = setting("one-cycle", "of the rate: constant; cosine; one-cycle, up first", choices=SCHEDULES)
    dropout: float = setting(0.0, "share of the numbers that is dropped in training", low=0, high=0.9)
    lstm_hidden: int = setting(128, "units of the LSTM beside it", low=1, high=4096)


def build(settings: Settings, characters: int) -> TinyGPT:
    """The untrained transformer."""
    size = SIZES[settings.size]
    return TinyGPT(characters, size.width, size.layers, size.heads, settings.window, settings.dropout)


TASK = Generator(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains the transformer, then the LSTM, and compares them by seconds of training."""
    letters = letters_of(run, settings.characters)
    prefix = encoded_prefix(letters, settings)
    keep_vocabulary(run, letters.vocabulary)
    size = SIZES[settings.size]
    run.reseed()
    model = build(settings, len(letters))
    run.say(f"{letters.text.description}\nmodel: {parameters(model)} parameters, a context of {settings.window}")
    steps = settings.steps or size.steps
    trained = train(run, model, letters, replace(settings, steps=steps))
    run.event("evaluate", {"test_nats": trained.nats})

    run.reseed()
    lr, muon_lr = (0.01, 0.02) if settings.muon_lr else (0.005, 0.0)
    lstm = CharModel("LSTM", len(letters), 64, settings.lstm_hidden)
    other = train(
        run,
        lstm,
        letters,
        replace(settings, steps=settings.lstm_steps or size.lstm_steps, clip=5.0, lr=lr, muon_lr=muon_lr),
        watched=False,
    )
    names = f"transformer, {parameters(model):,} weights", f"LSTM, {parameters(lstm):,} weights"
    ladder = {**rungs(letters), names[0]: trained.nats, names[1]: other.nats}
    table = show_ladder(run, ladder, names[0])
    after = _draw_race(run, settings, dict(zip(names, (trained, other), strict=True)), ladder)
    draw_surprise(run, letters, model, names[0])
    return {
        "test_nats": trained.nats,
        "test_perplexity": perplexity(trained.nats),
        "test_samples": len(letters.test),
        "parameters": parameters(model),
        "training_seconds": round(trained.seconds(settings.batch_size)[-1], 1),
        "lstm_nats": other.nats,
        "after_equal_seconds": after,
        "models": table,
        "written": write_texts(run, letters, settings, model, prefix),
    }


def _draw_race(
    run: Run, settings: Settings, raced: dict[str, Trained], ladder: dict[str, float]
) -> dict[str, dict[str, float]]:
    """Nats by seconds of training; returns those of both where the faster one ends."""
    seconds = {name: trained.seconds(settings.batch_size) for name, trained in raced.items()}
    equal = equal_seconds(seconds.values())
    after = {name: interpolated(seconds[name], trained.curve, equal) for name, trained in raced.items()}
    first, second = sorted(after, key=lambda name: after[name])
    see = run.see(
        f"{after_seconds(seconds.values(), equal)} of training the {first} stands at {after[first]:.3f} nats, "
        f"the {second} at {after[second]:.3f}"
    )
    lines: dict[str, Any] = {name: plot.Line(seconds[name], trained.curve) for name, trained in raced.items()}
    end = max(passed[-1] for passed in seconds.values())
    for name, nats in ladder.items():
        if name.startswith("k-gram"):
            lines[name] = plot.Line([0, end], [nats, nats], look="dashed")
    title = f"tiny-gpt on {run.about['data']}: held-out nats per character by seconds"
    run.figure("race", plot.lines_data({"": lines}, title, "seconds of training on this machine"), see)
    return {"seconds": {"equal": equal}, "nats": after}
