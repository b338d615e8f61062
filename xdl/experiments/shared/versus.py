"""Training the same network with and without something, over several seeds, to see what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from xdl import nn, plot
from xdl.data import LabelledImages
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.classify import ClassifierSettings, Trained, train
from xdl.experiments.shared.figures import draw_results
from xdl.experiments.shared.image_classifier import Build
from xdl.experiments.shared.images import part_of
from xdl.runs.run import Run
from xdl.tensor import Tensor

HEADINGS = (
    "training",
    "epochs",
    "train loss",
    "validation loss",
    "gap",
    "gap from",
    "gap to",
    "validation accuracy",
    "test accuracy",
    "accuracy from",
    "accuracy to",
)
LOOKS = (("line", "dashed"), ("dots", "circles"))  # of validation and training; the second of one epoch alone
LOOK_WORDS = {"line": "solid", "dots": "filled", "dashed": "dashed", "circles": "open"}

ONLY_IN_TRAINING: dict[str, tuple[type[nn.Module], ...]] = {
    "dropout": (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout),
    "batch statistics": (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d),
}

Claims = Mapping[str, Callable[..., bool]]  # sentence -> whether it holds for the trainings of one seed, in their order


@dataclass(frozen=True)
class Variant:
    """One of the trainings. penalty: makes, for the model, what is added to the loss of each step."""

    settings: ClassifierSettings
    build: Build
    penalty: Callable[[nn.Module], Callable[[], Tensor]] | None = None


@dataclass(frozen=True)
class Seed:
    """What was trained from one seed, by the name of the variant."""

    number: int
    trained: Mapping[str, Trained]


def train_variants(
    run: Run,
    data: LabelledImages,
    variants: Mapping[str, Variant],
    seeds: int,
    claims: Claims,
    draw: Callable[[Run, Sequence[Seed], str], None] | None = None,
) -> dict[str, Any]:
    """Trains each variant from each seed, in a folder of its own; the last one of the first seed is the run's model.

    data:   all of it; samples and label_noise of a variant's settings are drawn from it with each seed
    claims: what the trainings are there to show, said with the number of seeds in which it holds
    draw:   writes the figure `comparison`, given what is to be seen; `draw_comparison` without it

    Shows a table of means over the seeds, with the range of the gap between validation and training loss and of the
    test accuracy, and draws the results of the run's model in its variant's folder. Returns the results for the
    summary: those of the run's model, the table, and under "by_seed" what each training came to.
    """
    found = [_train_seed(run, data, variants, repeat) for repeat in range(seeds)]
    name, last = list(found[0].trained.items())[-1]
    run.folder.save_model(last.model, run.identity)
    draw_results(run.part(folder_of(name)), last.history, last.data, last.logits, last.model, last.epoch)
    table = run.table(HEADINGS, [_row(name, [seed.trained[name] for seed in found]) for name in variants])
    seen = [claim(run, said, [holds(*seed.trained.values()) for seed in found]) for said, holds in claims.items()]
    (draw or draw_comparison)(run, found, "\n".join(seen))
    by_seed = [
        {"seed": seed.number, "training": name, "epochs": len(one.history), "gap": one.gap, **one.measures}
        for seed in found
        for name, one in seed.trained.items()
    ]
    return {"data_description": last.data.description, "trainings": table, "by_seed": by_seed, **last.results}


def folder_of(name: str, repeat: int = 0) -> str:
    """The folder of a variant's training inside the run's."""
    return name.replace(" ", "-") + (f"-again-{repeat}" if repeat else "")


def _train_seed(run: Run, data: LabelledImages, variants: Mapping[str, Variant], repeat: int) -> Seed:
    trained: dict[str, Trained] = {}
    number = run.about["seed"] + repeat
    for name, variant in variants.items():
        run.say(f"\n{name}, seed {number}")
        run.reseed(repeat)
        part = part_of(data, variant.settings.samples, variant.settings.label_noise)
        model = variant.build(variant.settings, part.image_shape, len(part.class_names))
        penalty = variant.penalty(model) if variant.penalty else None
        trained[name] = train(run.part(folder_of(name, repeat)), model, part, variant.settings, penalty=penalty)
    return Seed(number, trained)


def _row(name: str, several: Sequence[Trained]) -> tuple[Any, ...]:
    gaps = [one.gap for one in several]
    accuracies = [one.measures["test_accuracy"] for one in several]
    epochs = fmean(len(one.history) for one in several)
    losses = (fmean(one.measures[f"{part}_loss"] for one in several) for part in ("train", "validation"))
    validation = fmean(one.measures["validation_accuracy"] for one in several)
    spread = [(fmean(values), min(values), max(values)) for values in (gaps, accuracies)]
    return name, epochs, *losses, *spread[0], validation, *spread[1]


def draw_comparison(run: Run, seeds: Sequence[Seed], seen: str) -> None:
    """Writes figures/comparison: loss and accuracy by epoch, mean and range of the seeds, one colour a variant.

    Where trainings end in different epochs, a curve goes as far as all seeds do.
    """
    several = any(len(one.history) > 1 for seed in seeds for one in seed.trained.values())
    looks = LOOKS[0 if several else 1]
    panels: dict[str, dict[str, plot.Line]] = {"loss": {}, "accuracy": {}}
    for measure, curves in panels.items():
        for number, name in enumerate(seeds[0].trained):
            histories = [seed.trained[name].history for seed in seeds]
            epochs = range(1, min(map(len, histories)) + 1)
            for part, look in zip(("validation", "train"), looks, strict=True):
                values = [[record[f"{part}_{measure}"] for record in history[: len(epochs)]] for history in histories]
                label = name if part == "validation" else f"{name}, training"
                curves[label] = replace(plot.Line.of_seeds(epochs, values, look), colour=number)
    data = next(iter(seeds[0].trained.values())).data
    title = f"{run.about['experiment']} on {data.name}, {in_words(len(seeds))}"
    run.figure("comparison", plot.lines_data(panels, title, "epoch"), f"{_measured(looks, seeds)}\n{seen}")


def _measured(looks: tuple[str, str], seeds: Sequence[Seed]) -> str:
    """What the looks stand for, and what is on while the training loss is measured, of what the networks have."""
    modules = [module for one in seeds[0].trained.values() for module in one.model.modules()]
    on = [words for words, kinds in ONLY_IN_TRAINING.items() if any(isinstance(m, kinds) for m in modules)]
    validation, training = (LOOK_WORDS[look] for look in looks)
    what = f"{validation}: validation; {training}: training, measured while weights move"
    return what + (f", with {' and '.join(on)} on" if on else "")


def more_accurate(without: Trained, measured: Trained) -> bool:
    """Whether the second of two trainings does better on the test images."""
    return measured.measures["test_accuracy"] > without.measures["test_accuracy"]


def smaller_gap(without: Trained, measured: Trained) -> bool:
    """Whether the gap, validation loss less training loss, which may be below 0, is smaller in the second training."""
    return measured.gap < without.gap
