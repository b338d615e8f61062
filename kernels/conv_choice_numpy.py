"""Which way a convolution goes on NumPy: one table, from measurements, never from trials at run time.

FLOP are counted with two a multiplication. Measured with PyTorch 2.13's oneDNN on one core of an AVX-512 machine.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from xdl.functional.conv import Geometry, output_size

RULES = {
    "pointwise": "1x1 filters without padding or groups",
    "winograd": "float32 3x3 or 5x5 with stride 1 and at least 16 channels each way",
    "im2col_last": "one group, at least 16 channels each way (or filters, for the forward and weights)",
    "im2col": "",
}


class Case(NamedTuple):
    """A convolution, and which of its three products is wanted: forward, input_grad or weight_grad."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    dtype: Any
    product: str


def way(case: Case) -> str:
    """The name of the first rule that fits."""
    for name, fits in _FITS.items():
        if fits(case):
            return name
    return "im2col"


def _pointwise(case: Case) -> bool:
    return case.w[2:] == (1, 1) and case.geometry.padding == (0, 0) and case.geometry.groups == 1


def _winograd(case: Case) -> bool:
    (o, c, kh, kw), g = case.w, case.geometry
    if case.dtype != "float32" or kh != kw or kh not in (3, 5) or g.stride != (1, 1) or g.dilation != (1, 1):
        return False
    return g.groups == 1 and max(g.padding) < kh and min(c, o) >= 16 and not _few_pixels(case)


def _im2col_last(case: Case) -> bool:
    o, c = case.w[:2]
    if case.product == "input_grad":
        return case.geometry.groups == 1 and min(c, o) >= 16
    return case.geometry.groups == 1 and o >= 16 and not _few_pixels(case)


def _few_pixels(case: Case) -> bool:
    """Whether reordering the filters would cost more than their products."""
    size = output_size(case.x[2:], case.w[2:], case.geometry)
    return case.x[0] * size[0] * size[1] * 8 <= max(case.w[:2])


_FITS = {"pointwise": _pointwise, "winograd": _winograd, "im2col_last": _im2col_last}
