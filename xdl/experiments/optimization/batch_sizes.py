"""All images in a step, a few of them, or one: three ways of gradient descent (hwdong 3.7.3, 3.7.4; 徐彬 1)."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from xdl import optim, plot
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.sweep import table, try_out
from xdl.models import SoftmaxRegression
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"epochs": 2, "samples": 5000}}
QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """Softmax regression by plain gradient descent; 0 stands for all images in one step."""

    sizes: tuple[int, ...] = setting((0, 50, 1), "images in a step, one training each; 0: all", low=0)
    epochs: int = setting(5, "passes over the images; each has as many steps as its batches give", low=1)
    lr: float = setting(0.01, "learning rate", above=0)
    samples: int = setting(0, "training images to use; 0: all", low=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The same passes over the same images: smaller batches take more steps, and more time, and come further."""
    data = images_of(run)
    images = min(settings.samples or len(data.train), len(data.train))
    tried = [
        try_out(
            run,
            "all" if size in (0, images) else str(size),
            data,
            lambda: SoftmaxRegression(prod(data.image_shape), len(data.class_names)),
            lambda p: optim.SGD(p, lr=settings.lr),
            epochs=settings.epochs,
            batch_size=size or images,
            samples=settings.samples,
        )
        for size in settings.sizes
    ]
    histories = {f"batch {one.name}": one.history for one in tried}
    run.figure("comparison", plot.comparison_data(histories, f"batch sizes on {data.name}"))
    return {"data_description": data.description, "batch_sizes": table(run, "batch size", tried)}
