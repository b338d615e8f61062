"""A convolution and ReLU in one, compiled: the forward bounds what it has computed while that is in the cache, the
backward makes dz and db in one pass.

    y = max(z, 0)      dz = g where y != 0, else 0      db = sum over N, OH, OW of dz
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from xdl.functional.conv.conv import Geometry, conv2d_input_grad, conv2d_pair, conv2d_weight_grad
from xdl.functional.conv.conv_activation import conv2d_activation_pair
from xdl.functional.elementwise.following import F, only_own

from ...common.buffers import empty
from ...common.convolutions import Case, forward_case
from ..compiled import Compiled
from ..sharing import in_parts, over, plain
from ..slots import PRIORITY, register
from . import images, patches, taps, winograd
from .choice import RULES, best, fits
from .orders import behind, channels_last, images_last, turn_images

pixels_back = Compiled("ramp.pixels_back", "T[:, ::1], T[:, ::1], T[:, ::1] | T[:, ::1] | T")
planes_back = Compiled("ramp.planes_back", "T[:, ::1], T[:, ::1], T[:, ::1], T[::1] | T")
WAYS: dict[str, ModuleType] = {"patches": patches, "images": images, "tiles": winograd, "taps": taps}
WIDE = 256  # numbers of a row of pixels at least, for which loops over rows are fast
COST = 0.4  # nanoseconds an element
RELU = 0.0  # its slope where z < 0


def _pair(way: ModuleType) -> type:
    """Forward by one way; the gradients by what their own slots choose. saved: no z, y, x, w and the geometry."""

    class Pair:
        @staticmethod
        def forward(x: np.ndarray, w: np.ndarray, b: Any, geometry: Geometry, f: F) -> tuple[np.ndarray, Any]:
            x = x if way is images else behind(x)
            y = way.forward(x, w, b, geometry, RELU)
            return y, (None, y, x, w, geometry)

        @staticmethod
        def backward(g: np.ndarray, saved: Any, needs: Sequence[bool]) -> tuple[np.ndarray | None, ...]:
            _, y, x, w, geometry = saved
            dz, db = (_through_planes if way is images else _through_pixels)(g, y)
            return (
                conv2d_input_grad(dz, w, x.shape, geometry)[1] if needs[0] else None,
                conv2d_weight_grad(dz, x, w.shape, geometry)[1] if needs[1] else None,
                db if needs[2] else None,
            )

    return Pair


def _through_pixels(g: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """dz (N, O, OH, OW) in channels-last memory, as y is, and db."""
    o, side, last = y.shape[1], 1, y.transpose(0, 2, 3, 1)
    while side * o < WIDE and y.size // o % (2 * side) == 0:
        side *= 2
    dz = empty(last.shape, y.dtype)
    rows = [plain(a).reshape(-1, side * o) for a in (channels_last(g), last, dz)]
    sums = in_parts(pixels_back[y.dtype], COST * side * o, rows, 1, RELU)
    db: np.ndarray = np.add.reduce(sums.reshape(side, o))
    return dz.transpose(0, 3, 1, 2), db


def _through_planes(g: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """dz (N, O, OH, OW) in CHWN memory, as y is, and db."""
    o, last = y.shape[1], y.transpose(1, 2, 3, 0)
    dz, db = empty(last.shape, y.dtype), np.empty(o, y.dtype)
    rows = [plain(a).reshape(o, -1) for a in (images_last(g), last, dz)]
    over(planes_back[y.dtype], COST * rows[0].shape[1], [*rows, db], RELU)
    return dz.transpose(3, 0, 1, 2), db


def _case(x: np.ndarray, w: np.ndarray, b: Any, geometry: Geometry, f: F) -> tuple[Case, bool]:
    """The convolution, and whether one version may stand for it and for f."""
    return forward_case(x, w, b, geometry), f == ("relu",) and only_own(conv2d_pair, f, x)


def _takes(name: str, *arguments: Any) -> bool:
    case, relu = _case(*arguments)
    return relu and fits(name, case)


def _best(key: tuple[Case, bool]) -> str | None:
    case, relu = key
    return f"conv2d_activation_{best(case)}" if relu else None


for name, way in WAYS.items():
    register(
        conv2d_activation_pair,
        *way.LOOPS["forward"],
        planes_back if way is images else pixels_back,
        turn_images,
        name=f"conv2d_activation_{name}",
        when=partial(_takes, name),
        why=f"ReLU; {RULES[name].why}",
    )(_pair(way))
conv2d_activation_pair.choose("numpy", key=_case, pick=_best, priority=PRIORITY)
