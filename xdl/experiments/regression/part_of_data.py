"""Training on a part of the images: five parts of equal size, and all of them (hwdong 3.7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, prod
from statistics import fmean
from typing import Any

from xdl import optim, plot
from xdl.data.split import stratified_order
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.images import chosen, images_of
from xdl.experiments.shared.sweep import Tried, try_out
from xdl.models import SoftmaxRegression
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"samples": 500, "epochs": 1}}
QUICK = {"parts": 3, "seeds": 2}
BATCH = 32
PANELS = {"loss on the images trained on": "train_loss", "validation loss": "validation_loss"}


@dataclass(frozen=True)
class Settings:
    """Softmax regression; each part has the classes in the proportions of the whole. All trainings have equal steps."""

    parts: int = setting(5, "parts, one kind of training each", low=1)
    samples: int = setting(100, "images in each part", low=10)
    epochs: int = setting(10, "passes over all the images; over a part as many as have equally many steps", low=1)
    lr: float = setting(0.05, "learning rate", above=0)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Test accuracy after training on each part and on the whole, in one table; the losses in one figure."""
    data = images_of(run)
    order = stratified_order(data.train.arrays[1])
    parts = {}
    for i in range(settings.parts):
        part = chosen(data, order[i * settings.samples : (i + 1) * settings.samples])
        if len(part):
            parts[f"part {i + 1}: {len(part)} images"] = part
    whole = f"all {len(data.train)} images"
    parts[whole] = data.train
    steps = settings.epochs * ceil(len(data.train) / BATCH)
    tried = {
        name: [
            try_out(
                run,
                f"{name}, seed {run.about['seed'] + i}",
                replace(data, train=part),
                lambda: SoftmaxRegression(prod(data.image_shape), len(data.class_names)),
                lambda p: optim.SGD(p, lr=settings.lr),
                epochs=max(1, round(steps / ceil(len(part) / BATCH))),
                batch_size=BATCH,
                repeat=i,
            )
            for i in range(settings.seeds)
        ]
        for name, part in parts.items()
    }
    measures = ("train_loss", "test_loss", "test_accuracy")
    rows = [
        (name, several[0].steps, *(fmean(getattr(one, measure) for one in several) for measure in measures))
        for name, several in tried.items()
    ]
    table = run.table(("trained on", "steps", "train loss", "test loss", "test accuracy"), rows)
    all_images = tried.pop(whole)
    accuracy = {name: fmean(one.test_accuracy for one in several) for name, several in tried.items()}
    best = max(accuracy, key=accuracy.__getitem__)
    said = claim(
        run,
        f"after equally many steps, {whole} give a better test accuracy than any part "
        f"({fmean(one.test_accuracy for one in all_images):.3f} against {accuracy[best]:.3f} for {best})",
        [
            one.test_accuracy > max(several[i].test_accuracy for several in tried.values())
            for i, one in enumerate(all_images)
        ],
    )
    kinds = {"a part: every part and seed": [one for several in tried.values() for one in several], whole: all_images}
    panels = {
        title: {name: _line(several, measure) for name, several in kinds.items()} for title, measure in PANELS.items()
    }
    title = f"Softmax regression on parts of {data.name} and on all of it (mean and range)"
    run.figure("comparison", plot.lines_data(panels, title, "step", share=True), said)
    return {"data_description": data.description, "parts": table}


def _line(several: Sequence[Tried], measure: str) -> plot.Line:
    """A measure over the steps; parts that take another number of steps for a pass have no place in it."""
    steps = [record["step"] for record in several[0].history]
    curves = [[record[measure] for record in one.history] for one in several if one.steps == steps[-1]]
    return plot.Line.of_seeds(steps, [curve for curve in curves if len(curve) == len(steps)])
