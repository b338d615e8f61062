"""Figures of images and codes: many small images in one picture, and the plane of codes of two numbers."""

from __future__ import annotations

from typing import Any

import xdl
from xdl import plot
from xdl.data import LabelledImages
from xdl.experiments.shared.generated.mosaics import mosaic
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.tensor import Tensor

DOTS = 60  # images of each class in the plane


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
