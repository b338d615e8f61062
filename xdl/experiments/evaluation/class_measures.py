"""What accuracy hides: precision, recall, F1 and ROC of each class, where one class is rare (after 徐彬 2.2).

From two classes to many there are two ways: softmax regression learns all classes at once, one against the rest
(one-vs-rest) learns for each class whether an image is of it, and takes the class that is surest. Of one class only few
training images are kept. The accuracy stays high, since the class is rare, while most of its images are missed. Their
order by score is good all the same, which the ROC curve shows: the threshold is what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Any, NamedTuple

from xdl import functional, nn, optim
from xdl.creation import tensor
from xdl.data import DataLoader, LabelledImages
from xdl.errors import SettingError, expect
from xdl.experiments.evaluation.class_figures import draw_confusion, draw_curves
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.figures import title_of
from xdl.experiments.shared.images import EVALUATION_BATCH, chosen, images_of, part_of
from xdl.models import SoftmaxRegression
from xdl.random import Stream, initial_seed
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band, wilson_interval
from xdl.tensor import Tensor
from xdl.train import Trainer
from xdl.train.metrics import (
    average_of_classes,
    average_precision,
    class_measures,
    confusion_matrix,
    one_vs_rest_auc,
    roc_auc,
)

PRESETS = {"mnist": {"samples": 2000}, "fashion-mnist": {"samples": 2000}}
QUICK = {"seeds": 2}
SOFTMAX, WEIGHTED, RESTS = "softmax", "softmax, classes weighted", "one against the rest"
MORE = 10  # times as many images of the other classes, where precision is looked at again
HEADINGS = (
    "training",
    "accuracy",
    "as in training",
    "macro F1",
    "precision",
    "recall",
    "AUC",
    "AP",
    f"AP, {MORE}x rest",
)
CLASS_HEADINGS = ("class", "images", "precision", "95 % interval", "recall", "interval", "F1", "AUC")


@dataclass(frozen=True)
class Settings:
    """A linear layer; one class is rare in training."""

    rare: int = setting(8, "number of the class of which few training images are kept", low=0)
    kept: int = setting(5, "training images of the rare class", low=1)
    epochs: int = setting(15, "passes over the training images", low=1)
    samples: int = setting(0, "training images to use, before the class is made rare; 0: all", low=0)
    lr: float = setting(0.005, "learning rate of Adam", above=0)
    seeds: int = setting(5, "trainings of each kind, one a seed", low=1)


class Found(NamedTuple):
    """Of one training: probabilities (N, K) and predicted classes of the test images."""

    scores: list[list[float]]
    predicted: list[int]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Three kinds of training: a table of each kind, one of each class, the confusion matrix and the curves."""
    data = images_of(run)
    names, labels = data.class_names, data.test.arrays[1].tolist()
    expect(settings.rare < len(names), SettingError, "--set rare", f"a class below {len(names)}", settings.rare)
    found: dict[str, list[Found]] = {SOFTMAX: [], WEIGHTED: [], RESTS: []}
    for seed in range(settings.seeds):
        run.reseed(seed)
        thinned = _thinned(part_of(data, settings.samples), settings)
        for kind, several in found.items():
            run.reseed(seed)
            several.append(_trained(settings, thinned, kind))
    counts = [thinned.train.arrays[1].tolist().count(k) for k in range(len(names))]
    run.say(f"training images of each class: {', '.join(f'{n} {c}' for n, c in zip(names, counts, strict=True))}")
    each = {kind: [_measures(one, labels, settings.rare, counts) for one in several] for kind, several in found.items()}
    kinds = [(kind, *(round(_mean(several, i), 4) for i in range(len(several[0])))) for kind, several in each.items()]
    kinds_table = run.table(HEADINGS, kinds)
    first = found[SOFTMAX][0]
    classes = run.table(CLASS_HEADINGS, _of_classes(names, labels, first))
    see = _what_to_see(run, settings, names[settings.rare], each)
    title = f"{title_of(run, data)}, test images"
    draw_confusion(run, title, labels, first.predicted, names)
    of_rare = [label == settings.rare for label in labels]
    scores = {kind: [[row[settings.rare] for row in one.scores] for one in several] for kind, several in found.items()}
    draw_curves(run, f"{title}, {names[settings.rare]} against the rest", of_rare, scores, MORE, see)
    return {"data_description": data.description, "kinds": kinds_table, "classes": classes}


def _thinned(data: LabelledImages, settings: Settings) -> LabelledImages:
    """Of the rare class only some training images, drawn by the seed."""
    labels = data.train.arrays[1].tolist()
    order = Stream(initial_seed(), "rare class").permutation(len(labels)).tolist()
    rare = [i for i in order if labels[i] == settings.rare][: settings.kept]
    return replace(data, train=chosen(data, [i for i, label in enumerate(labels) if label != settings.rare] + rare))


