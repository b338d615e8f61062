"""Generators of images: training one beside a scorer, and all that is told and drawn of what it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import xdl
from xdl import nn, optim, plot
from xdl.creation import arange, tensor
from xdl.data import DataLoader, LabelledImages, TensorDataset
from xdl.errors import SettingError, expect
from xdl.experiments.adversarial.images.checkerboard import checkerboard
from xdl.experiments.adversarial.recipe import OBJECTIVES, falling_rates
from xdl.experiments.shared.claims import counted
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.shared.generated.frames import frames_of, save_frames
from xdl.experiments.shared.generated.keeping import keeps_the_good
from xdl.experiments.shared.generated.mosaics import mosaic
from xdl.experiments.shared.generated.scorer import Scorer, score_table, scorer_of
from xdl.experiments.shared.images import images_of
from xdl.functional import cat
from xdl.models.adversarial import spectral
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad
from xdl.train import Adversarial, Collapse, Divergence, Loop, Record, SampleFrames, SampleMeasures
from xdl.train.metrics.samples import nearest

COLUMNS = 10  # of a grid of samples: a class each, where labels are given
SHOWN = COLUMNS * COLUMNS  # samples of a frame
NOISE = 1000  # added to the seed: that of the fixed noise
HELD = 0.5  # of the entropy of even classes: a generator that had it, and falls below, has collapsed
GOOD = 0.5  # of noise's Frechet distance, below which samples have something to lose: noise too may seem many-sided


@dataclass(frozen=True)
class PictureSettings:
    """A generator and a critic of images, and Adam for each."""

    epochs: int = setting(60, "passes over the training images", low=1)
    batch_size: int = setting(64, "real images in a batch, and as many made ones", low=2)
    noise: int = setting(64, "normal numbers that an image is made of", low=1)
    objective: str = setting("non-saturating", "what the two minimize", choices=tuple(OBJECTIVES))
    lr: float = setting(0.0005, "learning rate of Adam, for both", above=0)
    beta1: float = setting(0.5, "Adam's share of the last mean gradient", low=0, high=0.999)
    decay: float = setting(0.0, "share of the steps, the last ones, in which the rates fall to 0", low=0, high=1)
    critic_steps: int = setting(1, "steps of the critic for one of the generator", low=1, high=100)
    smoothing: float = setting(0.0, "how far the target of real images lies below 1", low=0, high=0.49)
    spectral: bool = setting(False, "spectral normalization in the critic")
    clip: float = setting(0.0, "limit of the critic's weights; 0: none", low=0)
    penalty: float = setting(0.0, "factor of the gradient penalty; 0: none", low=0)
    labels: bool = setting(False, "both networks are given the labels")
    scorer_epochs: int = setting(0, "of the classifier that scores samples; 0: 20, or 4 of a large set", low=0)

    def __post_init__(self) -> None:
        if self.clip and self.penalty:
            raise SettingError("--set clip", "0 where there is a penalty", self.clip)


Build = Callable[
    [Any, tuple[int, ...], int], nn.Module
]  # (settings, image shape, classes or 0) -> an untrained network


@dataclass(frozen=True)
class Kind:
    """A pair of networks by what makes them: `Build`s; classes are 0 where no labels are given."""

    generator: Build
    critic: Build

    def task(self, settings: Any, shape: tuple[int, ...], classes: int) -> Adversarial:
        """The pair, with new weights."""
        given = classes if settings.labels else 0
        generator, critic = self.generator(settings, shape, given), self.critic(settings, shape, given)
        critic = spectral(critic) if settings.spectral else critic
        first, second = (
            optim.Adam(one.parameters(), settings.lr, (settings.beta1, 0.999)) for one in (generator, critic)
        )
        objective = OBJECTIVES[settings.objective](settings.smoothing)
        limits: dict[str, Any] = {"clip": settings.clip or None, "penalty": settings.penalty}
        return Adversarial(generator, critic, first, second, (settings.noise,), objective, **limits)


@dataclass(frozen=True)
class Scale:
    """Between the pixels of a data set, standardized, from low to high, and those of generators, from -1 to 1."""

    low: float
    high: float

    def to_unit(self, pixels: Any) -> Any:
        """From -1 to 1."""
        return 2 * (pixels - self.low) / (self.high - self.low) - 1

    def from_unit(self, images: Tensor) -> Tensor:
        """From low to high."""
        return self.low + (images + 1) * ((self.high - self.low) / 2)


class PictureLook:
    """Measures the images that a generator makes of noise that stays the same, by a scorer."""

    def __init__(self, scorer: Scorer, scale: Scale, settings: Any, seed: int) -> None:
        self.scorer, self.scale = scorer, scale
        with xdl.random.own_streams(seed + NOISE):
            self.noise = xdl.randn(max(scorer.count, SHOWN), settings.noise)
        self.labels = arange(len(self.noise)) % scorer.num_classes if settings.labels else None

    def images(self, task: Adversarial, count: int | None = None) -> Tensor:
        """Images (count, C, H, W) from -1 to 1."""
        conditions = [] if self.labels is None else [self.labels[:count]]
        made: Tensor = task.generator(self.noise[:count], *conditions)
        return made

    def standardized(self, task: Adversarial) -> Tensor:
        """As many images as the scorer compares, as the data set has them."""
        return self.scale.from_unit(self.images(task, self.scorer.count))

    def __call__(self, task: Adversarial) -> dict[str, float]:
        """The measures by name; with labels also "obeyed", the share whose label the scorer sees."""
        made = self.standardized(task)
        found = self.scorer.scores(made).measures()
        if self.labels is not None:
            wanted = self.labels[: self.scorer.count]
            found["obeyed"] = float((self.scorer.labels(made) == wanted).to("float32").mean().item())
        return found


def train_pictures(run: Run, settings: Any, kind: Kind, size: int | None = None) -> dict[str, Any]:
    """Trains a pair on the run's images, scores it, draws, saves the generator; returns the results for the summary."""
    data = images_of(run, size)
    expected = f"at most the {len(data.train)} training images"
    expect(settings.batch_size <= len(data.train), SettingError, "--set batch_size", expected, settings.batch_size)
    scorer = scorer_of(run, data, settings.scorer_epochs or None)
    pixels, labels = data.train.arrays
    scale = Scale(float(pixels.min()), float(pixels.max()))
    run.reseed()
    task = kind.task(settings, data.image_shape, len(data.class_names))
    look = PictureLook(scorer, scale, settings, run.about["seed"])
    frames = frames_of(lambda task: look.images(task, SHOWN), settings.epochs)
    far = GOOD * scorer.ceiling.frechet
    collapse = Collapse("samples_entropy", HELD * scorer.even, good=lambda record: record["samples_frechet"] < far)
    watching = [SampleMeasures(look), collapse, Divergence(), frames]
    given = (scale.to_unit(pixels), labels) if settings.labels else (scale.to_unit(pixels),)
    batches = DataLoader(TensorDataset(*given), settings.batch_size, shuffle=True, drop_last=True)
    task.eval()
    with no_grad():
        first = scorer.scores(look.standardized(task))
    steps = settings.epochs * -(-len(batches) // settings.critic_steps)
    watching += falling_rates(task, settings.decay, steps) if settings.decay else []
    loop = Loop(task, [*watching, *watchers(run, best=None)], 20, accumulate=settings.critic_steps)
    with keeps_the_good(run, loop, task.generator):
        history = fit(run, loop, batches, epochs=settings.epochs)
    run.folder.save_model(task.generator, run.identity)
    save_frames(run, frames)

    task.eval()
    with no_grad():
        made = look.standardized(task)
        found = scorer.scores(made)
    rows = {"untrained generator": first, "generator": found, "real images": scorer.floor, "noise": scorer.ceiling}
    table = score_table(run, rows)
    seconds = sum(record["seconds"] for record in history)
    see = run.see(
        f"after {counted(len(history), 'epoch')} ({seconds:.0f} s) {found.classes} of {len(found.shares)} classes have "
        f"4 % of the samples or more, whose confidence is {found.confidence:.3f}, their Frechet distance "
        f"{found.frechet:.2f}: real images have {scorer.floor.frechet:.2f}, the untrained "
        f"generator's {first.frechet:.1f}"
    )
    draw_frames(run, frames, see)
    draw_history(run, history, scorer, see)
    copied = draw_nearest(run, data, made)
    boards = {"made": checkerboard(made), "real": checkerboard(tensor(data.test.arrays[0][: scorer.count]))}
    run.say(f"share of the variance with a period of two pixels: {boards['made']:.2%} made, {boards['real']:.2%} real")
    return {
        **{f"samples_{name}": value for name, value in look(task).items()},
        "least_share": min(found.shares),
        "class_shares": found.shares,
        "frechet_untrained": first.frechet,
        "frechet_real": scorer.floor.frechet,
        "frechet_noise": scorer.ceiling.frechet,
        "scorer_accuracy": scorer.test_accuracy,
        "checkerboard": boards,
        "nearest": copied,
        "training_seconds": round(seconds, 1),
        "images": table,
        "history": {"gap": [r["train_gap"] for r in history], "frechet": [r["samples_frechet"] for r in history]},
    }


def draw_frames(run: Run, frames: SampleFrames, see: str, shown: int = 4) -> None:
    """Writes figures/training: grids of what the generator makes of the same noise, at several steps."""
    last = len(frames.steps) - 1
    picked = sorted({round(last * (i / (shown - 1)) ** 2) for i in range(shown)})
    grids = [mosaic((tensor(frames.samples[i]) + 1) / 2, COLUMNS, gap=1) for i in picked]
    titles = [f"step {frames.steps[i]}" for i in picked]
    title = f"{run.about['experiment']} on {run.about['data']}: what the generator makes of the same noise"
    greys = xdl.stack(grids)[..., None].expand(-1, -1, -1, 3)  # colours keep black and white the same in all grids
    run.figure("training", plot.gallery_data(greys.numpy(), titles, 2, title, size=4.5), see)


def draw_history(run: Run, history: Sequence[Record], scorer: Scorer, see: str) -> None:
    """Writes figures/measures: losses, Frechet distance, class entropy and confidence by step."""
    steps = [record["step"] for record in history]
    panels: dict[str, dict[str, Any]] = {
        "losses": {
            name: plot.Line(steps, [record[f"train_{name}_loss"] for record in history])
            for name in ("critic", "generator")
        }
    }
    real = scorer.floor.measures()
    for name, words in {
        "frechet": "Frechet distance to real images",
        "entropy": "entropy of the classes, in nats",
        "confidence": "confidence of the scorer",
    }.items():
        level = plot.Line([steps[0], steps[-1]], [real[name]] * 2, look="dashed", colour=7)
        panels[words] = {"samples": plot.Line(steps, [r[f"samples_{name}"] for r in history]), "real images": level}
    title = f"{run.about['experiment']} on {run.about['data']}: losses, and the quality of samples"
    run.figure("measures", plot.lines_data(panels, title, "step of the generator", columns=2), see)


def draw_nearest(run: Run, data: LabelledImages, made: Tensor) -> dict[str, float]:
    """Writes figures/nearest: samples, each above the training image that is nearest to it; says if any are copies."""
    known, test = data.train.arrays[0], data.test.arrays[0]
    count = min(len(made), len(test), 200)
    numbers, distances = nearest(made[:count], known)
    _, usual = nearest(test[:count], known)
    ratio = median(distances) / median(usual)
    copies = sum(distance < 0.25 * median(usual) for distance in distances) / count
    see = run.see(
        f"samples are {ratio:.2f} times as far from the nearest training image as test images are; "
        f"{copies:.0%} of them are so near (a quarter) that they may be copies"
    )
    pictures = [made[i].mean(0) for i in range(COLUMNS)]
    pictures += [tensor(known[numbers[i]]).mean(0) for i in range(COLUMNS)]
    titles = ["made"] * COLUMNS + ["nearest"] * COLUMNS
    title = f"{run.about['experiment']} on {run.about['data']}: samples, and the training images nearest to them"
    run.figure("nearest", plot.gallery_data(cat([p[None] for p in pictures]).numpy(), titles, COLUMNS, title), see)
    return {"distance_ratio": ratio, "copies": copies}
