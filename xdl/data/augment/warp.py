"""Shifts, rotations, scalings and warps: each new pixel is looked up between the old ones, bilinearly."""

from __future__ import annotations

import numpy as np

from xdl.data.augment.base import Fill, Transform, checked, checked_fill, checked_range, padded, uniform
from xdl.data.images import interpolation
from xdl.errors import SettingError
from xdl.random import Stream


class RandomAffine(Transform):
    """Rotates, enlarges, shears and shifts each image about its centre, by amounts drawn for it.

    degrees:   the angle is drawn from [-degrees, degrees]; positive turns against the clock
    translate: (a, b): the shift is drawn from up to a of the width and b of the height, either way
    scale:     (low, high): the factor is drawn from there; above 1 enlarges
    shear:     the slant of upright lines is drawn from [-shear, shear] degrees
    fill:      value of what comes from outside, or "edge" for that of the nearest pixel

    The pixel p of the new image shows the place q of the old one, with centre c, shift t, rotation R, slant S and
    factor s:  p = c + t + s R S (q - c). Raises SettingError for values outside these ranges, degrees above 180,
    shears of 90 and more, and factors that are not above 0.
    """

    def __init__(
        self,
        degrees: float = 0.0,
        translate: tuple[float, float] = (0.0, 0.0),
        scale: tuple[float, float] = (1.0, 1.0),
        shear: float = 0.0,
        fill: Fill = "edge",
    ) -> None:
        name = "RandomAffine"
        self.degrees = checked(name, "degrees", degrees, 0, 180)
        if not isinstance(translate, tuple | list) or len(translate) != 2:
            raise SettingError(name, "translate as (share of the width, share of the height)", repr(translate))
        self.translate = tuple(checked(name, "translate", share, 0, 1) for share in translate)
        self.scale = checked_range(name, "scale", scale, 1e-3)
        self.shear = checked(name, "shear", shear, 0, 89)
        self.fill = checked_fill(name, fill)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, each looked at through its own map."""
        height, width = images.shape[2:]
        angle = np.deg2rad(uniform(stream, images, -self.degrees, self.degrees))
        shift_x = uniform(stream, images, -self.translate[0], self.translate[0]) * width
        shift_y = uniform(stream, images, -self.translate[1], self.translate[1]) * height
        scale = uniform(stream, images, *self.scale)
        slant = np.tan(np.deg2rad(uniform(stream, images, -self.shear, self.shear)))

        y, x = np.meshgrid(np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2, indexing="ij")
        x = x.astype(images.dtype) - shift_x[:, None, None]  # p - c - t
        y = y.astype(images.dtype) - shift_y[:, None, None]
        cos, sin, slant, scale = (value[:, None, None] for value in (np.cos(angle), np.sin(angle), slant, scale))
        turned_x, turned_y = cos * x - sin * y, sin * x + cos * y  # R turned back; the axis of y points down
        source_x, source_y = (turned_x + slant * turned_y) / scale, turned_y / scale
        return look_up(images, source_y + (height - 1) / 2, source_x + (width - 1) / 2, self.fill)


class RandomWarp(Transform):
    """Bends each image like rubber: the corners of a grid move at random, what lies between follows bilinearly.

    amount: std of each corner's way, in pixels
    cells:  squares along a side of the grid; more of them bend finer
    fill:   value of what comes from outside, or "edge" for that of the nearest pixel

    After Simard, Steinkraus and Platt, "Best practices for convolutional neural networks applied to visual document
    analysis", ICDAR 2003. Raises SettingError for a negative amount or cells < 1.
    """

    def __init__(self, amount: float, cells: int = 4, fill: Fill = "edge") -> None:
        self.amount = checked("RandomWarp", "amount", amount, 0)
        self.cells = int(checked("RandomWarp", "cells", cells, 1))
        self.fill = checked_fill("RandomWarp", fill)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, bent."""
        n, _, height, width = images.shape
        corners = stream.normal((2, n, self.cells + 1, self.cells + 1), like=images).astype(images.dtype)
        down, right = (interpolation(self.cells + 1, new).astype(images.dtype) for new in (height, width))
        bent = np.einsum("ia,dnab,jb->dnij", down, corners * images.dtype.type(self.amount), right)
        return look_up(images, np.arange(height)[:, None] + bent[0], np.arange(width) + bent[1], self.fill)


def look_up(images: np.ndarray, y: np.ndarray, x: np.ndarray, fill: Fill) -> np.ndarray:
    """The images at the places (y, x), in pixels from the centre of the first one, bilinearly.

    images: (N, C, H, W); y, x: (N, H2, W2); result (N, C, H2, W2)
    """
    n, channels, height, width = images.shape
    wide = padded(images, 1, fill).reshape(n, channels, -1)
    y, x = np.clip(y, -1, height) + 1, np.clip(x, -1, width) + 1
    top, left = np.minimum(y.astype(np.int64), height), np.minimum(x.astype(np.int64), width)
    down, right = (y - top).astype(images.dtype)[:, None], (x - left).astype(images.dtype)[:, None]

    def at(row: int, column: int) -> np.ndarray:
        places = ((top + row) * (width + 2) + left + column).reshape(n, 1, -1)
        return np.take_along_axis(wide, places, axis=2).reshape(n, channels, *y.shape[1:])

    above = at(0, 0) * (1 - right) + at(0, 1) * right
    below = at(1, 0) * (1 - right) + at(1, 1) * right
    found: np.ndarray = above * (1 - down) + below * down
    return found
