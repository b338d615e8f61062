"""Pictures in rows: images with titles, and the maps that a network makes of one image."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import ShapeError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData

HOT = (1.0, 0.15, 0.0)
BETWEEN = "#9ec5e8"  # maps: no grey, which a map's border may be
MAPS = 32  # of a layer, the most that are shown


def gallery_data(
    images: ArrayLike, titles: Sequence[str], columns: int = 8, title: str = "", *, size: float = 1.4
) -> FigureData:
    """The data of images in rows, each below its title.

    images: (N, H, W) or (N, 1, H, W), or colours between 0 and 1, (N, H, W, 3); titles: N
    title:  of the figure; size: inches of an image

    Raises ShapeError for other shapes or counts.
    """
    pictures = np.asarray(images)
    if pictures.ndim == 4 and pictures.shape[1] == 1:
        pictures = pictures[:, 0]
    grey_or_coloured = pictures.ndim == 3 or (pictures.ndim == 4 and pictures.shape[3] == 3)
    expect(
        grey_or_coloured, ShapeError, "plot.gallery", "images of (N, H, W), (N, 1, H, W), (N, H, W, 3)", pictures.shape
    )
    expect(len(titles) == len(pictures) > 0, ShapeError, "plot.gallery", f"{len(pictures)} titles", len(titles))
    return FigureData(
        "gallery", title, {"images": pictures}, {"titles": list(titles), "columns": columns, "size": size}
    )


def overlaid(grey: ArrayLike, heat: ArrayLike) -> Any:
    """Colours (H, W, 3) of a grey image (H, W), darkest to brightest, with heat (H, W) from 0 to 1 over it in red."""
    picture, share = np.asarray(grey), 0.8 * np.asarray(heat)[..., None]
    low, high = picture.min(), picture.max()
    colours = np.repeat(((picture - low) / ((high - low) or 1))[..., None], 3, axis=2)
    return colours + share * (np.array(HOT) - colours)


def draw_gallery(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `gallery_data`, each grey image on its own scale; writes a PNG."""
    titles, pictures = data.options["titles"], data.arrays["images"]
    tiles = [(title, picture[None]) for title, picture in zip(titles, pictures, strict=True)]
    _draw_rows(path, data, tiles, data.options["columns"], data.options.get("size", 1.4))


def gallery(
    path: str | os.PathLike[str],
    images: ArrayLike,
    titles: Sequence[str],
    columns: int = 8,
    title: str = "",
    *,
    size: float = 1.4,
) -> None:
    """Draws images in rows, and writes a PNG; the arguments are those of `gallery_data`."""
    draw_gallery(gallery_data(images, titles, columns, title, size=size), path)


def feature_maps_data(image: ArrayLike, maps: Mapping[str, ArrayLike], title: str = "") -> FigureData:
    """The data of an image and the maps that layers make of it.

    image: (H, W); maps: {layer: (C, H, W)}, of which the first 32 are shown; title: of the figure

    Raises ShapeError for other shapes.
    """
    picture = np.asarray(image)
    expect(picture.ndim == 2, ShapeError, "plot.feature_maps", "an image of (H, W)", picture.shape)
    arrays, layers = {"image": picture}, []
    for i, (name, values) in enumerate(maps.items()):
        planes = np.asarray(values)
        expect(planes.ndim == 3, ShapeError, "plot.feature_maps", f"maps of (C, H, W) for {name}", planes.shape)
        count = f"{len(planes)}" if len(planes) <= MAPS else f"{MAPS} of {len(planes)}"
        height, width = planes.shape[1:]
        arrays[f"maps{i}"] = planes[:MAPS]
        layers.append({"title": f"{name}: {count} maps of {height}x{width}", "maps": f"maps{i}"})
    return FigureData("feature_maps", title, arrays, {"layers": layers})


def draw_feature_maps(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws the image of `feature_maps_data`, and beside it one mosaic of maps a layer, each map on its own scale.

    Writes a PNG.
    """
    layers = [(layer["title"], data.array(layer["maps"], 3)) for layer in data.options["layers"]]
    tiles = [("the image", data.array("image", 2)[None]), *layers]
    _draw_rows(path, data, tiles, len(tiles), size=4.0)


def feature_maps(
    path: str | os.PathLike[str], image: ArrayLike, maps: Mapping[str, ArrayLike], title: str = ""
) -> None:
    """Draws an image and the maps of layers, and writes a PNG; the arguments are those of `feature_maps_data`."""
    draw_feature_maps(feature_maps_data(image, maps, title), path)


def _draw_rows(
    path: str | os.PathLike[str], data: FigureData, tiles: Sequence[tuple[str, Any]], columns: int, size: float
) -> None:
    columns = min(columns, len(tiles))
    rows = ceil(len(tiles) / columns)
    figure = new_figure(size * columns, (size + 0.3) * rows)
    figure.suptitle(data.title)
    places = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in places:
        axes.set_axis_off()
    for axes, (title, planes) in zip(places, tiles, strict=False):
        coloured = planes.ndim == 4
        axes.imshow(planes[0] if coloured else _mosaic(planes), cmap=_greys(), interpolation="nearest")
        axes.set_title(title, fontsize=9)
    save(figure, path, data)


def _greys() -> Any:
    """From black to white; what is no number, as the gaps between maps, in a colour that no map has."""
    from matplotlib import colormaps

    return colormaps["gray"].with_extremes(bad=BETWEEN)


def _mosaic(planes: Any) -> Any:
    """The planes (C, H, W) in a nearly square array, each from 0 (its least value) to 1, with gaps of nan."""
    expect(planes.size > 0, ShapeError, "plot", "images with pixels", planes.shape)
    across = ceil(len(planes) ** 0.5)
    height, width = planes.shape[1:]
    gap = 0 if len(planes) == 1 else 1
    mosaic = np.full((ceil(len(planes) / across) * (height + gap) + gap, across * (width + gap) + gap), np.nan)
    for i, plane in enumerate(planes):
        top, left = (i // across) * (height + gap) + gap, (i % across) * (width + gap) + gap
        low, high = plane.min(), plane.max()
        mosaic[top : top + height, left : left + width] = (plane - low) / ((high - low) or 1)
    return mosaic
