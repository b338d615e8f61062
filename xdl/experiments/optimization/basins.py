"""Basins: from which starts a method finds a minimum, and in how many steps; all starts in one batch."""

from __future__ import annotations

from math import nan
from typing import Any

from xdl import nn, optim
from xdl.creation import full
from xdl.experiments.optimization.functions import Function
from xdl.functional import stack, where
from xdl.tensor import Tensor

STARTS = {"gd": 0.01, "momentum": 0.01, "adam": 0.1}  # method -> its rate
MAKERS: dict[str, Any] = {
    "gd": lambda p, lr: optim.SGD(p, lr=lr),
    "momentum": lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9),
    "adam": lambda p, lr: optim.Adam(p, lr=lr),
}


def basins(method: str, function: Function, side: int, rate: float, most: int, near: float) -> Tensor:
    """The step (side, side) after which a search from each place of the grid is near a minimum, nan where none is.

    The methods move every start by its own gradient, so that the sum of all values has the gradients of all searches.
    A start that went off to infinity stays there.
    """
    xs, ys = function.grid(side)
    zeros = full((side, side), 0.0, dtype="float64")
    points = nn.Parameter(stack([xs.reshape(1, -1) + zeros, ys.reshape(-1, 1) + zeros], 2))
    optimizer = MAKERS[method]([points], rate)
    steps = full((side, side), nan, dtype="float64")
    for step in range(most + 1):
        arrived = (function.distance(points.detach()) <= near).logical_and(steps != steps)
        steps = where(arrived, float(step), steps)
        optimizer.zero_grad()
        function.f(points[..., 0], points[..., 1]).sum().backward()
        optimizer.step()
    return steps
