"""Sines and cosines of coordinates, by which a small network learns a function with many bumps in few steps."""

from __future__ import annotations

from math import pi

import xdl
from xdl import nn
from xdl.tensor import Tensor


class Waves(nn.Module):
    """x beside sin(f x) and cos(f x), f = pi/2 2**i for i = 0..octaves-1: (N, D) to (N, D (1 + 2 octaves)).

    A network of ReLUs learns slow changes first (Rahaman et al. 2019); with waves among its inputs it learns fast ones
    as soon (Tancik et al. 2020, "Fourier features let networks learn high frequency functions"). The longest wave has
    period 4: the width of data that have about unit std. Nothing is learned.
    """

    def __init__(self, octaves: int) -> None:
        self.octaves = octaves

    def features(self, dimensions: int) -> int:
        """How many numbers come out for so many that go in."""
        return dimensions * (1 + 2 * self.octaves)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        angles = [pi / 2 * 2**i * x for i in range(self.octaves)]
        return xdl.cat([x, *(wave for angle in angles for wave in (angle.sin(), angle.cos()))], 1)
