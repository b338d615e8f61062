"""Figures of images and codes: many small images in one picture, and the plane of codes of two numbers."""

from __future__ import annotations

from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.data import LabelledImages
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.tensor import Tensor

DOTS = 60  # images of each class in the plane


def mosaic(images: Tensor, columns: int, gap: int = 0) -> Tensor:
    """One picture (H', W') of images (N, 1, H, W), row by row, N a multiple of the columns; gaps are half bright."""
    n, _, height, width = images.shape
    framed = F.pad(images[:, 0], (0, gap, 0, gap), value=0.5)
    rows = framed.reshape(n // columns, columns, height + gap, width + gap).transpose(1, 2)
    picture: Tensor = rows.reshape(n // columns * (height + gap), columns * (width + gap))
    return picture


def show_rows(run: Run, name: str, rows: dict[str, Tensor], title: str, see: str, size: float = 1.4) -> None:
    """A figure with a row of images for each name: {name: images (N, 1, H, W)}, N the same for all; size in inches."""
    count = len(next(iter(rows.values())))
    titles = [word for label in rows for word in (label, *[""] * (count - 1))]
    images = xdl.cat(list(rows.values())).numpy()
    run.figure(name, plot.gallery_data(images, titles, count, title, size=size), see)


def show_pictures(run: Run, name: str, pictures: dict[str, Tensor], title: str, see: str) -> None:
    """A figure of large pictures (H, W) of one shape, side by side: {what it is: picture}."""
    drawn = plot.gallery_data(xdl.stack(list(pictures.values())).numpy(), list(pictures), len(pictures), title, size=5)
    run.figure(name, drawn, see)


def dots(z: Tensor, labels: Tensor, data: LabelledImages) -> dict[str, Any]:
    """The curves of a panel: codes (N, 2) as dots, a colour a class, at most DOTS of each."""
    chosen = {name: z[labels == k][:DOTS] for k, name in enumerate(data.class_names)}
    return {name: Line(at[:, 0].tolist(), at[:, 1].tolist(), look="dots") for name, at in chosen.items() if len(at)}


def glyphs(images: Tensor, z: Tensor, cells: int = 20) -> Tensor:
    """The plane of codes z (N, 2) as a picture: in each of cells x cells cells the image whose code is in it.

    The plane reaches from the least to the largest code, upwards; where several codes share a cell, the first is
    drawn, and empty cells are dark.
    """
    low, high = z.amin(0), z.amax(0)
    places = ((z - low) / (high - low).clamp(min=1e-12) * (cells - 1e-3)).to("int64").tolist()
    drawn: dict[tuple[int, int], int] = {}
    for i, (across, up) in enumerate(places):
        drawn.setdefault((cells - 1 - up, across), i)
    empty = xdl.zeros(1, *images.shape[1:], dtype=images.dtype)
    tiles = xdl.cat([images, empty])
    order = [drawn.get((row, column), len(images)) for row in range(cells) for column in range(cells)]
    return mosaic(tiles[order], cells)


def centres(z: Tensor, cells: int = 20) -> Tensor:
    """(cells^2, 2): the codes in the middles of the cells of `glyphs`, in the order of `mosaic`."""
    low, high = z.amin(0), z.amax(0)
    shares = (xdl.arange(cells, dtype=z.dtype) + 0.5) / cells
    up, across = xdl.meshgrid(shares.flip(0), shares, indexing="ij")
    return low + xdl.stack([across.flatten(), up.flatten()], 1) * (high - low)


def neighbour_accuracy(known: Tensor, labels: Tensor, z: Tensor, truth: Tensor) -> float:
    """The share of codes z whose nearest known code is of their class: what codes tell of classes."""
    nearest = xdl.cdist(z, known).argmin(1)
    return float((labels[nearest] == truth).to("float64").mean())
