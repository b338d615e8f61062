"""Augmentation: every kind of it on one picture, what it wins with few images, and where it does harm (hwdong 5.1.1).

A change that leaves the class alone makes new training images of old ones; a change that does not, teaches wrong
labels. Whether a flip is the one or the other depends on the data: a shoe may look to the left or to the right, a
mirrored 2 is no 2, and half a turn makes a 6 of a 9. What a change wins depends on the test images, too: where they are
centred and of one size, as the 8x8 digits, nothing is won by shifts, until the test images are shifted as well. Every
training has the same number of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from statistics import fmean
from typing import Any

import xdl
from xdl import nn, optim, plot
from xdl.data import DataLoader, LabelledImages, RandomSampler, TensorDataset, augment
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.images import EVALUATION_BATCH, chosen, images_of
from xdl.experiments.shared.picture import coloured_photograph
from xdl.models import MLP
from xdl.plot import Line
from xdl.random import Stream, initial_seed, permutation
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import Trainer, accuracy

QUICK = {"samples": (100, 1000), "seeds": 1, "steps": 150}
PRESETS = {"mnist": {"seeds": 3}, "fashion-mnist": {"seeds": 3}}
SIDE = 96  # pixels of the picture of the gallery
HEADINGS = ("images", "augmentation", "test accuracy", "less none's", "moved images", "less none's, moved")
GALLERY: tuple[tuple[str, augment.Transform], ...] = (
    ("RandomHorizontalFlip(1)", augment.RandomHorizontalFlip(1.0)),
    ("RandomVerticalFlip(1)", augment.RandomVerticalFlip(1.0)),
    ("RandomCrop(96, padding=24)", augment.RandomCrop(SIDE, padding=24)),
    ("RandomAffine(degrees=30)", augment.RandomAffine(30)),
    ("RandomAffine(scale=(1.3, 1.6))", augment.RandomAffine(scale=(1.3, 1.6))),
    ("RandomAffine(shear=30)", augment.RandomAffine(shear=30)),
    ("RandomWarp(5)", augment.RandomWarp(5.0)),
    ("RandomErasing(32, value=0.5)", augment.RandomErasing(32, value=0.5)),
    ("Brightness(0.4)", augment.Brightness(0.4)),
    ("Contrast(0.9)", augment.Contrast(0.9)),
    ("Gamma(2)", augment.Gamma(2.0)),
    ("LogExposure(20)", augment.LogExposure(20.0)),
    ("Invert(1)", augment.Invert(1.0)),
    ("Grayscale(1)", augment.Grayscale(1.0)),
    ("GaussianNoise(0.15)", augment.GaussianNoise(0.15)),
    ("GaussianBlur((2, 2))", augment.GaussianBlur((2.0, 2.0))),
)
MOVED = (10.0, (0.08, 0.08), (0.9, 1.1))  # degrees, shift, scale
Found = dict[
    int, dict[str, list[list[float]]]
]  # {images: {way: by seed the accuracy on test images, and on moved ones}}
NONE, MIRRORED, HALF_TURN = "none", "mirrored", "half a turn"


@dataclass(frozen=True)
class Settings:
    """A network with one hidden layer, trained on few images and on more."""

    samples: tuple[int, ...] = setting((100, 300, 1000), "numbers of training images", low=10)
    steps: int = setting(300, "steps of each training", low=1)
    batch_size: int = setting(50, "images in a step", low=1)
    hidden: int = setting(200, "units of the hidden layer", low=1)
    lr: float = setting(0.002, "learning rate of Adam", above=0)
    seeds: int = setting(5, "trainings of each kind, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The gallery, accuracy by number of images and augmentation, and what changed images are taken for."""
    data = images_of(run)
    gallery(run)
    found, plain = _train_all(settings, run, data)
    rows = []
    for n, by_way in found.items():
        for way, accuracies in by_way.items():
            means = [(_mean(accuracies, part), _mean(accuracies, part) - _mean(by_way[NONE], part)) for part in (0, 1)]
            rows.append((n, way, *(round(value, 4) for pair in means for value in pair)))
    table = run.table(HEADINGS, rows)
    _draw_gain(run, data, found, settings)
    return {"data_description": data.description, "trainings": table, "mistaken": harm(run, data, plain)}


