"""The integral as the limit of sums of rectangles, and that its derivative is the function again.

    left       sum of f(x_i) dx               error ~ 1/n
    midpoint   sum of f(x_i + dx/2) dx        error ~ 1/n^2
    trapezoid  the mean of left and right     error ~ 1/n^2

The value that they are measured by is Simpson's rule with very many parts, which is exact for cubic functions.
"""

from __future__ import annotations

from itertools import accumulate
from math import isfinite, nan
from typing import Any

from xdl import plot
from xdl.errors import SettingError, expect
from xdl.experiments.shared.formula import Function, evaluated
from xdl.experiments.shared.steepness import power
from xdl.plot import Line
from xdl.runs.run import Run

MANY = 4096  # parts of Simpson's rule
COUNTS = [2**k for k in range(1, 13)]
WAYS = {"left": 0.0, "midpoint": 0.5}  # where in its part a rectangle's height is taken
LAST = 4  # of them that show how an error falls in the end
NOISE = 1e-13  # relative errors below are those of rounding

Interval = tuple[float, float]


def riemann(f: Function, interval: Interval, parts: int, where: float) -> float:
    """The sum of rectangles whose height is f at a share `where` of each part."""
    low, high = interval
    width = (high - low) / parts
    return width * sum(evaluated(f, [low + (i + where) * width for i in range(parts)]))


def trapezoid(f: Function, interval: Interval, parts: int) -> float:
    """The mean of the sums with the left and with the right ends."""
    return (riemann(f, interval, parts, 0.0) + riemann(f, interval, parts, 1.0)) / 2


def simpson(f: Function, interval: Interval, parts: int = MANY) -> float:
    """(2 midpoint + trapezoid) / 3."""
    return (2 * riemann(f, interval, parts, 0.5) + trapezoid(f, interval, parts)) / 3


def integrate(run: Run, f: Function, text: str, interval: Interval, parts: int) -> dict[str, Any]:
    """The sums for more and more parts, how their errors fall, and the integral as a function of where it ends."""
    low, high = interval
    exact = simpson(f, interval)
    found = f"{exact:g} from {low:g} to {high:g}"
    expect(isfinite(exact), SettingError, "f", "a function with an integral between low and high", found)
    sums = {way: [riemann(f, interval, n, where) for n in COUNTS] for way, where in WAYS.items()}
    sums["trapezoid"] = [trapezoid(f, interval, n) for n in COUNTS]
    rows = [(n, *(sums[way][k] for way in sums)) for k, n in enumerate(COUNTS)]
    run.say(f"the integral of {text} from {low:g} to {high:g}: {exact:.10g} by Simpson's rule with {MANY} parts")
    table = run.table(("parts", *sums), rows)
    scale = max(1.0, abs(exact))
    errors = {way: [abs(s - exact) / scale for s in many] for way, many in sums.items()}
    powers = {way: _power(many) for way, many in errors.items()}
    see = run.see("; ".join(_said(way, p) for way, p in powers.items()))
    lines = {way: Line(COUNTS, [e if e > NOISE else nan for e in many]) for way, many in errors.items()}
    title = f"sums for the integral of {text}: their error"
    run.figure(
        "integral-error",
        plot.lines_data({"relative error against the number of parts": lines}, title, "parts", log=True, x_log=True),
        see,
    )
    apart, drawn = _drawn(f, interval, parts)
    said = run.see(
        f"the integral up to x has f(x) as its slope: its difference quotients are within {apart:.1e} of f; "
        "what lies below the axis counts as negative"
    )
    run.figure("integral", plot.lines_data(drawn, f"the integral of f(x) = {text} as a sum", "x", columns=2), said)
    return {"exact": exact, "sums": table, "powers": powers, "slope_error": apart}


def _said(way: str, p: float | None) -> str:
    return f"{way}: exact but for rounding" if p is None else f"{way}: the error falls as n^{p:.2f}"


def _power(errors: list[float]) -> float | None:
    """p of error ~ n**p for the largest n where rounding plays no part; None for fewer than two such places."""
    kept = [(n, e) for n, e in zip(COUNTS, errors, strict=True) if n >= 8 and e > NOISE][-LAST:]
    return power([n for n, _ in kept], [e for _, e in kept]) if len(kept) > 1 else None


def _drawn(f: Function, interval: Interval, parts: int) -> tuple[float, dict[str, dict[str, Line]]]:
    """The panels: rectangles in three ways, and the running integral, with how far its slope is from f."""
    low, high = interval
    xs = [low + (high - low) * i / 400 for i in range(401)]
    ys = evaluated(f, xs)
    panels = {}
    for way, n in (("left", parts), ("midpoint", parts), ("midpoint", 4 * parts)):
        value = riemann(f, interval, n, WAYS[way])
        boxes = _boxes(f, interval, n, WAYS[way])
        panels[f"{way}, {n} parts: {value:.5g}"] = {"rectangles": boxes, "f": Line(xs, ys, colour=0)}
    width = xs[1] - xs[0]
    middles = [x + width / 2 for x in xs[:-1]]
    running = [0.0, *accumulate(width * y for y in evaluated(f, middles))]
    slopes = [(b - a) / (2 * width) for a, b in zip(running, running[2:], strict=False)]
    apart = max(abs(slope - y) for slope, y in zip(slopes, ys[1:-1], strict=True))
    panels[f"the integral up to x; at the end {running[-1]:.5g}"] = {
        "integral up to x": Line(xs, running, colour=1),
        "f": Line(xs, ys, colour=0),
    }
    return apart, panels


def _boxes(f: Function, interval: Interval, parts: int, where: float) -> Line:
    low, high = interval
    width = (high - low) / parts
    heights = evaluated(f, [low + (i + where) * width for i in range(parts)])
    xs = [low + width * (i + side) for i in range(parts) for side in (0, 0, 1, 1)]
    ys = [height for y in heights for height in (0.0, y, y, 0.0)]
    return Line(xs, ys, [min(y, 0.0) for y in ys], [max(y, 0.0) for y in ys], colour=1)
