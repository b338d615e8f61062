"""Functions of several variables: partial derivatives, the gradient, and Jacobian matrices (hwdong 1.3.6, 1.3.7).

gradient of f = (df/dx, df/dy)    slope of f in the unit direction d = gradient . d, largest along the gradient
J[i, j] = d y_i / d z_j           softmax: J = diag(s) - s s^T
v J = the gradient of v . y       one backward pass, however many y there are
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, pi, sin
from typing import Any

from xdl import functional as F
from xdl import plot
from xdl.creation import arange, linspace, tensor
from xdl.errors import SettingError, expect
from xdl.experiments.mathematics.slopes import straight
from xdl.experiments.shared.formula import Function, formula
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

QUICK: dict[str, Any] = {}
SIDE, ARROWS = 101, 17  # points of the grid and arrows, along each axis
H = 1e-5  # of numerical derivatives
TURNS = 361  # directions


@dataclass(frozen=True)
class Settings:
    """A function of x and y with a place, and a vector that softmax is taken of."""

    f: str = setting("x*exp(-x**2 - y**2)", "a function of x and y, of + - * / ** and exp log sin cos and others")
    x: float = setting(0.3, "where the gradient is looked at")
    y: float = setting(0.6, "where the gradient is looked at")
    reach: float = setting(2.0, "draws from -reach to reach along both axes", above=0, high=1000)
    z: tuple[float, ...] = setting((2.0, 1.0, 0.0, -1.0, 0.5), "logits of the softmax", low=-50, high=50)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The gradient at a place and everywhere, slopes in all directions, and the Jacobian of softmax."""
    expect(2 <= len(settings.z) <= 12, SettingError, "z", "2 to 12 numbers", len(settings.z))
    f = formula("f", settings.f, ("x", "y"))
    at = settings.x, settings.y
    value, slopes = _with_gradient(f, *at)
    found = [_slope(f, at, direction) for direction in ((1.0, 0.0), (0.0, 1.0))]
    run.say(f"f(x, y) = {settings.f} at ({at[0]:g}, {at[1]:g}): {value:.6g}")
    rows = [(f"df/d{name}", slope, n, abs(slope - n)) for name, slope, n in zip("xy", slopes, found, strict=True)]
    partial = run.table(("partial derivative", "by the tape", "numerical", "apart"), rows)
    _draw_field(run, f, settings)
    directions = _draw_slopes(run, f, at, value, slopes)
    jacobian = _softmax(run, settings.z)
    return {"partial": partial, "gradient": list(slopes), **directions, **jacobian}


def _with_gradient(f: Function, x: float, y: float) -> tuple[float, tuple[float, float]]:
    """f and its gradient at a place. Raises SettingError where they are not finite."""
    at = [tensor(v, dtype="float64", requires_grad=True) for v in (x, y)]
    value = f(*at)
    slopes = [0.0 if g is None else g.item() for g in grad(value, at)]
    fits = all(abs(number) < float("inf") for number in (value.item(), *slopes))
    expect(fits, SettingError, "f", "a function with a finite gradient at the place", f"{slopes} at ({x:g}, {y:g})")
    return value.item(), (slopes[0], slopes[1])


def _slope(f: Function, at: tuple[float, float], direction: tuple[float, float]) -> float:
    """The two-sided difference quotient along a unit direction."""
    with no_grad():
        x, y = (tensor([a + h * d for h in (-H, H)], dtype="float64") for a, d in zip(at, direction, strict=True))
        left, right = f(x, y).tolist()
    return float((right - left) / (2 * H))


