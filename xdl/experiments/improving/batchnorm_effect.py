"""Batch norm inside a deep network: activations, saturation and gradients by layer (徐彬 6.1, 6.2, 6.4; hwdong 5.3).

Sigmoids are flat at both ends: a unit whose pre-activation drifts there passes almost no gradient on. And a sigmoid's
slope is 1/4 at most, so that gradients fade from layer to layer even where no unit is saturated. Ioffe and Szegedy
(2015) call the drift of each layer's inputs during training the internal covariate shift, and ascribe batch norm's
success to its reduction. That is disputed: Santurkar, Tsipras, Ilyas, Madry (2018) bring the shift back by noise after
each batch norm, see it train as fast, and find that batch norm makes loss and gradients change less along a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from statistics import fmean
from typing import Any

from xdl import nn, plot
from xdl.data import LabelledImages
from xdl.experiments.improving.layer_watch import ACTIVATIONS, LayerWatch
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.classify import ClassifierSettings, Trained, train
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.experiments.shared.images import images_of, part_of
from xdl.experiments.shared.versus import folder_of
from xdl.runs.run import Run
from xdl.runs.settings import setting

TITLES = {
    "saturated": "share of saturated units",
    "std": "std of the activations",
    "mean": "mean of the activations",
    "gradient": "norm of the weights' gradient",
}
HEADINGS = (
    "training",
    "saturated at the start",
    "and at the end",
    "first layer's gradient over the last's",
    "gap",
    "test accuracy",
    "accuracy from",
    "accuracy to",
)
WITHOUT, WITH = "without batch norm", "with batch norm"
LOGARITHMIC = ("gradient",)  # these measures differ by decades

PRESETS = {"mnist": {"epochs": 2, "batch_size": 128, "seeds": 3}}
QUICK = {"epochs": 3, "seeds": 2}


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """Five hidden layers, deep enough for the gradient to fade."""

    epochs: int = setting(10, "passes over the training images", low=1)
    activation: str = setting("sigmoid", "a function that saturates", choices=tuple(ACTIVATIONS))
    layers: int = setting(5, "hidden layers", low=2, high=100)
    width: int = setting(100, "units of a hidden layer", low=1)
    scale: float = setting(1.0, "factor on the initial weights: large ones, as 4, saturate the units", above=0)
    batch_norm: bool = setting(True, "normalize the pre-activations, in the second of the two kinds")
    seeds: int = setting(5, "trainings of each kind, one a seed", low=1)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Sequential:
    """Linear, batch norm or nothing, activation; as many times as there are layers, then a linear layer."""
    activation = ACTIVATIONS[settings.activation][0]
    modules: list[nn.Module] = [nn.Flatten()]
    features = prod(shape)
    for _ in range(settings.layers):
        linear = nn.Linear(features, settings.width)
        limit = settings.scale / features**0.5
        nn.init.uniform_(linear.weight, -limit, limit)
        modules += [linear, *([nn.BatchNorm1d(settings.width)] if settings.batch_norm else []), activation()]
        features = settings.width
    return nn.Sequential(*modules, nn.Linear(features, classes))


TASK = ImageClassifier(build)


@dataclass(frozen=True)
class Watched:
    """One training and what was seen of its layers."""

    trained: Trained
    watch: LayerWatch

    @property
    def accuracy(self) -> float:
        """On the test images."""
        return self.trained.measures["test_accuracy"]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains without and with batch norm from the same seeds, and looks at the layers after every epoch."""
    data = images_of(run)
    kinds = {WITHOUT: replace(settings, batch_norm=False), WITH: settings}
    found: dict[str, list[Watched]] = {name: [] for name in kinds}
    for repeat in range(settings.seeds):
        for name, chosen in kinds.items():
            run.say(f"\n{name}, seed {run.about['seed'] + repeat}")
            found[name].append(_train(run.part(folder_of(name, repeat)), data, chosen, repeat))
    last = found[WITH][0].trained
    run.folder.save_model(last.model, run.identity)
    table = run.table(HEADINGS, [_row(name, several) for name, several in found.items()])
    draw(run, found, _tell(run, found))
    return {"data_description": last.data.description, "trainings": table, **last.results}


def _train(run: Run, data: LabelledImages, settings: Settings, repeat: int) -> Watched:
    run.reseed(repeat)
    data = part_of(data, settings.samples, settings.label_noise)
    model = build(settings, data.image_shape, len(data.class_names))
    watch = LayerWatch(model, data, settings.activation)
    return Watched(train(run, model, data, settings, (watch,)), watch)


def _row(name: str, several: Sequence[Watched]) -> tuple[Any, ...]:
    watches, accuracies = [one.watch for one in several], [one.accuracy for one in several]
    saturated = (fmean(watch.mean("saturated", epoch) for watch in watches) for epoch in (0, -1))
    ratio, gap = fmean(watch.ratio for watch in watches), fmean(one.trained.gap for one in several)
    return name, *saturated, ratio, gap, fmean(accuracies), min(accuracies), max(accuracies)


def _tell(run: Run, found: Mapping[str, Sequence[Watched]]) -> dict[str, str]:
    """What there is to see, by figure."""
    pairs = [*zip(found[WITHOUT], found[WITH], strict=True)]
    ratios = [fmean(one.watch.ratio for one in found[name]) for name in (WITHOUT, WITH)]
    accuracies = [fmean(one.accuracy for one in found[name]) for name in (WITHOUT, WITH)]
    gradient = [
        run.see(
            f"before training the first layer's gradient is {ratios[0]:.2g} of the last hidden layer's {WITHOUT}, "
            f"{ratios[1]:.2g} {WITH}"
        ),
        claim(run, f"{WITH} that share is nearer to 1", [b.watch.nearness > a.watch.nearness for a, b in pairs]),
        claim(
            run,
            f"{WITH} the test accuracy is higher: {accuracies[1]:.3f} against {accuracies[0]:.3f}",
            [b.accuracy > a.accuracy for a, b in pairs],
        ),
    ]
    fewer = [b.watch.mean("saturated", -1) < a.watch.mean("saturated", -1) for a, b in pairs]
    saturated = claim(run, f"{WITH} fewer units are saturated at the end", fewer)
    steadier = [b.watch.wandering < a.watch.wandering for a, b in pairs]
    mean = claim(run, f"{WITH} the layers' mean activations move less from epoch to epoch", steadier)
    return {"gradient": "\n".join(gradient), "saturated": saturated, "mean": mean}


def draw(run: Run, found: Mapping[str, Sequence[Watched]], seen: Mapping[str, str]) -> None:
    """Writes a figure for each measure: a panel a kind of training, a curve a layer, mean and range of the seeds."""
    layers = range(len(found[WITH][0].watch.epochs[0]))
    epochs = range(min(len(one.watch.epochs) for several in found.values() for one in several))
    for what, measure in TITLES.items():
        panels = {
            name: {
                f"layer {i + 1}": plot.Line.of_seeds(
                    epochs, [one.watch.curve(what, i)[: len(epochs)] for one in several]
                )
                for i in layers
            }
            for name, several in found.items()
        }
        title = f"{run.about['experiment']} on {run.about['data']}: {measure}, {in_words(len(found[WITH]))}"
        log = what in LOGARITHMIC
        run.figure(what, plot.lines_data(panels, title, "epoch", log=log, share=True), seen.get(what, ""))
