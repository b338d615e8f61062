"""A drawn picture that has what photographs have: a gradient, a shaded ball, strokes as of text, and noise."""

from __future__ import annotations

from math import hypot

import xdl
from xdl import functional as F
from xdl.tensor import Tensor

TINTS = ((0.8, 0.95, 1.0), (1.0, 0.55, 0.3), (0.6, 1.5, 4.5), (1.0, 0.95, 0.55))  # of the parts: red, green, blue
LEAST = 24  # pixels a side, below which the strokes run into each other
THICK = 0.013  # half the thickness of a stroke, in sides of the picture
STROKES = (  # from (x, y) to (x, y), in sides of the picture, y downwards: the letters X D L, and two lines of dashes
    *((0.08, 0.62, 0.22, 0.86), (0.22, 0.62, 0.08, 0.86)),
    *((0.30, 0.62, 0.30, 0.86), (0.30, 0.62, 0.42, 0.68), (0.42, 0.68, 0.42, 0.80), (0.42, 0.80, 0.30, 0.86)),
    *((0.50, 0.62, 0.50, 0.86), (0.50, 0.86, 0.62, 0.86)),
    *((0.70, y, 0.92, y) for y in (0.66, 0.74, 0.82)),
)


def photograph(size: int = 96, noise: float = 0.04) -> Tensor:
    """The picture (size, size), from 0 (dark) to 1 (bright); the noise is normal with this deviation, by the seed."""
    pixels = xdl.zeros(size, size)
    for cover, brightness in parts(size):
        pixels = pixels * (1 - cover) + brightness * cover
    return (pixels + noise * xdl.randn(size, size)).clamp(0, 1)


def coloured_photograph(size: int = 96, noise: float = 0.04) -> Tensor:
    """The same picture in red, green and blue (3, size, size), from 0 to 1; each colour has noise of its own."""
    pixels = xdl.zeros(3, size, size)
    for (cover, brightness), tint in zip(parts(size), TINTS, strict=True):
        pixels = pixels * (1 - cover) + xdl.tensor(tint).reshape(3, 1, 1) * (brightness * cover)
    return (pixels + noise * xdl.randn(3, size, size)).clamp(0, 1)


def parts(size: int) -> list[tuple[Tensor, Tensor]]:
    """Ground, ball, square and strokes, from back to front: cover (1 hides what is behind it) and brightness.

    Both (size, size).
    """
    places = (xdl.arange(size, dtype="float32") + 0.5) / size
    y, x = F.meshgrid(places, places, indexing="ij")
    one = xdl.ones_like(x)
    across, down = (x - 0.68) / 0.2, (y - 0.3) / 0.2
    ball = 0.95 - 0.6 * ((across + 0.4) ** 2 + (down + 0.4) ** 2) / 2
    square = (x - 0.24).abs().maximum((y - 0.3).abs()) < 0.14
    ink = sum((stroke(x, y, *ends) for ends in STROKES), xdl.zeros_like(x)).clamp(max=1)
    return [
        (one, 0.25 + 0.3 * x + 0.15 * y),
        ((across * across + down * down < 1).to("float32"), ball),
        (square.to("float32"), 0.12 * one),
        (ink, one),
    ]


def stroke(x: Tensor, y: Tensor, x0: float, y0: float, x1: float, y1: float) -> Tensor:
    """1 on a stroke from (x0, y0) to (x1, y1), 0 outside, and between along half a stroke's width at its edge."""
    length = hypot(x1 - x0, y1 - y0)
    along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length**2
    nearest = along.clamp(0, 1)
    away = ((x - x0 - nearest * (x1 - x0)) ** 2 + (y - y0 - nearest * (y1 - y0)) ** 2).sqrt()
    return (1.5 - away / THICK).clamp(0, 1)
