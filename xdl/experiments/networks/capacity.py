"""Two sides of more parameters: wider networks can learn more, also by heart (徐彬 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from xdl import plot
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.sweep import try_out
from xdl.models import MLP
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"samples": 2000}}
QUICK = {"epochs": 30}


@dataclass(frozen=True)
class Settings:
    """Few training images, many passes."""

    widths: tuple[int, ...] = setting((1, 2, 4, 8, 16, 64, 256), "units of the hidden layer, one training each", low=1)
    epochs: int = setting(60, "passes over the images", low=1)
    samples: int = setting(300, "training images to use; 0: all", low=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Training and validation loss of the last epoch against the width, and the gap between them."""
    data = images_of(run)
    inputs, classes = prod(data.image_shape), len(data.class_names)
    rows = []
    for width in settings.widths:
        one = try_out(
            run,
            f"{width} hidden units",
            data,
            partial(MLP, (inputs, width, classes)),
            epochs=settings.epochs,
            batch_size=32,
            samples=settings.samples,
        )
        last = one.history[-1]
        train, validation = last["train_loss"], last["validation_loss"]
        parameters = inputs * width + width + width * classes + classes
        rows.append((width, parameters, train, validation, validation - train, one.test_accuracy))
    headings = ("width", "parameters", "train loss", "validation loss", "gap", "test accuracy")
    lines = {name: ([row[0] for row in rows], [row[i] for row in rows]) for i, name in enumerate(headings[2:5], 2)}
    run.figure("capacity", plot.lines_data({"loss": lines}, "width and gap", "hidden units", x_log=True))
    return {"data_description": data.description, "widths": run.table(headings, rows)}
