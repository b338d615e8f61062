"""PNG and JPEG files as grey pixels, with bounds on the memory that a file may take.

A picture that is much larger than any model's input is made smaller while it is read: JPEG by its own scaling, PNG by
means over blocks as soon as it is decoded. What would take more than about 130 MB is refused before it is decoded.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from xdl.errors import DataError, XdlError
from xdl.io.reading import read_bytes

LARGEST = 15_000_000  # pixels to decode, of at most four bytes each, and a copy of them
MOST = 1 << 26  # bytes of a file; from a file, Pillow takes as much memory for a chunk as the chunk says that it has
ENOUGH = 1024  # pixels a side: larger pictures are reduced
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow's mode "L"
SCALE = "Scale it down first: 1000 pixels a side are enough"


def decode(path: Path) -> np.ndarray:
    """The pixels of a PNG or JPEG file, grey from 0 to 1, (H, W) float32, upright as its EXIF data say.

    Values of 16 bits keep their digits. What is transparent gets white paper, or black where the ink is light. Raises
    DataError, naming the file, where it is damaged, of another kind or too large, or where Pillow is missing.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise DataError(f"{path}", "Pillow, to read it", f"none ({error})", "Install it: pip install pillow") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # LARGEST is the stricter bound
            with Image.open(BytesIO(read_bytes(path, MOST)), formats=("PNG", "JPEG")) as picture:
                _check_size(path, picture)
                return _upright(_grey(picture), picture.getexif().get(0x0112, 1))
    except XdlError:
        raise
    except UnidentifiedImageError as error:
        raise DataError(f"{path}", "a PNG or JPEG picture", "bytes of another kind") from error
    except Exception as error:  # a decoder may raise anything for bytes that are no picture
        raise DataError(f"{path}", "a whole PNG or JPEG picture", str(error) or type(error).__name__) from error


def _check_size(path: Path, picture: Any) -> None:
    """Raises DataError for more pixels than may be decoded, after JPEG's own scaling by 2, 4 or 8."""
    found = f"{picture.width} x {picture.height}"
    limit = LARGEST // 2 if picture.info.get("progressive") else 64 * LARGEST  # whose coefficients all stay in memory
    if picture.width * picture.height <= limit:
        picture.draft("L", (ENOUGH, ENOUGH))
        if picture.width * picture.height <= LARGEST:
            return
    raise DataError(f"{path}", f"a picture of at most {LARGEST} pixels", found, SCALE)


def _grey(picture: Any) -> np.ndarray:
    """(H, W) float32 from 0 to 1."""
    factor = max(1, max(picture.size) // ENOUGH)
    transparent = picture.info.get("transparency")
    if picture.mode.startswith("I"):  # one channel of 16 bits
        values = np.asarray(picture)
        alpha = None if transparent is None else block_means(values != transparent, factor)
        return _on_paper(block_means(values, factor) / np.float32(65535), alpha)
    if picture.mode in ("1", "P", "PA") or transparent is not None:
        picture = picture.convert("L" if picture.mode == "1" and transparent is None else "RGBA")
    if factor > 1:
        picture = picture.reduce(factor)
    if picture.mode in ("RGBA", "LA"):
        rgba = np.asarray(picture.convert("RGBA"), dtype=np.float32) / 255
        return _on_paper(luma(rgba), rgba[..., 3])
    return np.asarray(picture.convert("L"), dtype=np.float32) / 255


def luma(pixels: np.ndarray) -> np.ndarray:
    """Grey (H, W) of coloured pixels (H, W, 3 or more): 0.299 R + 0.587 G + 0.114 B."""
    grey: np.ndarray = pixels[..., :3] @ np.array(LUMA, dtype=pixels.dtype)
    return grey


def block_means(values: np.ndarray, factor: int) -> np.ndarray:
    """The means of blocks of factor x factor values (H, W), as float32; smaller blocks at the far edges."""
    rows = np.arange(0, values.shape[0], factor)
    means = np.empty((len(rows), -(-values.shape[1] // factor)), np.float32)
    columns = np.arange(0, values.shape[1], factor)
    for i, low in enumerate(rows):
        sums = np.add.reduceat(values[low : low + factor].sum(0, dtype=np.float64), columns)
        heights = min(factor, values.shape[0] - low)
        means[i] = sums / (heights * np.diff(np.append(columns, values.shape[1])))
    return means


def _on_paper(grey: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """grey alpha + paper (1 - alpha), on white paper, or on black where the ink is light."""
    if alpha is None:
        return grey
    ink = float((grey * alpha).sum() / max(float(alpha.sum()), 1e-6))
    paper = np.float32(0 if ink > 0.5 else 1)
    composed: np.ndarray = grey * alpha + paper * (1 - alpha)
    return composed


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turned and mirrored as EXIF's orientation 1 to 8 says; any other number is ignored."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.T
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels
