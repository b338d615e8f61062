"""The necessary condition for an extremum: f' = 0, where f' exists (hwdong 2.1).

It is not sufficient: x**3 has f' = 0 at 0, and no extremum there. f'' > 0 makes a minimum and f'' < 0 a maximum of it;
f'' = 0 decides nothing: x**3 has none, x**4 a minimum. And the least value of an interval may lie at its end, or in a
corner, where f' = 0 is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any

from xdl import plot
from xdl.errors import SettingError, expect
from xdl.experiments.optimization.stationary import Found, extrema_of_values, look
from xdl.experiments.shared.formula import Function, derivatives, evaluated, formula
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {}
OTHERS = {"x**3": "f'' = 0, no extremum", "x**4": "f'' = 0, a minimum", "abs(x)": "a corner"}  # and what they are for
REACH = 1.5  # of their intervals, to both sides of 0
POINTS = 401


@dataclass(frozen=True)
class Settings:
    """A function and an interval, beside three whose second derivative does not decide."""

    f: str = setting("x**3 - 3*x**2 - 9*x + 2", "a function of x")
    low: float = setting(-4.0, "where its interval begins")
    high: float = setting(6.0, "where it ends")


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """All places with f' = 0 or without f', what they are, and the extrema that the values alone show."""
    expect(settings.low < settings.high, SettingError, "high", f"above low = {settings.low:g}", settings.high)
    given = {settings.f: (settings.low, settings.high)} | dict.fromkeys(OTHERS, (-REACH, REACH))
    rows: list[tuple[Any, ...]] = []
    upper: dict[str, dict[str, Line]] = {}
    lower: dict[str, dict[str, Line]] = {}
    missed: list[float] = []
    found: dict[str, list[Found]] = {}
    for text, (low, high) in given.items():
        f = formula("f", text)
        found[text] = look(f, low, high)
        rows += [(text, *one.row) for one in found[text]]
        missed += [_distance(x, found[text]) for x in extrema_of_values(f, low, high)]
        kept = _panels(f, text, low, high, found[text])
        upper |= kept[0]
        lower |= kept[1]
    table = run.table(("function", "x", "f", "f' before", "f'", "f' after", "f''", "what it is"), rows)
    worst = max(missed, default=0.0)
    run.see(
        f"each of the {len(missed)} extrema that the values alone show lies within {worst:.0e} of a place where f' is "
        "0 or does not exist: the condition is necessary"
    )
    none = [one for places in found.values() for one in places if one.kind == "no extremum"]
    where = ", ".join(f"{text} at {one.x:.3g}" for text, places in found.items() for one in places if one in none)
    see = run.see(f"it is not sufficient: f' = 0 and no extremum of {where or 'none of these'}")
    ends = _least(run, settings, found[settings.f])
    title = "f' = 0 is necessary for an extremum, and not sufficient"
    run.figure("extremum", plot.lines_data(upper | lower, title, "x", columns=len(given)), see)
    return {"places": table, "apart": worst, "least": ends}


def _distance(x: float, places: list[Found]) -> float:
    return min((abs(x - one.x) for one in places), default=float("inf"))


def _panels(
    f: Function, text: str, low: float, high: float, places: list[Found]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The panels of f and, below it, of f', each with what was found."""
    xs = [low + (high - low) * i / (POINTS - 1) for i in range(POINTS)]
    ys, slopes = derivatives(f, xs)
    corners = [one.x for one in places if one.corner]
    width = xs[1] - xs[0]
    slopes = [nan if any(abs(x - c) < width for c in corners) else s for x, s in zip(xs, slopes, strict=True)]
    above: dict[str, Line] = {"f": Line(xs, ys)}
    below: dict[str, Line] = {"f'": Line(xs, slopes, colour=1), "0": Line(xs, [0.0] * len(xs), look="faint", colour=7)}
    for colour, kind in ((2, "minimum"), (3, "maximum"), (4, "no extremum")):
        of_kind = [one for one in places if one.kind == kind]
        if of_kind:
            above[kind] = Line([one.x for one in of_kind], [one.f for one in of_kind], look="dots", colour=colour)
        there = [one for one in of_kind if not one.corner]
        if there:
            below[kind] = Line([one.x for one in there], [one.slope for one in there], look="dots", colour=colour)
    return {f"f = {text}": above}, {f"f' of {text}": below}


def _least(run: Run, settings: Settings, places: list[Found]) -> dict[str, float]:
    """The least value of the interval, among the ends and what was found between."""
    f = formula("f", settings.f)
    ends = [settings.low, settings.high]
    candidates = [*zip(evaluated(f, ends), ends, strict=True), *((one.f, one.x) for one in places)]
    value, x = min(candidates)
    inside = x not in ends
    where = "between the ends" if inside else "at an end, where f' = 0 is not needed"
    run.see(f"the least value on [{settings.low:g}, {settings.high:g}], {value:.4g} at {x:.4g}, lies {where}")
    return {"x": x, "f": value}
