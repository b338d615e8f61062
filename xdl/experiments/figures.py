"""The figures of a classifier's run."""

from __future__ import annotations

from typing import Any

from xdl.data import LabelledImages
from xdl.errors import XdlError
from xdl.experiments.run import Run
from xdl.tensor import Tensor
from xdl.train import Record, confusion_matrix

MEASURES = ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy")


def draw_figures(run: Run, history: list[Record], data: LabelledImages, logits: Tensor, filters: Any) -> str:
    """Writes curves, predictions, confusion and filters to the run's figures/; returns "drawn".

    logits:  (N, K) for the test images, in their order
    filters: weights of the first layer, (O, C, H, W) or (O, H, W)

    Without matplotlib nothing is drawn: the run says what to install, and that line is returned.
    """
    from xdl import plot

    images, labels = data.test.arrays
    predicted = logits.argmax(1).numpy()
    certainty = logits.softmax(1).amax(1).numpy()
    matrix = confusion_matrix(labels, predicted, len(data.class_names))
    curves = {name: [record[name] for record in history] for name in MEASURES}
    draw = run.folder.figure
    try:
        draw("curves", lambda path: plot.curves(path, curves, f"{run.metadata['experiment']} on {data.name}"))
        draw("predictions", lambda path: plot.predictions(path, images, labels, predicted, certainty, data.class_names))
        draw("confusion", lambda path: plot.confusion(path, matrix, data.class_names))
        draw("filters", lambda path: plot.filters(path, filters))
    except XdlError as error:
        if not isinstance(error.__cause__, ImportError):
            raise
        note = f'no figures: matplotlib (the extra "plot") is missing. {error.hint}'
        run.say(note)
        return note
    return "drawn"
