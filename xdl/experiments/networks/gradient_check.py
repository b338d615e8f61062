"""Numerical checks of gradients: of single layers, and of a whole network with its loss (hwdong 4.3.3, 4.3.5).

The error of (L(eps) - L(-eps)) / (2 eps) has two parts: that of the formula, which grows as eps**2, and the rounding of
L, about 1e-16 / eps. On logarithmic axes their sum is a V. Of the one-sided (L(eps) - L(0)) / eps the first is eps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log10, nan
from statistics import median
from typing import Any

from xdl import nn, plot
from xdl.experiments.shared.steepness import steepness
from xdl.models import MLP, BookCNN, LeNet5
from xdl.random import randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

CASES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {  # name -> the module, the shape of its input
    "Linear": (lambda: nn.Linear(6, 4), (5, 6)),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 3, padding=1), (2, 2, 5, 5)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(4), (6, 4)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), (2, 3, 4, 4)),
    "MLP with batch norm": (lambda: MLP((6, 8, 7, 4), nn.Tanh, batch_norm=True), (5, 6)),
    "LeNet-5": (LeNet5, (2, 1, 28, 28)),
    "book-cnn with batch norm": (lambda: BookCNN(10, (1, 8, 8), batch_norm=True), (3, 1, 8, 8)),
}


SWEPT = "MLP with batch norm"  # smooth, so that both slopes of the V are seen
ONE_SIDED, TWO_SIDED = "one-sided", "two-sided"  # (L(eps) - L(0)) / eps, and (L(eps) - L(-eps)) / (2 eps)
WAYS = {ONE_SIDED: 1, TWO_SIDED: 2}  # way -> the power of eps in its error
EPS = [10 ** (-k / 2) for k in range(2, 27)]


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """How the derivative is measured."""

    eps: float = setting(1e-6, "half the distance between the two points", above=0)
    sweep: int = setting(20, "random directions in the figure of the error against eps", low=1)
    directions: int = setting(5, "random directions to look along, in every network", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """One line a layer or network: the largest error over all directions. Then the error of one against eps."""
    rows = []
    for name in CASES:
        model, x, u = case(name)
        errors = [error(model, x, u, settings.eps) for _ in range(settings.directions)]
        parameters = sum(p.numpy().size for p in model.parameters())
        rows.append((name, parameters, max(errors)))
    table = run.table(("network", "parameters", "largest error"), rows)
    swept = sweep(*case(SWEPT), settings.sweep)
    best = {way: best_eps(errors) for way, errors in swept.items()}
    seen = "\n".join(run.see(explained(way, errors)) for way, errors in swept.items())
    panel = f"relative error, median of {settings.sweep} directions"
    lines = {way: plot.Line(EPS, errors) for way, errors in swept.items()}
    run.figure(
        "error", plot.lines_data({panel: lines}, f"numerical derivative of {SWEPT}", "eps", log=True, x_log=True), seen
    )
    return {"checks": table, "largest_error": max(row[2] for row in rows), "best_eps": best}


def case(name: str) -> tuple[nn.Module, Tensor, Tensor]:
    """The module of a case in float64, an input for it, and a direction of its output."""
    make, shape = CASES[name]
    model, x = make().to("float64"), randn(*shape, dtype="float64")
    with no_grad():
        return model, x, randn(*model(x).shape, dtype="float64")


def error(model: nn.Module, x: Tensor, u: Tensor, eps: float) -> float:
    """How far d(u . model(x)) / dt, along one random direction v of all parameters, is from the gradient . v.

    (L(p + eps v) - L(p - eps v)) / (2 eps) against grad L . v, relative to the larger of 1 and |grad L . v|, float64
    """
    slope, at = along(model, x, u)
    return relative((at(eps) - at(-eps)) / (2 * eps), slope)


def along(model: nn.Module, x: Tensor, u: Tensor) -> tuple[float, Callable[[float], float]]:
    """grad L . v of L = u . model(x), for a random direction v of all parameters p; and t -> L(p + t v)."""
    parameters = list(model.parameters())
    origin = [p.detach().clone() for p in parameters]
    directions = [randn(*p.shape, dtype="float64") for p in parameters]
    gradients = grad((u * model(x)).sum(), parameters)
    slope = sum((g * v).sum().item() for g, v in zip(gradients, directions, strict=True) if g is not None)

    def at(t: float) -> float:
        with no_grad():
            for p, start, v in zip(parameters, origin, directions, strict=True):
                p[...] = start + t * v
            value = (u * model(x)).sum().item()
            for p, start in zip(parameters, origin, strict=True):
                p[...] = start
        return float(value)

    return float(slope), at


def relative(found: float, slope: float) -> float:
    """The distance of a numerical derivative from the gradient's, relative to the larger of 1 and the latter."""
    return abs(found - slope) / max(1.0, abs(slope))


def sweep(model: nn.Module, x: Tensor, u: Tensor, directions: int) -> dict[str, list[float]]:
    """{way: its error for each of EPS}, the median over random directions; nan where the median is exactly 0."""
    found: dict[str, list[list[float]]] = {way: [[] for _ in EPS] for way in WAYS}
    for _ in range(directions):
        slope, at = along(model, x, u)
        middle = at(0.0)
        for i, eps in enumerate(EPS):
            right, left = at(eps), at(-eps)
            found[TWO_SIDED][i].append(relative((right - left) / (2 * eps), slope))
            found[ONE_SIDED][i].append(relative((right - middle) / eps, slope))
    return {way: [median(errors) or nan for errors in several] for way, several in found.items()}


def best_eps(errors: list[float]) -> float:
    """The step with the least error."""
    return min((e, eps) for e, eps in zip(errors, EPS, strict=True) if e == e)[1]


def explained(way: str, errors: list[float]) -> str:
    """Where the V has its lowest point, and how steep its sides are."""
    best = best_eps(errors)
    points = [(log10(eps), log10(e)) for eps, e in zip(EPS, errors, strict=True) if e == e]
    least = min(e for e in errors if e == e)
    text = f"{way}: the least error, {least:.1e}, is at eps = {best:.0e}"
    right = steepness([(x, y) for x, y in points if log10(best) + 0.9 < x <= -3])
    left = steepness([(x, y) for x, y in points if x < log10(best) - 0.9])
    formula = f"above it the error goes as eps**{right:.2f}, the formula's own (expected {WAYS[way]})"
    return f"{text}; {formula}, below it as eps**{left:.2f}, the rounding of L over eps (expected -1)."
