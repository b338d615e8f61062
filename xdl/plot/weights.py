"""The filters of a layer as small images, after training and, beside them, before."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import ShapeError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData, entitled

FILTERS, CHANNELS = 64, 4  # the most that are shown
BEFORE, AFTER = "before training", "after training"


def filters_data(
    weights: ArrayLike, title: str = "", names: Sequence[str] = (), before: ArrayLike | None = None
) -> FigureData:
    """The data of the filters of a layer: the first 64, and their first 4 planes.

    weights: (O, C, KH, KW), a convolution's weight: one group of C planes side by side for each of the O filters;
             or (O, H, W), such as the rows of a linear layer on images
    title:   stands before the number of filters
    names:   of the filters, O or none
    before:  the same weights before training, drawn beside them on the same scale

    Raises ShapeError for other shapes, and for names and weights that do not fit.
    """
    planes, said = first_planes("plot.filters", weights)
    total = len(np.asarray(weights))
    expect(len(names) in (0, total), ShapeError, "plot.filters", f"0 or {total} names", len(names))
    arrays = {"weights": planes}
    if before is not None:
        arrays["before"] = first_planes("plot.filters", before)[0]
        same = arrays["before"].shape == planes.shape
        expect(same, ShapeError, "plot.filters", f"{planes.shape} before training", arrays["before"].shape)
    return FigureData("filters", entitled(title, said), arrays, {"names": list(names[:FILTERS])})


def draw_filters(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `filters_data` on one colour scale, symmetric about zero; writes a PNG."""
    names = data.options.get("names", [])
    panels = {AFTER: data.array("weights", 4)}
    if "before" in data.arrays:
        panels = {BEFORE: data.array("before", 4), **panels}
    drawn = {name: mosaic(planes) for name, planes in panels.items()}
    limit = max(float(np.nanmax(np.abs(values))) for values in drawn.values()) or 1.0

    height, width = drawn[AFTER].shape
    figure = new_figure(6.5 * len(drawn) + 1.0, max(2.5, 6.2 * height / width + 0.8))
    figure.suptitle(data.title)
    tiles = figure.subplots(1, len(drawn), squeeze=False)[0]
    for axes, (name, values) in zip(tiles, drawn.items(), strict=True):
        axes.set_facecolor("#cfcfcf")
        axes.spines[:].set_visible(False)
        axes.set_xticks([])
        axes.set_yticks([])
        if len(drawn) > 1:
            axes.set_title(name, fontsize=10)
        picture = axes.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.0}
        for text, (top, left) in zip(names, places(panels[name].shape), strict=False):
            axes.text(left - 0.4, top - 0.4, text, ha="left", va="top", fontsize=8, bbox=box)
    figure.colorbar(picture, ax=list(tiles), shrink=0.8, label="weight")
    save(figure, path, data)


def filters(
    path: str | os.PathLike[str],
    weights: ArrayLike,
    title: str = "",
    names: Sequence[str] = (),
    before: ArrayLike | None = None,
) -> None:
    """Draws the filters of a layer, and writes a PNG; the arguments are those of `filters_data`."""
    draw_filters(filters_data(weights, title, names, before), path)


def first_planes(operation: str, weights: ArrayLike) -> tuple[Any, str]:
    """The filters and planes of weights that are shown, (O, C, H, W) with O <= 64 and C <= 4; and a title.

    Raises ShapeError, by the operation's name, for other shapes than those of `filters_data`.
    """
    w = np.asarray(weights)
    expect(w.ndim in (3, 4) and w.size > 0, ShapeError, operation, "weights of (O, C, KH, KW) or (O, H, W)", w.shape)
    planes = w if w.ndim == 4 else w[:, None]
    return planes[:FILTERS, :CHANNELS], _title(*planes.shape[:2])


def _title(total: int, channels: int) -> str:
    title = f"{total} filters" if total <= FILTERS else f"{FILTERS} of {total} filters"
    if channels > CHANNELS:
        return f"{title}, {CHANNELS} of {channels} channels side by side"
    return title if channels == 1 else f"{title}, {channels} channels side by side"


def places(shape: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    """(top, left) of each filter of planes (O, C, H, W) in the `mosaic`."""
    o, c, h, w = shape
    inner, outer = _gaps(shape)
    across = min(o, ceil(sqrt(o * h / (c * w))))
    cell_h, cell_w = h + outer, c * (w + inner) - inner + outer
    return [((i // across) * cell_h, (i % across) * cell_w) for i in range(o)]


def _gaps(shape: tuple[int, int, int, int]) -> tuple[int, int]:
    """Pixels between the planes of a filter, and between filters."""
    inner = max(1, shape[3] // 8)
    return inner, inner if shape[1] == 1 else 2 * inner


def mosaic(planes: Any) -> Any:
    """The planes (O, C, H, W) in one float64 array of two dimensions and nearly square outline, nan between them."""
    _, c, h, w = planes.shape
    inner, _ = _gaps(planes.shape)
    corners = places(planes.shape)
    width = c * (w + inner) - inner
    tiles = np.full((max(top for top, _ in corners) + h, max(left for _, left in corners) + width), np.nan)
    for filter, (top, left) in zip(planes, corners, strict=True):
        for j, plane in enumerate(filter):
            at = left + j * (w + inner)
            tiles[top : top + h, at : at + w] = plane
    return tiles
