"""Activation functions and their derivatives, drawn and checked (hwdong 4.1.2; 徐彬 3.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Any

from xdl import functional as F
from xdl import plot
from xdl.creation import tensor
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

LEAK = 0.1  # slope of the leaky ReLU below 0; its usual 0.01 could not be told from 0 in a picture
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "step": lambda x: (F.sign(x) + 1) / 2,
    "sign": F.sign,
    "relu": F.relu,
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    f"leaky relu, slope {LEAK:g}": lambda x: F.leaky_relu(x, LEAK),
}
AT = (-100.0, -1.0, 0.0, 0.5, 100.0)  # where the table looks; far out a careless sigmoid overflows
BESIDE = 1e-9  # how far from 0 its two limits are looked at


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """The part of the axis that is drawn."""

    reach: float = setting(3.0, "draws from -reach to reach", above=0, high=1000)
    points: int = setting(401, "points of each curve", low=3, high=100000)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A panel for each function with its derivative from the tape, and a table of values."""
    half = settings.points // 2
    xs = [settings.reach * i / half for i in range(-half, half + 1)]
    panels, rows = {}, []
    for name, function in FUNCTIONS.items():
        panels[name] = curves(function, xs)
        at, slopes_at = value_and_slope(function, list(AT))
        rows.append((name, *at, *slopes_at))
    headings = ("function", *(f"f({x:g})" for x in AT), *(f"f'({x:g})" for x in AT))
    table = run.table(headings, rows)
    seen = " ".join(run.see(sentence) for sentence in sentences())
    title = "activation functions and their derivatives, on one scale"
    run.figure("activations", plot.lines_data(panels, title, "x", share=True), seen)
    return {"functions": table}


def curves(function: Callable[[Tensor], Tensor], xs: list[float]) -> dict[str, plot.Line]:
    """The lines of a function and its derivative; where one jumps at 0, a gap there, its limits and its value."""
    values = value_and_slope(function, xs)
    left, here, right = zip(*value_and_slope(function, [-BESIDE, 0.0, BESIDE]), strict=True)
    found = {}
    for which, (kind, ys) in enumerate(zip(("value", "derivative"), values, strict=True)):
        limits = [left[which], right[which]]
        jumps = abs(limits[0] - limits[1]) > 1e3 * BESIDE
        if jumps:
            ys = [nan if x == 0 else y for x, y in zip(xs, ys, strict=True)]
        found[kind] = plot.Line(xs, ys, look="dashed" if which else "line", colour=which)
        if jumps:
            apart = [limit for limit in limits if limit != here[which]]
            found[f"limits of the {kind}"] = plot.Line([0.0] * len(apart), apart, look="circles", colour=which)
            found[f"{kind} at 0"] = plot.Line([0.0], [here[which]], look="dots", colour=which)
    return found


def sentences() -> list[str]:
    """What there is to see: the steepest slopes of sigmoid and tanh, and what is left of a sigmoid's slope far out."""
    steepest = {name: value_and_slope(FUNCTIONS[name], [0.0])[1][0] for name in ("sigmoid", "tanh")}
    ratio = steepest["tanh"] / steepest["sigmoid"]
    text = f"tanh is {ratio:g} times as steep at 0 as sigmoid ({steepest['tanh']:g} and {steepest['sigmoid']:g})."
    values, slopes = value_and_slope(F.sigmoid, [-100.0, 100.0])
    far = f"sigmoid'(-100) = {slopes[0]:.3g} and sigmoid'(100) = {slopes[1]:.3g}"
    if slopes[0] > slopes[1]:
        why = f"its slope is a (1 - a), and 1 - a keeps no digit where a = {values[1]:g} after rounding"
        return [text, f"{far}, though the curve is symmetric: {why}, while a = {values[0]:.3g} keeps all."]
    return [text, f"{far}."]


def value_and_slope(function: Callable[[Tensor], Tensor], xs: list[float]) -> tuple[list[float], list[float]]:
    """The function and its derivative at each x, in float64."""
    x = tensor(xs, dtype="float64", requires_grad=True)
    y = function(x)
    y.sum().backward()
    assert x.grad is not None
    return y.tolist(), x.grad.tolist()
