"""Secants that become the tangent, and how near a difference quotient comes to the derivative for every h.

    one-sided  (f(x + h) - f(x)) / h            error h |f''| / 2 of the formula
    two-sided  (f(x + h) - f(x - h)) / (2 h)    error h^2 |f'''| / 6

Both lose to rounding what they win by a smaller h: f is known to about eps |f|, and this is divided by h. On
logarithmic axes the sum of the two errors is a V.
"""

from __future__ import annotations

from math import nan
from statistics import median
from typing import Any

from xdl import plot
from xdl.experiments.shared.formula import Function, at, evaluated
from xdl.plot import Line
from xdl.runs.run import Run

EPS = 2.0**-52  # float64: from 1 to the next number
HS = [10 ** (-k / 4) for k in range(65)]  # 1 to 1e-16
DRAWN = (1.0, 0.6, 0.3, 0.1)  # the h of secants
WAYS = ONE_SIDED, TWO_SIDED = "one-sided", "two-sided"
PLACES, NEAR = 10, 0.05  # places on each side of x that a median is over, and how far they reach
CLOSE, CORNER = 1e-6, 1e-3  # an h for slopes from both sides, and by how much these differ at a corner
SMALLEST = 1e-17  # error of a formula that is drawn


def numerical(f: Function, x: float, h: float = 1e-5) -> float:
    """(f(x + h) - f(x - h)) / (2 h)."""
    left, right = evaluated(f, [x - h, x + h])
    return (right - left) / (2 * h)


def straight(x0: float, y0: float, slope: float, low: float, high: float, look: str = "line", colour: int = 1) -> Line:
    """The straight line through (x0, y0) from low to high."""
    xs = [low + (high - low) * i / 20 for i in range(21)]
    return Line(xs, [y0 + slope * (x - x0) for x in xs], look=look, colour=colour)


def secants(run: Run, f: Function, x0: float, title: str) -> None:
    """The figure of f with secants and the tangent at a place; beside it the slopes of secants to both sides."""
    y0, slope = at(f, x0)
    reach = [x0 - 1.2 + 2.6 * i / 200 for i in range(201)]
    others = evaluated(f, [x0 + h for h in DRAWN])
    rises = [(y - y0) / h for y, h in zip(others, DRAWN, strict=True)]
    lines = {"f": Line(reach, evaluated(f, reach), look="thick", colour=0)}
    for colour, h, rise in zip((1, 2, 4, 5), DRAWN, rises, strict=True):
        lines[f"secant, h = {h:g}: slope {rise:.3g}"] = straight(x0, y0, rise, x0 - 0.7, x0 + 1.2, colour=colour)
    lines[f"tangent: slope {slope:.3g}"] = straight(x0, y0, slope, x0 - 1.0, x0 + 1.2, "dashed", 3)
    lines["where they meet f"] = Line([x0, *(x0 + h for h in DRAWN)], [y0, *others], look="dots", colour=7)
    hs = [i / 50 for i in range(-50, 51)]
    quotients = [(y - y0) / h if h else nan for y, h in zip(evaluated(f, [x0 + h for h in hs]), hs, strict=True)]
    limit = {
        "slope of the secant": Line(hs, quotients),
        "no secant at h = 0: the tape's slope": Line([0.0], [slope], look="circles", colour=3),
    }
    left, right = evaluated(f, [x0 - CLOSE, x0 + CLOSE])
    sides = (y0 - left) / CLOSE, (right - y0) / CLOSE
    if abs(sides[0] - sides[1]) > CORNER * max(1.0, *map(abs, sides)):
        said = f"f has a corner at {x0:g}: its slope is {sides[0]:.3g} from the left and {sides[1]:.3g} from the right"
    else:
        said = f"the slopes of the secants, {', '.join(f'{rise:.3g}' for rise in rises)}, approach {slope:.4g}"
    panels = {f"secants at x = {x0:g}": lines, "their slopes": limit}
    data = plot.lines_data(panels, f"{title}: the secant becomes the tangent", ["x", "h"])
    run.figure("secants", data, run.see(said))


def difference_quotients(run: Run, f: Function, x0: float) -> dict[str, Any]:
    """The errors of both quotients for h from 1 to 1e-16, the best h, and the figure of the V.

    Rounding is chance: at one place it may be 0 for a large h. So the figure has the median over places near by.
    """
    y0, slope, second, third = at(f, x0, 3)
    scale = max(1.0, abs(slope))
    near = [_quotients(f, x0 + NEAR * k / PLACES) for k in range(-PLACES, PLACES + 1)]
    errors = {way: [median(one[way][i][1] for one in near) for i in range(len(HS))] for way in WAYS}
    lines = {way: Line(HS, [e or nan for e in many], colour=k) for k, (way, many) in enumerate(errors.items())}
    over = " / |f'|" if scale > 1 else ""
    of_formula = {f"h |f''| / 2{over}": (1, abs(second) / 2), f"h^2 |f'''| / 6{over}": (2, abs(third) / 6)}
    for colour, (name, (power, factor)) in enumerate(of_formula.items()):
        shown = [e if (e := factor * h**power / scale) > SMALLEST else nan for h in HS]
        if factor:
            lines[name] = Line(HS, shown, look="dashed", colour=colour)
    noise = EPS * max(abs(y0), abs(x0 * slope))  # of f, and of x + h, which is rounded too
    if noise:
        rounding = [noise / h / scale for h in HS]
        lines[f"rounding: eps max(|f|, |x f'|) / h{over}"] = Line(HS, rounding, look="dashed", colour=7)
    best = {way: min((e, h) for e, h in zip(many, HS, strict=True)) for way, many in errors.items()}
    here = _quotients(f, x0)
    rows = []
    for i in range(0, len(HS), 4):
        (one, far), (two, near_by) = here[ONE_SIDED][i], here[TWO_SIDED][i]
        rows.append((HS[i], one, two, far, near_by))
    run.say(f"difference quotients at x = {x0:g}, where f' = {slope:.10g} by the tape")
    table = run.table(("h", *WAYS, f"error, {ONE_SIDED}", f"error, {TWO_SIDED}"), rows)
    said = "; ".join(f"{way}: the best h is {h:.0e}, with an error of {e:.0e}" for way, (e, h) in best.items())
    see = run.see(f"a smaller h is not always better. {said}; at h = {HS[-1]:.0e} it is {errors[ONE_SIDED][-1]:.0%}")
    kind = "relative error" if scale > 1 else "error"
    panel = f"{kind}, median of {2 * PLACES + 1} places around x = {x0:g}"
    data = plot.lines_data({panel: lines}, "the V of the difference quotient", "h", log=True, x_log=True)
    run.figure("difference-quotient", data, see)
    return {"best_h": {way: h for way, (_, h) in best.items()}, "errors": table}


def _quotients(f: Function, x: float) -> dict[str, list[tuple[float, float]]]:
    """{way: (the quotient, its error relative to the larger of 1 and the derivative) for each of HS}."""
    y, slope = at(f, x)
    right, left = (evaluated(f, [x + sign * h for h in HS]) for sign in (1, -1))
    found = {
        ONE_SIDED: [(r - y) / h for r, h in zip(right, HS, strict=True)],
        TWO_SIDED: [(r - m) / (2 * h) for r, m, h in zip(right, left, HS, strict=True)],
    }
    scale = max(1.0, abs(slope))
    return {way: [(q, abs(q - slope) / scale) for q in quotients] for way, quotients in found.items()}
