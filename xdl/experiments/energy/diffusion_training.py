"""The trainings of `diffusion-points`: a denoiser for each seed, and what its samplers make with few or many steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl import optim
from xdl.data import DataLoader, TensorDataset, load_images
from xdl.experiments.energy.diffusion_target import Pictures, Ring, Target
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.shared.generated.frames import frames_of, save_frames
from xdl.models.diffusion import Diffusion, TimeMLP, cosine_betas, linear_betas
from xdl.optim import lr_scheduler
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import Loop, Progress, Record, Schedule, Supervised

SCHEDULES: dict[str, Callable[[int], list[float]]] = {"cosine": cosine_betas, "linear": linear_betas}
SAMPLERS = {"DDPM": 1.0, "DDIM": 0.0}  # eta
SHOWN, FEW = 200, 10  # samples of a frame, by DDIM; their steps


@dataclass(frozen=True)
class Settings:
    """The noise, the denoiser, its training, and the samples."""

    modes: int = setting(8, "ring: places that points lie about", low=1, high=100)
    points: int = setting(4000, "ring: points to learn from", low=500)
    noise: str = setting("cosine", "how fast the data drown in noise", choices=tuple(SCHEDULES))
    times: int = setting(100, "steps of noise", low=10)
    hidden: int = setting(96, "units of the denoiser", low=1)
    blocks: int = setting(3, "residual blocks of the denoiser", low=1)
    steps: int = setting(2500, "steps of the optimizer", low=1)
    batch_size: int = setting(256, "samples in a step", low=1)
    lr: float = setting(0.003, "first rate of Adam; it falls to 0", above=0)
    sampling: tuple[int, ...] = setting((5, 10, 20, 50, 100), "numbers of steps to sample with", low=1)
    samples: int = setting(1000, "samples that are measured", low=100)
    seeds: int = setting(3, "trainings, one a seed", low=1)


class Denoising(Supervised):
    """The task of a `Diffusion`: batches are tuples with data (N, ...) first."""

    model: Diffusion

    def measure(self, batch: Any) -> dict[str, Any]:
        """The loss, at times and with noise that are drawn anew."""
        return {"loss": self.model.loss(batch[0])}


@dataclass(frozen=True)
class Trained:
    """One training, and the measures of its samples: {sampler: {number of steps: measures}}."""

    model: Diffusion
    history: list[Record]
    found: dict[str, dict[int, dict[str, float]]]


def target_of(settings: Settings, name: str, data_dir: Any) -> Target:
    """What a data set of that name asks for. Raises DataError where it is missing."""
    return Ring(settings.modes, settings.points) if name == "ring" else Pictures(load_images(name, data_dir=data_dir))


def build(settings: Settings, size: int) -> Diffusion:
    """The untrained model of vectors of that size, whose numbers lie between -1.2 and 1.2."""
    return Diffusion(TimeMLP(size, settings.hidden, settings.blocks), SCHEDULES[settings.noise](settings.times), 1.2)


def counts(settings: Settings) -> list[int]:
    """The numbers of steps that samples are drawn with, none more than there are times."""
    return sorted({min(count, settings.times) for count in settings.sampling})


def train(run: Run, settings: Settings, target: Target, repeat: int) -> Trained:
    """Trains in a folder of its own, or goes on with it, and measures samples."""
    run.reseed(repeat)
    seed = run.about["seed"] + repeat
    model = build(settings, target.size)
    optimizer = optim.Adam(model.parameters(), lr=settings.lr)
    part = run.part(f"seed-{seed}-again" if repeat else "training")
    falling = Schedule(lr_scheduler.PolynomialLR(optimizer, settings.steps), every="step")
    quiet = [callback for callback in watchers(part, best=None) if not isinstance(callback, Progress)]
    batches = DataLoader(TensorDataset(target.train(seed)), settings.batch_size, shuffle=True)
    frames = frames_of(lambda _: model.sample((SHOWN, target.size), FEW, 0.0), settings.steps // len(batches))
    loop = Loop(Denoising(model, model.loss, optimizer), [falling, *quiet, frames])
    history = fit(part, loop, batches, steps=settings.steps)
    save_frames(part, frames)
    run.say(f"seed {seed}: loss {history[0]['train_loss']:.3f} in the first pass, {history[-1]['train_loss']:.3f} last")
    real = target.held_out(seed)
    found = {
        name: {
            n: target.measures(drawn(run, model, (settings.samples, target.size), n, eta), real)
            for n in counts(settings)
        }
        for name, eta in SAMPLERS.items()
    }
    return Trained(model, history, found)


def drawn(run: Run, model: Diffusion, shape: tuple[int, int], steps: int, eta: float) -> Tensor:
    """Samples (N, D) by a model, from the same noise whatever the steps."""
    run.reseed()
    return model.sample(shape, steps, eta)
