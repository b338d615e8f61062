"""Generators of points and numbers: training one, and measuring what it makes of the same noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import xdl
from xdl.creation import tensor
from xdl.errors import CollapseError, NonFiniteError
from xdl.experiments.adversarial.recipe import Recipe, falling_rates, task_of
from xdl.experiments.adversarial.target import ModesOfPoints, Target
from xdl.experiments.shared.fit import fit
from xdl.experiments.shared.generated.frames import frames_of
from xdl.experiments.shared.generated.keeping import keeps_the_good
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad
from xdl.train import (
    Adversarial,
    Callback,
    Collapse,
    Events,
    Loop,
    Record,
    SampleFrames,
    SampleMeasures,
    WeightAverage,
)
from xdl.train.callbacks.collapse import PREFIX
from xdl.train.state import copied

STEPS = 100  # of the generator in an epoch, after which samples are measured
MADE = 2000  # samples that are measured
SHOWN = 400  # samples of a frame
GOOD = 0.25  # share of the samples near a mode, above which a generator has something to lose
NOISE, NEW = 1000, 2000  # added to a seed: those of the fixed noise, and of real points to compare with


class Look:
    """Measures what a generator makes of noise that stays the same."""

    def __init__(self, target: Target, noise: tuple[int, ...], seed: int) -> None:
        self.target = target
        self.compared = target.real(MADE, seed + NEW)
        with xdl.random.own_streams(seed + NOISE):
            self.noise = xdl.randn(MADE, *noise)

    def __call__(self, task: Adversarial) -> dict[str, float]:
        """The measures by name."""
        return self.of(task.generator(self.noise))

    def of(self, samples: Tensor) -> dict[str, float]:
        """The measures of samples, of a generator or real ones."""
        return self.target.measures(samples, self.compared)

    def frame(self, task: Adversarial) -> Tensor:
        """Points to draw."""
        points: Tensor = task.generator(self.noise[:SHOWN])
        return points


@dataclass
class Taught:
    """A training. history: its epochs; ended: why it ended before its time, or nothing; looked: its last measures."""

    task: Adversarial
    history: list[Record]
    look: Look
    frames: SampleFrames
    ended: str = ""

    @property
    def last(self) -> int:
        """The last step of an epoch that it came to."""
        return int(self.history[-1]["step"]) if self.history else 0

    def samples(self) -> Tensor:
        """What the trained generator makes of the fixed noise."""
        self.task.eval()
        with no_grad():
            made: Tensor = self.task.generator(self.look.noise)
        return made

    @property
    def looked(self) -> dict[str, float]:
        """The measures of the last epoch; of a training that has none, those of the untrained generator's samples."""
        return self.looked_at(self.last)

    def looked_at(self, step: int) -> dict[str, float]:
        """The measures after a step, the last of an epoch; after 0 steps those of the first frame."""
        records = [record for record in self.history if record["step"] == step]
        if not records:
            return self.look.of(tensor(self.frames.samples[self.frames.steps.index(step)]))
        return {name.removeprefix(PREFIX): value for name, value in records[0].items() if name.startswith(PREFIX)}


def batches_of(target: Target, recipe: Recipe, seed: int) -> Sequence[Tensor]:
    """The real points of an epoch; every epoch has the same ones."""
    count = STEPS * recipe.critic_steps
    points = tensor(target.real(count * recipe.batch_size, seed))
    return points.split(recipe.batch_size)


def holds_modes(target: ModesOfPoints) -> Collapse:
    """Ends a run whose generator loses half of the modes, once it had them and more than GOOD of its samples near."""
    return Collapse("samples_modes", len(target.centres) / 2, good=lambda record: record["samples_near"] > GOOD)


def teach(
    run: Run, recipe: Recipe, target: Target, steps: int, repeat: int, watching: Sequence[Callback] | None = None
) -> Taught:
    """Trains a pair from the run's seed + repeat.

    watching: callbacks of a training that may be resumed, and that ends the run where it goes astray; None: of one
              among many, which goes on, and whose end before its time is a result like another
    """
    seed = run.about["seed"] + repeat
    batches = batches_of(target, recipe, seed)
    run.reseed(repeat)
    task = task_of(recipe, xdl.cat(list(batches)))
    look = Look(target, task.noise, seed)
    epochs = ceil(steps / STEPS)
    frames = frames_of(look.frame, epochs)
    callbacks: list[Callback] = [SampleMeasures(look), frames]
    averages = [WeightAverage(task.generator, recipe.average)] if recipe.average else []
    callbacks += averages
    callbacks += falling_rates(task, recipe.decay, epochs * STEPS) if recipe.decay else []
    loop = Loop(task, [*callbacks, *(watching or [Events(run.events, "")])], STEPS, accumulate=recipe.critic_steps)
    if watching is not None:
        with keeps_the_good(run, loop, averages[0].averaged.module if averages else task.generator):
            return Taught(task, fit(run, loop, batches, epochs=epochs), look, frames)
    try:
        loop.fit(batches, epochs=epochs)
        ended = ""
    except (CollapseError, NonFiniteError) as error:
        ended = str(error)
    return Taught(task, copied(loop.history), look, frames, ended)
