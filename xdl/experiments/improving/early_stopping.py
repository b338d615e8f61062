"""Early stopping: the same network trained to the end, and stopped where validation is best (hwdong 5.4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from xdl import nn, plot
from xdl.experiments.shared import dense
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.versus import Seed, Variant, more_accurate, train_variants
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Record

PRESETS = {"mnist": {"epochs": 30, "batch_size": 32, "samples": 1000}}
QUICK = {"seeds": 2}
TO_THE_END, STOPPED = "to the end", "with early stopping"
CLAIMS = {"with early stopping the test accuracy is higher": more_accurate}


@dataclass(frozen=True)
class Settings(dense.Settings):
    """Few training images, many passes, wrong labels: validation gets worse while the training loss still falls."""

    epochs: int = setting(60, "passes over the training images", low=1)
    samples: int = setting(200, "training images to use; 0: all", low=0)
    label_noise: float = setting(0.3, "share of the training images that get a wrong label", low=0, high=0.9)
    patience: int = setting(5, "stop after so many epochs without a better validation loss", low=1)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network of the experiment mlp."""
    return dense.build(settings, shape, classes)


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trainings of two kinds from the same weights, seed by seed; those that stop early get their best weights back."""
    variants = {
        TO_THE_END: Variant(replace(settings, patience=0), build),
        STOPPED: Variant(settings, build),
    }
    return train_variants(run, images_of(run), variants, settings.seeds, CLAIMS, draw_stops)


def draw_stops(run: Run, seeds: Sequence[Seed], seen: str) -> None:
    """Writes figures/comparison: a panel a seed, where both trainings are the same until one of them stops."""
    panels, stops = {}, []
    for seed in seeds:
        whole, stopped = seed.trained[TO_THE_END], seed.trained[STOPPED]
        losses = [record["validation_loss"] for record in stopped.history]
        best, last = losses.index(min(losses)) + 1, len(losses)
        stops.append(f"{last} (back to {best})")
        ends = [one.measures["test_accuracy"] for one in (whole, stopped)]
        panels[f"seed {seed.number}: {ends[0]:.3f} at the end, {ends[1]:.3f} stopped"] = {
            f"validation, {TO_THE_END}": plot.Line(*_curve(whole.history, "validation_loss"), look="thick", colour=0),
            f"training, {TO_THE_END}": plot.Line(*_curve(whole.history, "train_loss"), look="dashed", colour=0),
            f"validation, {STOPPED}": plot.Line(range(1, last + 1), losses, colour=1),
            f"epoch {last}: stopped": plot.Line([last], losses[-1:], look="dots", colour=1),
            f"epoch {best}: the best, brought back": plot.Line([best], [min(losses)], look="circles", colour=1),
        }
    title = f"{run.about['experiment']} on {whole.data.name}: loss by epoch, and test accuracy"
    told = f"Training is measured while weights move. Stopped after epochs {', '.join(stops)} of {len(whole.history)}"
    run.figure("comparison", plot.lines_data(panels, title, "epoch", share=True), f"{told}\n{seen}")


def _curve(history: Sequence[Record], measure: str) -> tuple[range, list[float]]:
    return range(1, len(history) + 1), [record[measure] for record in history]
