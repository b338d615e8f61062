"""The figures of a classifier's run."""

from __future__ import annotations

from typing import Any

from xdl import nn, plot
from xdl.data import LabelledImages
from xdl.experiments.shared.first_layer import draw_filters
from xdl.runs.run import Run
from xdl.tensor import Tensor
from xdl.train import Record, confusion_matrix

MEASURES = ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy")


def draw_results(
    run: Run,
    history: list[Record],
    data: LabelledImages,
    logits: Tensor,
    model: nn.Module,
    epoch: int,
    before: Any = None,
) -> None:
    """Writes curves, predictions, confusion and the first layer's weights to the run's figures/.

    logits: (N, K) for the test images, in their order; epoch: whose weights the model has
    before: its `first_weights` before training
    """
    images, labels = data.test.arrays
    predicted = logits.argmax(1).numpy()
    certainty = logits.softmax(1).amax(1).numpy()
    matrix = confusion_matrix(labels, predicted, len(data.class_names))
    curves = {name: [record[name] for record in history] for name in MEASURES}
    title = title_of(run, data)
    run.figure("curves", plot.curves_data(curves, title, epoch), _about_curves(history, epoch))
    names = data.class_names
    tests = f"{title}, test images"
    predictions = plot.predictions_data(images, labels, predicted, certainty, names, tests)
    run.figure("predictions", predictions, "true → predicted class, and the probability given to the predicted one")
    run.figure("confusion", plot.confusion_data(matrix, names, tests))
    draw_filters(run, model, data, f"{title}, the first layer", before)


def title_of(run: Run, data: LabelledImages) -> str:
    """What stands above a figure of a run: the experiment, its data, and which of its trainings it is."""
    return f"{run.about['experiment']} on {data.name}" + (f", {run.name}" if run.name else "")


def _about_curves(history: list[Record], epoch: int) -> str:
    """Which weights are tested, and how far they are from the best epoch's."""
    losses = [record["validation_loss"] for record in history]
    best = min(range(len(losses)), key=losses.__getitem__)
    tested = f"tested and saved: the weights of epoch {epoch} of {len(history)}"
    found = f"validation loss {losses[epoch - 1]:.4g}, at best {losses[best]:.4g} in epoch {best + 1}"
    return f"{tested} ({found})"