def _grid(reach: float, side: int) -> tuple[Tensor, Tensor]:
    """x and y (side**2,) of the points of a square, row by row."""
    places, number = linspace(-reach, reach, side, dtype="float64"), arange(side * side)
    return places[number % side], places[number // side]


def _draw_field(run: Run, f: Function, settings: Settings) -> None:
    x, y = _grid(settings.reach, SIDE)
    with no_grad():
        heights = (f(x, y) + 0 * x).reshape(SIDE, SIDE)
    edge = settings.reach * (1 - 1 / ARROWS)
    u, v = (t.requires_grad_() for t in _grid(edge, ARROWS))
    slopes = [u * 0 if g is None else g for g in grad((f(u, v) + 0 * u).sum(), [u, v])]
    axis = linspace(-settings.reach, settings.reach, SIDE, dtype="float64").numpy()
    data = plot.field_data(
        axis,
        axis,
        heights.numpy(),
        f"f(x, y) = {settings.f}: level lines and gradients",
        places=F.stack([u.detach(), v.detach()], 1).numpy(),
        arrows=F.stack(slopes, 1).numpy(),
        points={"looked at": (settings.x, settings.y)},
        value="f",
    )
    said = "each arrow is a gradient from the tape: across the level lines, uphill, longer where these are close"
    run.figure("field", data, said)


def _draw_slopes(
    run: Run, f: Function, at: tuple[float, float], value: float, slopes: tuple[float, float]
) -> dict[str, Any]:
    """Cuts along both axes with their tangents, and the slope in all directions."""
    near = [(i - 100) / 100 for i in range(201)]
    panels: dict[str, dict[str, Any]] = {}
    for k, name in enumerate("xy"):
        ways = [tensor([a + (h if k == axis else 0.0) for h in near], dtype="float64") for axis, a in enumerate(at)]
        with no_grad():
            cut = (f(*ways) + 0 * ways[0]).tolist()
        fixed = f"{'yx'[k]} = {at[1 - k]:g}"
        panels[f"along {name}, {fixed}: slope {slopes[k]:.3g}"] = {
            "f": Line([at[k] + h for h in near], cut),
            "tangent": straight(at[k], value, slopes[k], at[k] - 0.6, at[k] + 0.6),
            "the place": Line([at[k]], [value], look="dots", colour=3),
        }
    turns = [2 * pi * i / (TURNS - 1) for i in range(TURNS)]
    found = [_slope(f, at, (cos(t), sin(t))) for t in turns]
    product = [slopes[0] * cos(t) + slopes[1] * sin(t) for t in turns]
    steepest = max(zip(found, turns, strict=True))
    size, angle = hypot(*slopes), degrees(atan2(slopes[1], slopes[0])) % 360
    panels["in every direction"] = {
        "gradient . direction": Line([degrees(t) for t in turns], product, look="thick", colour=0),
        "numerical slope": Line([degrees(t) for t in turns], found, colour=1),
        f"the gradient's: {angle:.0f} degrees": Line([angle], [size], look="dots", colour=3),
    }
    apart = max(abs(a - b) for a, b in zip(found, product, strict=True))
    see = run.see(
        f"of {TURNS - 1} directions the steepest, {steepest[0]:.4g} at {degrees(steepest[1]):.0f} degrees, is the "
        f"gradient's ({size:.4g} at {angle:.1f}); across it the slope is {_slope(f, at, _across(slopes)):.1e}"
    )
    data = plot.lines_data(panels, "partial derivatives are slopes of cuts", ["x", "y", "degrees from the x axis"])
    run.figure("slopes", data, see)
    return {"steepest_degrees": degrees(steepest[1]), "gradient_degrees": angle, "directions_apart": apart}


def _across(slopes: tuple[float, float]) -> tuple[float, float]:
    """The unit direction at a right angle to the gradient."""
    size = hypot(*slopes) or 1.0
    return -slopes[1] / size, slopes[0] / size


def _softmax(run: Run, numbers: tuple[float, ...]) -> dict[str, Any]:
    """The Jacobian of softmax row by row from the tape, by its formula, numerically; and a vector times it."""
    z = tensor(list(numbers), dtype="float64", requires_grad=True)
    s, k = F.softmax(z, 0), len(numbers)
    rows = [grad(s[i], [z], retain_graph=True)[0] for i in range(k)]
    jacobian = F.stack([row for row in rows if row is not None])
    with no_grad():
        by_formula = F.diag(s) - F.outer(s, s)
        steps = [H * (arange(k) == j).to("float64") for j in range(k)]
        numerical = F.stack([(F.softmax(z + step, 0) - F.softmax(z - step, 0)) / (2 * H) for step in steps], 1)
    v = tensor([1.0 if i == 0 else 0.5 * (-1) ** i for i in range(k)], dtype="float64")
    (backward,) = grad((v * s).sum(), [z])
    assert backward is not None
    product = v @ jacobian
    checks = {
        "J by the tape and diag(s) - s s^T": jacobian - by_formula,
        "J by the tape and numerically": jacobian - numerical,
        "v J by numbers and by one backward pass": product - backward,
        "the sum of each column of J and 0": jacobian.sum(0),
        "J and its transpose": jacobian - jacobian.T,
    }
    run.say(f"softmax of {list(numbers)}")
    table = run.table(("compared", "largest difference"), [(what, d.abs().max().item()) for what, d in checks.items()])
    apart = max(row["largest difference"] for row in table)
    see = run.see(
        f"J took {k} backward passes, v J one; raising z_j takes from the other s_i what s_j wins: columns sum to 0. "
        f"Largest difference of the {len(table)} checks: {apart:.1e}"
    )
    shown = {
        "s = softmax(z)": s.detach().reshape(k, 1),
        "J[i, j] = ds_i / dz_j": jacobian,
        "v": v,
        "v J: one backward pass": backward,
    }
    rounded = {name: F.round(numbers, decimals=3).numpy() for name, numbers in shown.items()}
    run.figure("jacobian", plot.matrices_data(rounded, "the Jacobian of softmax, and a vector times it", 2), see)
    return {"jacobian": jacobian.tolist(), "vector_jacobian": backward.tolist(), "checks": table}
