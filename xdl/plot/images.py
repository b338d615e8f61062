"""Figures made of small images: predictions beside their pictures, and the filters of a layer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.data import check_labels
from xdl.errors import ShapeError, expect
from xdl.plot.figure import RED, new_figure, save
from xdl.plot.figure_data import FigureData

COLUMNS, ROWS = 8, 4  # of the predictions
RIGHT = 8  # tiles kept for right predictions when there are many wrong ones
FILTERS, CHANNELS = 64, 4  # the most that `filters` shows


def predictions_data(
    images: ArrayLike, labels: ArrayLike, predicted: ArrayLike, probabilities: ArrayLike, class_names: Sequence[str]
) -> FigureData:
    """The data of up to 32 images with their predictions, wrong ones first.

    images:        (N, H, W), (N, 1, H, W) or (N, 3, H, W), any range of values
    labels:        (N,) the true classes
    predicted:     (N,) the predicted classes
    probabilities: (N,) the probability given to the predicted class

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
    shown_wrong = wrong[: COLUMNS * ROWS - min(RIGHT, len(right))]
    shown = np.concatenate([shown_wrong, right])[: COLUMNS * ROWS]
    title = f"{len(right)} of {len(truth)} right"
    if len(wrong):
        title += f"; the wrong ones in red ({len(shown_wrong)} of {len(wrong)})"
    ends = (pictures.min(), pictures.max()) if pictures.size else (0.0, 1.0)
    arrays = {
        "images": pictures[shown],
        "range": np.array(ends, np.float64),
        "labels": truth[shown],
        "predicted": guess[shown],
        "probabilities": sure[shown],
    }
    return FigureData("predictions", title, arrays, {"class_names": list(class_names)})


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
    tiles = list(figure.subplots(rows, COLUMNS, squeeze=False).flat)
    for axes in tiles:
        axes.set_axis_off()
    for axes, picture, truth, guess, sure in zip(tiles, pictures, *below, strict=False):
        axes.imshow(picture, cmap="gray", vmin=0, vmax=1)
        text = f"{class_names[truth]} → {class_names[guess]}\n{sure:.1%}"
        axes.set_title(text, fontsize=size, color="black" if truth == guess else RED)
    save(figure, path, data)


def predictions(
    path: str | os.PathLike[str],
    images: ArrayLike,
    labels: ArrayLike,
    predicted: ArrayLike,
    probabilities: ArrayLike,
    class_names: Sequence[str],
) -> None:
    """Draws images with their predictions, and writes a PNG; the arguments are those of `predictions_data`."""
    draw_predictions(predictions_data(images, labels, predicted, probabilities, class_names), path)


def filters_data(weights: ArrayLike) -> FigureData:
    """The data of the filters of a layer: the first 64, and their first 4 planes.

    weights: (O, C, KH, KW), a convolution's weight: one group of C planes side by side for each of the O filters;
             or (O, H, W), such as the rows of a linear layer on images

    The title says how many there are. Raises ShapeError for other shapes.
    """
    planes, title = first_planes("plot.filters", weights)
    return FigureData("filters", title, {"weights": planes}, {})


def draw_filters(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `filters_data` on one colour scale, symmetric about zero; writes a PNG."""
    values = mosaic(data.array("weights", 4))
    limit = float(np.nanmax(np.abs(values))) or 1.0

    height, width = values.shape
    figure = new_figure(7.5, max(2.5, 6.2 * height / width + 0.8))
    axes = figure.subplots()
    axes.set_facecolor("#cfcfcf")
    axes.spines[:].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(data.title)
    picture = axes.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    figure.colorbar(picture, ax=axes, shrink=0.8, label="weight")
    save(figure, path, data)


def filters(path: str | os.PathLike[str], weights: ArrayLike) -> None:
    """Draws the filters of a layer, and writes a PNG; the arguments are those of `filters_data`."""
    draw_filters(filters_data(weights), path)


def first_planes(operation: str, weights: ArrayLike) -> tuple[Any, str]:
    """The filters and planes of weights that are shown, (O, C, H, W) with O <= 64 and C <= 4; and a title.

    Raises ShapeError, by the operation's name, for other shapes than those of `filters_data`.
    """
    w = np.asarray(weights)
    expect(w.ndim in (3, 4) and w.size > 0, ShapeError, operation, "weights of (O, C, KH, KW) or (O, H, W)", w.shape)
    planes = w if w.ndim == 4 else w[:, None]
    return planes[:FILTERS, :CHANNELS], _filters_title(*planes.shape[:2])


def _filters_title(total: int, channels: int) -> str:
    title = f"{total} filters" if total <= FILTERS else f"{FILTERS} of {total} filters"
    if channels > CHANNELS:
        return f"{title}, {CHANNELS} of {channels} channels side by side"
    return title if channels == 1 else f"{title}, {channels} channels side by side"


def mosaic(planes: Any) -> Any:
    """The planes (O, C, H, W) in one float64 array of two dimensions and nearly square outline, nan between them."""
    o, c, h, w = planes.shape
    inner = max(1, w // 8)
    outer = inner if c == 1 else 2 * inner
    across = min(o, ceil(sqrt(o * h / (c * w))))
    down = ceil(o / across)
    cell_h, cell_w = h + outer, c * (w + inner) - inner + outer
    tiles = np.full((down * cell_h - outer, across * cell_w - outer), np.nan)
    for i in range(o):
        top, left = (i // across) * cell_h, (i % across) * cell_w
        for j in range(c):
            at = left + j * (w + inner)
            tiles[top : top + h, at : at + w] = planes[i, j]
    return tiles
