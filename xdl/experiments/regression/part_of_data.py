"""Training on a part of the images: five parts of equal size, and all of them (hwdong 3.7.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Any

from xdl import optim, plot
from xdl.data import TensorDataset
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.sweep import table, try_out
from xdl.models import SoftmaxRegression
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"samples": 500}}
QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """Softmax regression; the parts follow one another in the data set."""

    parts: int = setting(5, "parts, one training each", low=1)
    samples: int = setting(100, "images in each part", low=10)
    epochs: int = setting(10, "passes over the part", low=1)
    lr: float = setting(0.05, "learning rate", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Test accuracy after training on each part and on the whole, in one table and one figure."""
    data = images_of(run)
    images, labels = data.train.arrays
    parts = {}
    for i in range(settings.parts):
        at = slice(i * settings.samples, (i + 1) * settings.samples)
        if len(images[at]):
            parts[f"images {at.start + 1} to {at.start + len(images[at])}"] = TensorDataset(images[at], labels[at])
    parts[f"all {len(images)} images"] = data.train
    tried = [
        try_out(
            run,
            name,
            replace(data, train=part),
            lambda: SoftmaxRegression(prod(data.image_shape), len(data.class_names)),
            lambda p: optim.SGD(p, lr=settings.lr),
            epochs=settings.epochs,
            batch_size=32,
        )
        for name, part in parts.items()
    ]
    histories = {one.name: one.history for one in tried}
    run.figure("comparison", plot.comparison_data(histories, f"parts of {data.name}"))
    return {"data_description": data.description, "parts": table(run, "trained on", tried)}
