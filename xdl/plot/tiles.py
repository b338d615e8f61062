"""Weights as a plain picture without axes: quick to write during training, and without matplotlib."""

from __future__ import annotations

import os
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.io.files import write_atomic
from xdl.plot.figure_data import FigureData
from xdl.plot.weights import first_planes, mosaic

LOW, MIDDLE, HIGH, BETWEEN = (33, 102, 172), (247, 247, 247), (178, 24, 43), (207, 207, 207)  # red, green, blue
HEIGHT = 400  # pixels that small pictures are enlarged to, about


def tiles_data(weights: ArrayLike) -> FigureData:
    """The data of tiles: those of `filters_data`, to be drawn without a title.

    weights: (O, C, KH, KW) or (O, H, W). Raises ShapeError for other shapes.
    """
    planes, title = first_planes("plot.save_tiles", weights)
    return FigureData("tiles", title, {"weights": planes}, {})


def draw_tiles(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Writes `tiles_data` as a PNG: blue below 0, white at 0, red above, by the largest absolute weight.

    Raises StorageError where it cannot be written.
    """
    colours = _coloured(mosaic(data.array("weights", 4)))
    scale = max(1, HEIGHT // colours.shape[0])
    pixels = np.repeat(np.repeat(colours, scale, axis=0), scale, axis=1)
    write_atomic(path, _png(pixels))


def save_tiles(path: str | os.PathLike[str], weights: ArrayLike) -> None:
    """Draws weights as tiles, and writes a PNG; the arguments are those of `tiles_data`."""
    draw_tiles(tiles_data(weights), path)


def _coloured(values: Any) -> Any:
    """(H, W, 3) bytes for values (H, W), between the three colours."""
    size = values / (np.nanmax(np.abs(values)) or 1.0)
    middle, end = np.array(MIDDLE, float), np.where(size[..., None] < 0, np.array(LOW), np.array(HIGH))
    colours = middle + np.abs(size)[..., None] * (end - middle)
    return np.where(np.isnan(size)[..., None], np.array(BETWEEN), colours).round().astype(np.uint8)


def _png(pixels: Any) -> bytes:
    """A PNG file (ISO/IEC 15948) of (H, W, 3) bytes: signature, header, one chunk of rows without filter, end."""
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
