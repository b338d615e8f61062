"""Training on a part of the images: five parts of equal size, and all of them (hwdong 3.7.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, prod
from typing import Any

from xdl import optim, plot
from xdl.data.split import stratified_order
from xdl.experiments.shared.images import chosen, images_of
from xdl.experiments.shared.sweep import table, try_out
from xdl.models import SoftmaxRegression
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"samples": 500}}
QUICK: dict[str, Any] = {}
BATCH = 32


@dataclass(frozen=True)
class Settings:
    """Softmax regression; each part has the classes in the proportions of the whole. All trainings have equal steps."""

    parts: int = setting(5, "parts, one training each", low=1)
    samples: int = setting(100, "images in each part", low=10)
    epochs: int = setting(10, "passes over all the images; over a part as many as have equally many steps", low=1)
    lr: float = setting(0.05, "learning rate", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Test accuracy after training on each part and on the whole, in one table and one figure."""
    data = images_of(run)
    order = stratified_order(data.train.arrays[1])
    parts = {}
    for i in range(settings.parts):
        part = chosen(data, order[i * settings.samples : (i + 1) * settings.samples])
        if len(part):
            parts[f"part {i + 1}: {len(part)} images"] = part
    parts[f"all {len(data.train)} images"] = data.train
    steps = settings.epochs * ceil(len(data.train) / BATCH)
    tried = [
        try_out(
            run,
            name,
            replace(data, train=part),
            lambda: SoftmaxRegression(prod(data.image_shape), len(data.class_names)),
            lambda p: optim.SGD(p, lr=settings.lr),
            epochs=max(1, round(steps / ceil(len(part) / BATCH))),
            batch_size=BATCH,
        )
        for name, part in parts.items()
    ]
    histories = {one.name: one.history for one in tried}
    run.figure("comparison", plot.comparison_data(histories, f"parts of {data.name}"))
    return {"data_description": data.description, "parts": table(run, "trained on", tried)}