def _trained(settings: Settings, data: LabelledImages, kind: str) -> Found:
    classes = len(data.class_names)
    model = SoftmaxRegression(prod(data.image_shape), classes)
    loss = _loss(kind, data.train.arrays[1].tolist(), classes)
    trainer = Trainer(model, loss, optim.Adam(model.parameters(), lr=settings.lr))
    trainer.fit(DataLoader(data.train, 32, shuffle=True), epochs=settings.epochs)
    logits = trainer.predict(DataLoader(data.test, EVALUATION_BATCH))
    scores = logits.sigmoid() if kind == RESTS else logits.softmax(1)
    return Found(scores.tolist(), logits.argmax(1).tolist())


def _loss(kind: str, labels: list[int], classes: int) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss of a kind of training. Weighted: each class counts as if all had the same number of images."""
    if kind == RESTS:
        return lambda logits, target: (
            classes
            * functional.binary_cross_entropy_with_logits(logits, functional.one_hot(target, classes).to(logits.dtype))
        )
    if kind == WEIGHTED:
        weights = [len(labels) / (classes * max(labels.count(k), 1)) for k in range(classes)]
        return nn.CrossEntropyLoss(weight=tensor(weights))
    return nn.CrossEntropyLoss()


def _measures(found: Found, labels: list[int], rare: int, counts: list[int]) -> tuple[float, ...]:
    """One number for each of the HEADINGS after the first; a measure that is not defined counts as 0."""
    matrix = confusion_matrix(labels, found.predicted, len(counts))
    classes = class_measures(matrix)
    in_training = sum(n * (c.recall or 0.0) for n, c in zip(counts, classes, strict=True)) / sum(counts)
    target, scores = [label == rare for label in labels], [row[rare] for row in found.scores]
    others = [score for score, yes in zip(scores, target, strict=True) if not yes]
    more = average_precision(target + [False] * (MORE - 1) * len(others), scores + (MORE - 1) * others)
    return (
        average_of_classes(matrix, "micro").recall or 0.0,
        in_training,
        average_of_classes(matrix, "macro").f1 or 0.0,
        classes[rare].precision or 0.0,
        classes[rare].recall or 0.0,
        roc_auc(target, scores),
        average_precision(target, scores),
        more,
    )


def _of_classes(names: tuple[str, ...], labels: list[int], found: Found) -> list[tuple[Any, ...]]:
    """A row for each class, with Wilson's intervals; None where there is no value."""
    classes = class_measures(confusion_matrix(labels, found.predicted, len(names)))
    areas = one_vs_rest_auc(labels, found.scores)
    return [
        (
            name,
            one.support,
            _rounded(one.precision),
            _interval(one.hits, one.predicted),
            _rounded(one.recall),
            _interval(one.hits, one.support),
            _rounded(one.f1),
            _rounded(area),
        )
        for name, one, area in zip(names, classes, areas, strict=True)
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _interval(hits: int, n: int) -> str | None:
    return "{:.3f} to {:.3f}".format(*wilson_interval(hits, n)) if n else None


def _mean(several: list[tuple[float, ...]], i: int) -> float:
    return band([one[i] for one in several]).mean


def _what_to_see(run: Run, settings: Settings, name: str, each: dict[str, list[tuple[float, ...]]]) -> str:
    accuracy, in_training, _, _, recall, area, average, more = range(8)
    softmax, weighted, rests = (each[kind] for kind in (SOFTMAX, WEIGHTED, RESTS))
    claim(
        run,
        f"weights of the classes raise the recall of {name}",
        [one[recall] > other[recall] for one, other in zip(weighted, softmax, strict=True)],
    )
    claim(
        run,
        f"one against the rest finds fewer of {name} than softmax regression",
        [one[recall] < other[recall] for one, other in zip(rests, softmax, strict=True)],
    )
    run.see(
        f"{MORE} times as many images of other classes leave the AUC of {name} at {_mean(softmax, area):.3f}, and "
        f"take its average precision from {_mean(softmax, average):.3f} to {_mean(softmax, more):.3f}"
    )
    return run.see(
        f"softmax regression with {settings.kept} training images of {name}: accuracy {_mean(softmax, accuracy):.3f}, "
        f"and {_mean(softmax, in_training):.3f} where {name} is as rare as in training; but it finds "
        f"{_mean(softmax, recall):.0%} of {name}, though its AUC is {_mean(softmax, area):.3f}; "
        f"with weights {_mean(weighted, recall):.0%}, at an accuracy of {_mean(weighted, in_training):.3f} in that case"
    )
