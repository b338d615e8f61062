"""What a forward pass of batch norm finds before its last pass, and what follows from the sums of the backward.

r = 1 / sqrt(var + eps)      a = gamma r      z = a (x - mu) + b
k = -a r dgamma / M          o = -a dbeta / M          dx = a g + k (x - mu) + o
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xdl.functional.norm.batch_norm import through_statistics

from ..sharing import REALS
from .pixels import Pixels
from .planes import IMAGES_LAST, Planes

PIXELS = 0, 2, 1  # dimensions in the order of channels-last memory
SMALLEST = 4  # numbers in a row of a plane; below, a row takes longer than its numbers
WHY = (
    f"float32 or float64 in channels-last memory, with the images last, or in C order with at least {SMALLEST} values "
    "a channel and image"
)


def dense(x: np.ndarray) -> bool:
    """Whether loops take x (N, C, M)."""
    any_order = _are_planes(x) or any(x.transpose(order).flags.c_contiguous for order in (PIXELS, IMAGES_LAST))
    return x.dtype in REALS and x.size > 0 and any_order


def _are_planes(x: np.ndarray) -> bool:
    return x.flags.c_contiguous and x.shape[2] >= SMALLEST


def _layout(x: np.ndarray) -> Planes | Pixels:
    if _are_planes(x):
        return Planes(x.shape)
    return Planes(x.shape, IMAGES_LAST) if x.transpose(IMAGES_LAST).flags.c_contiguous else Pixels(x.shape)


class Normalized(NamedTuple):
    """x and its rows; mu, r, a and b of channels; batch: whether mu and var are those of the batch."""

    x: np.ndarray
    layout: Planes | Pixels
    rows: np.ndarray
    mu: np.ndarray
    r: np.ndarray
    a: np.ndarray
    b: np.ndarray
    batch: bool

    def slopes(self, total: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """dgamma, k and o from the sums of g and of g (x - mu); k and o are 0 with mu and var given."""
        dgamma, m = along * self.r, self.x.dtype.type(self.x.shape[0] * self.x.shape[2])
        if not self.batch:
            return dgamma, np.zeros_like(total), np.zeros_like(total)
        return dgamma, -self.a * self.r * dgamma / m, -self.a * total / m

    def gradient(self, rows: np.ndarray, dmu: Any, dvar: Any) -> np.ndarray:
        """dx (N, C, M) from its rows, with what dmu and dvar add."""
        dx = self.layout.tensor(rows)
        whole: np.ndarray = through_statistics(dx, self.x, self.mu, dmu, dvar) if self.batch else dx
        return whole


def normalize(
    x: np.ndarray, gamma: Any, beta: Any, mu: Any, var: Any, eps: float
) -> tuple[Normalized, np.ndarray, np.ndarray]:
    """What z is made of, mu and var: those given, or the batch's."""
    layout = _layout(x)
    batch, rows = mu is None, layout.rows(x)
    if batch:
        mu, var = layout.mean_and_variance(rows)
    r = 1 / np.sqrt(var + x.dtype.type(eps))
    a, b = r if gamma is None else gamma * r, np.zeros_like(mu) if beta is None else beta
    return Normalized(x, layout, rows, mu, r, a, b, batch), mu, var
