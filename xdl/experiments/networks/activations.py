"""Activation functions and their derivatives, drawn and checked (hwdong 4.1.2; 徐彬 3.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl import functional as F
from xdl import plot
from xdl.creation import tensor
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "step": lambda x: (F.sign(x) + 1) / 2,
    "sign": F.sign,
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "relu": F.relu,
    "leaky relu": F.leaky_relu,
}
AT = (-100.0, -1.0, 0.5, 100.0)  # where the table looks; far out a careless sigmoid overflows


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """The part of the axis that is drawn."""

    reach: float = setting(4.0, "draws from -reach to reach", above=0, high=1000)
    points: int = setting(401, "points of each curve", low=3, high=100000)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A panel for each function with its derivative from the tape, and a table of values."""
    step = 2 * settings.reach / (settings.points - 1)
    xs = [-settings.reach + i * step for i in range(settings.points)]
    panels: dict[str, dict[str, tuple[Any, Any]]] = {}
    rows = []
    for name, function in FUNCTIONS.items():
        values, slopes = value_and_slope(function, xs)
        panels[name] = {"value": (xs, values), "derivative": (xs, slopes)}
        at, slopes_at = value_and_slope(function, list(AT))
        rows.append((name, *at, *slopes_at))
    run.figure("activations", plot.lines_data(panels, "activation functions", "x"))
    headings = ("function", *(f"f({x:g})" for x in AT), *(f"f'({x:g})" for x in AT))
    return {"functions": run.table(headings, rows)}


def value_and_slope(function: Callable[[Tensor], Tensor], xs: list[float]) -> tuple[list[float], list[float]]:
    """The function and its derivative at each x, in float64."""
    x = tensor(xs, dtype="float64", requires_grad=True)
    y = function(x)
    y.sum().backward()
    assert x.grad is not None
    return y.tolist(), x.grad.tolist()
