"""Training the same network with and without something, to see what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from xdl import nn, plot
from xdl.data import LabelledImages
from xdl.experiments.shared.classify import ClassifierSettings, Trained, train
from xdl.experiments.shared.figures import draw_results
from xdl.experiments.shared.image_classifier import Build
from xdl.runs.run import Run
from xdl.tensor import Tensor

HEADINGS = ("training", "epochs", "train loss", "validation loss", "gap", "validation accuracy", "test accuracy")


@dataclass(frozen=True)
class Variant:
    """One of the trainings. penalty: makes, for the model, what is added to the loss of each step."""

    settings: ClassifierSettings
    build: Build
    penalty: Callable[[nn.Module], Callable[[], Tensor]] | None = None


def train_variants(run: Run, data: LabelledImages, variants: Mapping[str, Variant]) -> dict[str, Any]:
    """Trains each variant from the same seed, in a folder of its own; the last one is the model of the run.

    Shows a table with the gap between validation and training loss, draws the curves of all in one figure, and
    returns the results for the summary.
    """
    trained: dict[str, Trained] = {}
    for name, variant in variants.items():
        run.say(f"\n{name}")
        run.reseed()
        model = variant.build(variant.settings, data.image_shape, len(data.class_names))
        penalty = variant.penalty(model) if variant.penalty else None
        trained[name] = train(run.part(name.replace(" ", "-")), model, data, variant.settings, penalty=penalty)
    last = list(trained.values())[-1]
    run.folder.save_model(last.model, run.identity)
    draw_results(run, last.history, data, last.logits, last.model, last.epoch)
    histories = {name: one.history for name, one in trained.items()}
    run.figure("comparison", plot.comparison_data(histories, f"{run.about['experiment']} on {data.name}"))
    rows = [_row(name, one) for name, one in trained.items()]
    return {"data_description": data.description, "trainings": run.table(HEADINGS, rows), **last.results}


def _row(name: str, one: Trained) -> tuple[Any, ...]:
    m = one.measures
    losses = (m["train_loss"], m["validation_loss"], one.gap)
    return name, len(one.history), *losses, m["validation_accuracy"], m["test_accuracy"]
