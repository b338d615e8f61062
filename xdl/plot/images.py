"""The figure of predictions beside their pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.data import check_labels
from xdl.errors import ShapeError, expect
from xdl.plot.figure import RED, new_figure, save
from xdl.plot.figure_data import FigureData, entitled

COLUMNS, ROWS = 8, 4  # of the predictions
TILE = (1.15, 1.45)  # from one picture to the next, to the right and down; a picture has sides of 1
RIGHT = 8  # tiles kept for right predictions when there are many wrong ones


def predictions_data(
    images: ArrayLike,
    labels: ArrayLike,
    predicted: ArrayLike,
    probabilities: ArrayLike,
    class_names: Sequence[str],
    title: str = "",
) -> FigureData:
    """The data of up to 32 images with their predictions, wrong ones first, from all over the images.

    images:        (N, H, W), (N, 1, H, W) or (N, 3, H, W), any range of values
    labels:        (N,) the true classes
    predicted:     (N,) the predicted classes
    probabilities: (N,) the probability given to the predicted class
    title:         stands before the number of right ones

    Raises ShapeError for other shapes or counts that differ, DataError for classes without a name.
    """
    pictures = _pictures(np.asarray(images))
    truth, guess, sure = np.asarray(labels), np.asarray(predicted), np.asarray(probabilities)
    for name, values in (("labels", truth), ("predicted", guess), ("probabilities", sure)):
        expect(
            values.shape == pictures.shape[:1], ShapeError, "plot.predictions", f"{len(pictures)} {name}", values.shape
        )
    check_labels("plot.predictions", truth, len(class_names))
    check_labels("plot.predictions", guess, len(class_names))

    wrong, right = np.flatnonzero(truth != guess), np.flatnonzero(truth == guess)
    shown_wrong = _spread(wrong, COLUMNS * ROWS - min(RIGHT, len(right)))
    shown = np.concatenate([shown_wrong, _spread(right, COLUMNS * ROWS - len(shown_wrong))])
    said = f"{len(right)} of {len(truth)} right"
    if len(wrong):
        said += f"; the wrong ones in red ({len(shown_wrong)} of {len(wrong)})"
    ends = (pictures.min(), pictures.max()) if pictures.size else (0.0, 1.0)
    arrays = {
        "images": pictures[shown],
        "range": np.array(ends, np.float64),
        "labels": truth[shown],
        "predicted": guess[shown],
        "probabilities": sure[shown],
    }
    return FigureData("predictions", entitled(title, said), arrays, {"class_names": list(class_names)})


def _spread(indices: Any, most: int) -> Any:
    """At most so many of them, from all over: test images may be sorted by class."""
    count = min(most, len(indices))
    return indices[np.arange(count) * len(indices) // max(count, 1)]


def _pictures(images: Any) -> Any:
    """(N, H, W) or (N, H, W, 3)."""
    expect(
        images.ndim == 3 or (images.ndim == 4 and images.shape[1] in (1, 3)),
        ShapeError,
        "plot.predictions",
        "images of (N, H, W), (N, 1, H, W) or (N, 3, H, W)",
        images.shape,
    )
    if images.ndim == 4:
        return images[:, 0] if images.shape[1] == 1 else np.moveaxis(images, 1, -1)
    return images


def draw_predictions(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws the images of `predictions_data` with `true -> predicted` and the probability; writes a PNG."""
    class_names = data.options["class_names"]
    low, high = data.array("range", 1)
    pictures = (data.arrays["images"].astype(np.float64) - low) / ((high - low) or 1.0)
    below = [data.array(name, 1) for name in ("labels", "predicted", "probabilities")]
    for values in below:
        expect(len(values) == len(pictures), ShapeError, "plot.predictions", f"{len(pictures)} numbers", len(values))
    size = 9 if max(map(len, class_names), default=0) <= 5 else 7
    rows = max(1, ceil(len(pictures) / COLUMNS))
    figure = new_figure(1.35 * COLUMNS, 1.65 * rows + 0.5)
    figure.suptitle(data.title)
    axes = figure.subplots()  # one for all pictures, which takes a quarter of the time of one for each
    axes.set_axis_off()
    for i, (picture, truth, guess, sure) in enumerate(zip(pictures, *below, strict=True)):
        left, top = i % COLUMNS * TILE[0], i // COLUMNS * TILE[1]
        axes.imshow(picture, cmap="gray", vmin=0, vmax=1, extent=(left, left + 1, top + 1, top))
        text = f"{class_names[truth]} → {class_names[guess]}\n{sure:.1%}"
        colour = "black" if truth == guess else RED
        axes.text(left + 0.5, top - 0.05, text, fontsize=size, color=colour, ha="center", va="bottom")
    axes.set(xlim=(0, COLUMNS * TILE[0] - TILE[0] + 1), ylim=((rows - 1) * TILE[1] + 1, 1 - TILE[1]))
    save(figure, path, data)


def predictions(
    path: str | os.PathLike[str],
    images: ArrayLike,
    labels: ArrayLike,
    predicted: ArrayLike,
    probabilities: ArrayLike,
    class_names: Sequence[str],
    title: str = "",
) -> None:
    """Draws images with their predictions, and writes a PNG; the arguments are those of `predictions_data`."""
    draw_predictions(predictions_data(images, labels, predicted, probabilities, class_names, title), path)
