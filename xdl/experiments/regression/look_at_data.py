"""Looking at a data set before training on it: images, shapes, classes, batches (hwdong 3.7.1, 3.7.3; 徐彬 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import plot
from xdl.data import DataLoader
from xdl.data.split import stratified_order
from xdl.experiments.shared.figures import title_of
from xdl.experiments.shared.images import images_of
from xdl.functional import one_hot
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """What is shown."""

    images: int = setting(32, "images in the figure", low=1, high=400)
    batch_size: int = setting(8, "images in a batch", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A figure of images of all classes; tables of the parts, the classes, and the first batches of two passes."""
    data = images_of(run)
    images, labels = data.train.arrays
    shown = min(settings.images, len(images))
    first = stratified_order(labels)[:shown]
    names, title = [data.class_names[label] for label in labels[first]], f"{title_of(run, data)}, training images"
    run.figure("images", plot.gallery_data(images[first], names, title=title))

    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    shapes = [
        (name, str(part.arrays[0].shape), str(part.arrays[0].reshape(len(part), -1).shape), str(part.arrays[1].shape))
        for name, part in parts.items()
    ]
    table = run.table(("part", "images", "flat", "labels"), shapes)
    counts = [
        (name, *(int((part.arrays[1] == k).sum()) for part in parts.values()))
        for k, name in enumerate(data.class_names)
    ]
    classes = run.table(("class", *parts), counts)

    loader = DataLoader(data.train, settings.batch_size, shuffle=True)
    rows = []
    for epoch in (1, 2):
        for batch, (x, y) in enumerate(loader, 1):
            if batch <= 2:
                rows.append((epoch, batch, str(x.shape), " ".join(map(str, y.tolist()))))
    run.say(f"{len(loader)} batches a pass, each pass in a new order, each image once")
    batches = run.table(("pass", "batch", "images", "labels"), rows)
    run.say(f"label {y[0].item()} one-hot: {one_hot(y[:1], len(data.class_names)).tolist()[0]}")
    return {"data_description": data.description, "parts": table, "classes": classes, "batches": batches}
