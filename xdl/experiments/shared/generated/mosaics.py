"""Many small images in one picture, and rows of them as a figure."""

from __future__ import annotations

from collections.abc import Mapping

from xdl import plot
from xdl.functional import cat, pad
from xdl.runs.run import Run
from xdl.tensor import Tensor


def mosaic(images: Tensor, columns: int, gap: int = 0) -> Tensor:
    """One picture (H', W') of images (N, C, H, W) from 0 to 1, the channels' mean, row by row; gaps are half bright.

    Images beyond the last full row are left out.
    """
    pixels = pad(images.mean(1), (0, gap, 0, gap), value=0.5)
    height, width = pixels.shape[1:]
    rows = len(pixels) // columns
    tiles = pixels[: rows * columns].reshape(rows, columns, height, width)
    return tiles.permute(0, 2, 1, 3).reshape(rows * height, columns * width)


def show_rows(run: Run, name: str, rows: Mapping[str, Tensor], title: str, see: str = "", size: float = 1.4) -> None:
    """A figure with a row of images for each name: {name: images (N, 1, H, W)}, N the same for all; size in inches."""
    count = len(next(iter(rows.values())))
    titles = [word for label in rows for word in (label, *[""] * (count - 1))]
    images = cat(list(rows.values())).numpy()
    run.figure(name, plot.gallery_data(images, titles, count, title, size=size), see)
