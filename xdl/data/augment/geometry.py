"""Crops and flips: pixels move, none is computed."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from xdl.data.augment.base import Fill, Transform, chance, checked, checked_fill, padded, per_image
from xdl.errors import SettingError, ShapeError
from xdl.random import Stream


class RandomCrop(Transform):
    """A window of `size` = (height, width), or a square, at a place drawn for each image.

    padding: pixels added on each side before, so that a window of the image's own size is a shift by up to that much
    fill:    their value, or "edge" for that of the nearest pixel

    Raises SettingError for sizes below 1 or a padding below 0; calling it, ShapeError for images that are too small.
    """

    def __init__(self, size: int | tuple[int, int], padding: int = 0, fill: Fill = "edge") -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        if len(self.size) != 2 or not all(isinstance(n, int) and n >= 1 for n in self.size):
            raise SettingError("RandomCrop", "size >= 1, or (height, width)", repr(size))
        self.padding = int(checked("RandomCrop", "padding", padding, 0))
        self.fill = checked_fill("RandomCrop", fill)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The windows, (N, C, *size)."""
        wide = padded(images, self.padding, self.fill)
        rooms = [have - want + 1 for have, want in zip(wide.shape[2:], self.size, strict=True)]
        if min(rooms) < 1:
            raise ShapeError("RandomCrop", f"images of at least {self.size} with the padding", wide.shape[2:])
        top, left = (stream.integers(0, room, (len(images),), images) for room in rooms)
        windows = sliding_window_view(wide, self.size, axis=(2, 3))
        return windows[np.arange(len(images)), :, top, left]


class RandomHorizontalFlip(Transform):
    """Left and right change places with probability p. Raises SettingError unless 0 <= p <= 1."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = checked("RandomHorizontalFlip", "p", p, 0, 1)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, some of them mirrored."""
        return np.where(per_image(chance(stream, images, self.p)), images[..., ::-1], images)


class RandomVerticalFlip(Transform):
    """Top and bottom change places with probability p. Raises SettingError unless 0 <= p <= 1."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = checked("RandomVerticalFlip", "p", p, 0, 1)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, some of them upside down."""
        return np.where(per_image(chance(stream, images, self.p)), images[:, :, ::-1], images)
