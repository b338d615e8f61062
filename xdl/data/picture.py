"""Pictures of a user, made into what a model of images takes: grey, light on dark, of the right size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from xdl.data.images import resize
from xdl.errors import DataError, SettingError

BACKGROUNDS = ("auto", "dark", "light")
PICTURES = (".png", ".jpg", ".jpeg")
LARGEST = 64_000_000  # pixels of one picture


def read_pictures(path: Path) -> list[tuple[str, Any]]:
    """(name, pixels from 0 to 1, (H, W) float64) of a picture, or of each picture in an array.

    PNG and JPEG are read by Pillow and made grey; .npy holds (H, W), (N, H, W) or (N, 1, H, W), of numbers in
    0...255 for integers, any range for floats. Raises DataError, naming the file, for one that is missing, damaged,
    of another kind, or of another shape; for values that are not finite; without Pillow.
    """
    if not path.is_file():
        raise DataError(f"{path}", f"a picture ({', '.join(PICTURES)}) or an array (.npy)", "no such file")
    if path.suffix.lower() in PICTURES:
        return [(str(path), _from_picture(path))]
    if path.suffix.lower() == ".npy":
        pictures = _from_array(path)
        return [(str(path) if len(pictures) == 1 else f"{path}[{i}]", one) for i, one in enumerate(pictures)]
    raise DataError(
        f"{path}", f"a picture ({', '.join(PICTURES)}) or an array (.npy)", f"a file of kind {path.suffix or 'unknown'}"
    )


def light_on_dark(pixels: Any, background: str) -> tuple[Any, str]:
    """The pixels (H, W) with a dark background, and what was done, for people.

    background: "dark", "light", or "auto", which takes what most pixels of the border are

    Raises SettingError for another word.
    """
    if background not in BACKGROUNDS:
        raise SettingError("--background", f"one of {', '.join(BACKGROUNDS)}", repr(background))
    low, high = pixels.min(), pixels.max()
    if background == "auto":
        border = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
        background = "light" if np.median(border) > (low + high) / 2 else "dark"
    if background == "light":
        return low + high - pixels, "dark on light, inverted"
    return pixels, "light on dark"


def prepare(pixels: Any, shape: tuple[int, ...], background: str) -> tuple[Any, str]:
    """Pixels (H, W) as (1, h, w) from 0 to 1, for a model of grey images of `shape`; and what was done.

    A picture that is not square is set in the middle of its background's colour first. Raises DataError where the
    model takes coloured images.
    """
    channels, height, width = shape
    if channels != 1:
        raise DataError("xdl predict", "a model of grey images", f"one of {shape}")
    light, done = light_on_dark(pixels, background)
    rows, columns = light.shape
    side = max(rows, columns)
    square = np.full((side, side), light.min())
    square[(side - rows) // 2 : (side - rows) // 2 + rows, (side - columns) // 2 : (side - columns) // 2 + columns] = (
        light
    )
    if (rows, columns) != (height, width):
        done += f", {columns}x{rows} pixels made {width}x{height}"
    small = _shrunk(square, height)
    low, high = small.min(), small.max()
    return ((small - low) / ((high - low) or 1.0))[None], done


def _shrunk(pixels: Any, size: int) -> Any:
    """A square picture in size x size pixels: means over blocks first, so that thin lines are not lost."""
    block = len(pixels) // size
    if block > 1:
        whole = len(pixels) // block * block
        pixels = pixels[:whole, :whole].reshape(whole // block, block, whole // block, block).mean(axis=(1, 3))
    return resize(pixels[None], size)[0] if len(pixels) != size else pixels


def _from_picture(path: Path) -> Any:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise DataError(f"{path}", "Pillow, to read it", f"none ({error})", "Install it: pip install pillow") from error
    try:
        picture: Any
        with Image.open(path, formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > LARGEST:
                raise DataError(f"{path}", f"a picture of at most {LARGEST} pixels", picture.size)
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                opaque = Image.new("RGBA", picture.size, "white")
                picture = Image.alpha_composite(opaque, picture.convert("RGBA"))
            return np.asarray(picture.convert("L"), dtype=np.float64) / 255
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise DataError(f"{path}", "a whole PNG or JPEG picture", error) from error


def _from_array(path: Path) -> list[Any]:
    try:
        array = np.load(path)  # which refuses pickles
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path}", "an array of numbers that numpy.save has written", error) from error
    if array.dtype.kind not in "buif" or array.size == 0:
        raise DataError(f"{path}", "an array of numbers", f"{array.dtype} of shape {array.shape}")
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (2, 3):
        raise DataError(f"{path}", "an array of shape (H, W), (N, H, W) or (N, 1, H, W)", array.shape)
    if not np.isfinite(array).all():
        raise DataError(f"{path}", "finite numbers", "nan or infinity")
    return list(np.asarray(array if array.ndim == 3 else array[None], dtype=np.float64))
