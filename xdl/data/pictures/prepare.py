"""Pictures made into what a model of images takes: light on dark, square, of the right size."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.data.images import resize
from xdl.errors import DataError, SettingError

BACKGROUNDS = ("auto", "dark", "light")


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
    if (rows, columns) != (height, width):
        done += f", {columns}x{rows} pixels made {width}x{height}"
    small = _square(light, height)
    low, high = small.min(), small.max()
    return ((small - low) / ((high - low) or 1.0))[None], done


def _square(pixels: Any, size: int) -> Any:
    """The picture in the middle of a square of its darkest value, in size x size pixels.

    Means over blocks come first, so that thin lines are not lost, and along the longer side before the shorter one is
    filled up, so that no square of the longer side is ever in memory.
    """
    side, paper = max(pixels.shape), pixels.min()
    block = max(1, side // size)
    for axis in sorted((0, 1), key=lambda axis: -pixels.shape[axis]):
        pixels = _block_means(pixels, axis, side, block, paper)
    return resize(pixels[None], size)[0] if len(pixels) != size else pixels


def _block_means(pixels: Any, axis: int, side: int, block: int, paper: float) -> Any:
    """Along one axis: set in the middle of `side` pixels of paper, then means of `block` pixels; a rest is left out."""
    x = np.moveaxis(pixels, axis, 0)
    before = (side - len(x)) // 2
    low, high = before // block, min(-(-(before + len(x)) // block), side // block)  # blocks that the picture touches
    touched = np.full(((high - low) * block, x.shape[1]), paper, x.dtype)
    shown = x[max(low * block - before, 0) :][: high * block - before]
    start = max(before - low * block, 0)
    touched[start : start + len(shown)] = shown
    whole = np.full((side // block, x.shape[1]), paper, x.dtype)
    whole[low:high] = touched.reshape(high - low, block, x.shape[1]).mean(axis=1)
    return np.moveaxis(whole, 0, axis)
