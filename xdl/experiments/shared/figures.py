"""The figures of a classifier's run."""

from __future__ import annotations

from xdl import nn, plot
from xdl.data import LabelledImages
from xdl.runs.run import Run
from xdl.tensor import Tensor
from xdl.train import Record, confusion_matrix

MEASURES = ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy")


def draw_results(
    run: Run, history: list[Record], data: LabelledImages, logits: Tensor, model: nn.Module, epoch: int
) -> None:
    """Writes curves, predictions, confusion and the first layer's weights to the run's figures/.

    logits: (N, K) for the test images, in their order; epoch: whose weights the model has
    """
    images, labels = data.test.arrays
    predicted = logits.argmax(1).numpy()
    certainty = logits.softmax(1).amax(1).numpy()
    matrix = confusion_matrix(labels, predicted, len(data.class_names))
    curves = {name: [record[name] for record in history] for name in MEASURES}
    title = f"{run.about['experiment']} on {data.name}"
    tested = f"tested and saved: the weights of epoch {epoch} of {len(history)}"
    run.figure("curves", plot.curves_data(curves, title), tested)
    run.figure("predictions", plot.predictions_data(images, labels, predicted, certainty, data.class_names))
    run.figure("confusion", plot.confusion_data(matrix, data.class_names))
    weights = next(model.parameters()).numpy()
    if weights.ndim == 2:
        weights = weights.reshape(-1, *data.image_shape)
    run.figure("filters", plot.filters_data(weights))
