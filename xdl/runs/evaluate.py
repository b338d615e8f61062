"""Measuring the saved model of a run again, on the test part of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xdl import nn
from xdl.data import DataLoader, load_images
from xdl.errors import SettingError
from xdl.runs.saved_run import read_run
from xdl.tensor import no_grad
from xdl.train import RunningMeans, accuracy

EVALUATION_BATCH = 256  # samples; without gradients only memory limits it


def evaluate(path: Path, data_name: str | None = None, data_dir: Path | None = None) -> dict[str, Any]:
    """Loss and accuracy of a run's model on test images, of its own data set or of another one.

    Raises SettingError for a folder that holds no run or no model, or images that do not fit the model; DataError
    for data that are missing; CheckpointError for a damaged model file.
    """
    saved = read_run(path)
    form = saved.images()
    name = data_name or saved.about["data"]
    data = load_images(name, size=form.shape[-1], data_dir=data_dir)
    if (data.image_shape, data.class_names) != (form.shape, form.class_names):
        expected = f"images of {form.shape} of {', '.join(form.class_names)}"
        found = f"{data.image_shape} of {', '.join(data.class_names)}"
        raise SettingError(f"xdl eval --data {name}", expected, found, "Leave --data out")
    model, loss = saved.model(), nn.CrossEntropyLoss()
    means = RunningMeans("xdl eval")
    with no_grad():
        for batch, (images, labels) in enumerate(DataLoader(data.test, EVALUATION_BATCH), 1):
            logits = model(images)
            means.add(batch, len(labels), {"loss": loss(logits, labels), "accuracy": accuracy(logits, labels)})
    return {
        "run": str(path),
        "model": type(model).__name__,
        "data": data.description,
        "images": len(data.test),
        **{f"test_{name}": value for name, value in means.read().items()},
    }
