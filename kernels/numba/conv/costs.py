"""What the three products of a convolution take, from measured constants.

A version's cost is a line: nanoseconds of a multiplication with its addition, of a number that it reads or writes,
and of a call. The lines were fitted to 1000 random layers on one core of an AVX-512 machine, 2026-11-30. Of layers that
`images.py` can do, the better order by them takes 2 % more time in the mean than the better one by measurement.

"im2col" is NumPy's way with the images last, for few channels; "columns" are its ways with the channels last.

A version that is added needs a name here, its line for each product and, where its tiles are wider than what it
multiplies, its own entry in WORK.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from ...common.convolutions import Case

PRODUCTS = ("forward", "input_grad", "weight_grad")


class Line(NamedTuple):
    """Nanoseconds of a product, of a number, and of a call."""

    product: float
    number: float
    call: float


LINES = {
    "images": (Line(0.0188, 0.061, 6e3), Line(0.0196, 0.040, 8e3), Line(0.0189, 0.008, 8e3)),
    "patches": (Line(0.0192, 0.059, 16e3), Line(0.0187, 0.138, 11e3), Line(0.0186, 0.405, 90e3)),
    "spread": (Line(0, 0, 0), Line(0.0207, 0.651, 28e3), Line(0, 0, 0)),
    "tiles": (Line(0.0053, 0.463, 16e3), Line(0.0039, 0.601, 22e3), Line(0.0056, 0.519, 21e3)),
    "pointwise": (Line(0.0139, 0.224, 15e3), Line(0.0227, 0.079, 12e3), Line(0.0289, 0.040, 14e3)),
    "im2col": (Line(0.0184, 0.151, 25e3), Line(0.0283, 0.302, 39e3), Line(0.0287, 0.112, 21e3)),
    "columns": (Line(0, 0.603, 29e3), Line(0.0302, 0.613, 112e3), Line(0.001, 0.420, 71e3)),
}
FILTERS, TAPS, ALONE = 6, 4, 2.6  # of a tile of images; how much more a filter takes outside tiles
LANES = 16  # of a vector


def nanoseconds(way: str, case: Case) -> float:
    """What a version takes for a product."""
    line = LINES[way][PRODUCTS.index(case.product)]
    products, numbers = WORK.get(way, _plainly)(case)
    return line.product * products + line.number * numbers + line.call


def _sizes(case: Case) -> tuple[int, int, int, int, int]:
    """Pixels of x and of y, taps of a patch, channels and filters."""
    (n, c, h, w), (o, *patch) = case.x, case.w
    return n * h * w, n * prod(case.output()), prod(patch), c, o


def _plainly(case: Case) -> tuple[float, float]:
    """What the formula multiplies, and the numbers of x and y."""
    into, out, k, c, o = _sizes(case)
    return out * k * o, into * c + out * o


def _columns(case: Case) -> tuple[float, float]:
    products, numbers = _plainly(case)
    _, out, k, *_ = _sizes(case)
    return products, numbers + out * k


def _tiles(case: Case) -> tuple[float, float]:
    """Whole vectors of channels and of filters."""
    (_, out, _, c, o), (_, numbers) = _sizes(case), _plainly(case)
    return out * prod(case.w[2:]) * _up(c, LANES) * _up(o, LANES), numbers


def _images(case: Case) -> tuple[float, float]:
    """Tiles of six filters, of channels for dx; dw in tiles of four taps."""
    (into, out, k, c, o), (_, numbers) = _sizes(case), _plainly(case)
    if case.product == "input_grad":
        return into * prod(case.w[2:]) * o * _in_tiles(c), numbers
    return out * (k if case.product == "forward" else _up(k, TAPS)) * _in_tiles(o), numbers


def _patches(case: Case) -> tuple[float, float]:
    """Whole vectors of filters, of channels for dx."""
    (into, out, k, c, o), (_, numbers) = _sizes(case), _plainly(case)
    if case.product == "input_grad":
        return into * prod(case.w[2:]) * o / prod(case.geometry.stride) * _in_vectors(c), numbers
    return out * (k if case.product == "forward" else _up(k, TAPS)) * _in_vectors(o), numbers


def _spread(case: Case) -> tuple[float, float]:
    """Whole vectors of all taps of all channels, which are added one by one."""
    _, out, k, *_ = _sizes(case)
    return out * case.w[0] * _in_vectors(k), out * k


WORK = {
    "tiles": _tiles,
    "columns": _columns,
    "im2col": _columns,
    "images": _images,
    "patches": _patches,
    "spread": _spread,
}


def _up(size: int, step: int) -> int:
    return -(-size // step) * step


def _in_tiles(filters: int) -> float:
    return _up(filters, FILTERS) if filters >= FILTERS else ALONE * filters


def _in_vectors(size: int) -> int:
    return LANES if size <= LANES else _up(size, 2 * LANES)