def ways(shape: Sequence[int]) -> dict[str, augment.Transform | None]:
    """The augmentations that are compared, for images of (C, H, W)."""
    moved = augment.RandomAffine(*MOVED)
    return {
        NONE: None,
        "shift, rotate, scale": moved,
        "the same, warp, cover": augment.Compose(
            [moved, augment.RandomWarp(shape[1] / 40), augment.RandomErasing(max(1, shape[1] // 4))]
        ),
        MIRRORED: augment.RandomHorizontalFlip(),
        HALF_TURN: augment.RandomApply(half_turn(), 0.5),
    }


def half_turn() -> augment.Transform:
    """Turns every image by 180 degrees."""
    return augment.Compose([augment.RandomHorizontalFlip(1.0), augment.RandomVerticalFlip(1.0)])


def gallery(run: Run) -> None:
    """figures/gallery: the drawn picture under every augmentation, with what it was called with."""
    run.reseed()
    picture = coloured_photograph(SIDE, 0.02).unsqueeze(0).numpy()
    images, titles = [picture[0]], ["the picture"]
    for number, (name, transform) in enumerate(GALLERY):
        images.append(transform(picture, Stream(run.about["seed"], f"gallery {number}"))[0])
        titles.append(name)
    colours = xdl.stack([xdl.tensor(image).permute(1, 2, 0).clamp(0, 1) for image in images]).numpy()
    run.figure("gallery", plot.gallery_data(colours, titles, 6, "one draw of every augmentation", size=2.1))


def _train_all(settings: Settings, run: Run, data: LabelledImages) -> tuple[Found, nn.Module]:
    """The test accuracies, and a network of the most images that saw no augmentation."""
    images, labels = data.test.arrays
    moved = augment.RandomAffine(*MOVED)(images, Stream(run.about["seed"], "moved test images"))
    tests = [DataLoader(TensorDataset(x, labels), EVALUATION_BATCH) for x in (images, moved)]
    found: Found = {n: {} for n in sorted(settings.samples)}
    plain: list[nn.Module] = []
    for n, by_way in found.items():
        for name, transform in ways(data.image_shape).items():
            trainers = []
            for repeat in range(settings.seeds):
                run.reseed(repeat)
                trainers.append(_train(settings, some_of(data, n), transform))
            by_way[name] = [[trainer.evaluate(part)["accuracy"] for part in tests] for trainer in trainers]
            plain += [trainers[0].model] if name == NONE else []
            run.say(
                f"{n} images, {name}: test accuracy {_mean(by_way[name], 0):.4f}, moved {_mean(by_way[name], 1):.4f}"
            )
    return found, plain[-1]


def some_of(data: LabelledImages, n: int) -> LabelledImages:
    """The set with n training images, drawn by the seed; all of them where they are not so many."""
    drawn = permutation(len(data.train), Stream(initial_seed(), "few images"))[:n]
    return replace(data, train=chosen(data, drawn))


def _train(settings: Settings, data: LabelledImages, transform: augment.Transform | None) -> Trainer:
    """A network after all steps, whose batches are drawn from the images again and again."""
    model = MLP((prod(data.image_shape), settings.hidden, len(data.class_names)), nn.ReLU)
    optimizer = optim.Adam(model.parameters(), settings.lr)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy})
    drawn = RandomSampler(data.train, replacement=True, num_samples=settings.steps * settings.batch_size)
    trainer.fit(DataLoader(data.train, settings.batch_size, sampler=drawn, transform=transform))
    return trainer


def _mean(accuracies: list[list[float]], part: int) -> float:
    return fmean(one[part] for one in accuracies)


def _draw_gain(run: Run, data: LabelledImages, found: Found, settings: Settings) -> None:
    """Says what is won and lost, and draws figures/gain."""
    many, moved = max(found), list(found[min(found)])[1]

    def more(n: int, one: str, other: str, part: int = 0) -> list[bool]:
        return [a[part] > b[part] for a, b in zip(found[n][one], found[n][other], strict=True)]

    seen = [
        claim(run, f"with {n} images, to {moved} them raises the accuracy on the test images", more(n, moved, NONE))
        for n in found
    ]
    seen += [
        claim(run, f"with {n} images, it raises the accuracy on moved test images", more(n, moved, NONE, 1))
        for n in found
    ]
    seen += [
        claim(run, f"with {many} images, to {change} in the training lowers the accuracy", more(many, NONE, way))
        for way, change in ((MIRRORED, "mirror half of them"), (HALF_TURN, "turn half of them round"))
    ]
    numbers = list(found)
    panels = {
        title: {
            way: Line.of_seeds(numbers, [[found[n][way][k][part] for n in numbers] for k in range(settings.seeds)])
            for way in ways(data.image_shape)
        }
        for part, title in enumerate(("test images as they are", "test images moved by chance"))
    }
    about = f"{run.about['experiment']} on {data.name}, {settings.steps} steps"
    title = f"{about}: test accuracy, {in_words(settings.seeds)}"
    drawn = plot.lines_data(panels, title, "training images", x_log=True, share=True, one_legend=True)
    run.figure("gain", drawn, "\n".join(seen))


def harm(run: Run, data: LabelledImages, model: nn.Module) -> list[dict[str, Any]]:
    """What a network that has never seen changed images takes those for that it knows unchanged; figures/harm."""
    images, labels = data.test.arrays
    truth = xdl.tensor(labels)
    known = _classes(model, images) == truth
    rows, pictures, titles = [], [], []
    for change, transform in ((MIRRORED, augment.RandomHorizontalFlip(1.0)), (HALF_TURN, half_turn())):
        changed = transform(images, Stream(0, change))
        guessed = _classes(model, changed)
        for k, name in enumerate(data.class_names):
            chosen = known.logical_and(truth == k)
            taken = guessed[chosen].bincount(minlength=len(data.class_names))
            most, all_of_them = int(taken.argmax()), max(1, int(taken.sum()))
            share = float(taken[most]) / all_of_them
            rows.append(
                (change, name, round(float(taken[k]) / all_of_them, 3), data.class_names[most], round(share, 3))
            )
            if most != k:
                first = int(chosen.logical_and(guessed == most).to("int64").argmax())
                pictures += [xdl.tensor(images[first, 0]), xdl.tensor(changed[first, 0])]
                titles += [name, f"{change}: {data.class_names[most]} ({share:.0%})"]
    table = run.table(("change", "class", "still right", "most often taken for", "share"), rows)
    worst = sorted(rows, key=lambda row: (row[2], -row[4]))[:3]
    see = run.see(
        "of the test images that the network knows stay right: "
        + "; ".join(
            f"{right:.0%} of {name}, {change} ({share:.0%} become {other})"
            for change, name, right, other, share in worst
        )
    )
    if pictures:
        images_drawn = xdl.stack(pictures).numpy()
        title = f"{run.about['experiment']} on {data.name}: changes that change the class"
        run.figure("harm", plot.gallery_data(images_drawn, titles, 6, title), see)
    return table


def _classes(model: nn.Module, images: Any) -> Tensor:
    """The most probable class of each image (N,)."""
    with xdl.no_grad():
        scores: Tensor = model(xdl.tensor(images))
    return scores.argmax(1)
