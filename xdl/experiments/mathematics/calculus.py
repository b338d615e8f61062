"""Functions of one variable: composed, differentiated and integrated (hwdong 1.3.1 to 1.3.4, and its section on
integrals).

    f'(x) = lim (f(x + h) - f(x)) / h for h -> 0,    (f o g)'(x) = f'(g(x)) g'(x),    sum of f(x_i) dx -> integral of f
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any

from xdl import plot
from xdl.errors import SettingError, expect
from xdl.experiments.mathematics.area import integrate
from xdl.experiments.mathematics.slopes import difference_quotients, numerical, secants, straight
from xdl.experiments.shared.formula import Function, at, derivatives, evaluated, formula
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {}
POINTS = 401  # of each curve
BEYOND = 0.5  # how far they go beyond the interval of the integral
CUT = 9.0  # values beyond are not drawn where functions are combined: a quotient may have a pole


@dataclass(frozen=True)
class Settings:
    """Two functions, a place, and the part of the axis that is drawn and integrated over."""

    f: str = setting("x**3 - 3*x", "a function of x, of + - * / ** and exp log sin cos tanh sigmoid relu sqrt abs")
    g: str = setting("cos(x) + 1.5", "another, to combine f with")
    at: float = setting(1.5, "where derivatives are looked at")
    low: float = setting(-1.5, "where the integral begins")
    high: float = setting(2.0, "where it ends")
    parts: int = setting(8, "rectangles of the drawn sums", low=1, high=200)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Combinations, secants, the V of the difference quotient, the rules, the chain rule, and the area."""
    expect(settings.low < settings.high, SettingError, "high", f"above low = {settings.low:g}", settings.high)
    f, g = formula("f", settings.f), formula("g", settings.g)
    x0 = settings.at
    run.say(f"f(x) = {settings.f}, g(x) = {settings.g}")
    xs = [settings.low - BEYOND + (settings.high - settings.low + 2 * BEYOND) * i / (POINTS - 1) for i in range(POINTS)]
    run.figure("functions", _combined(f, g, xs), "new functions from two: by the four operations and by composition")
    rules = _rules(run, f, g, x0)
    secants(run, f, x0, f"f(x) = {settings.f}")
    quotients = difference_quotients(run, f, x0)
    chained = _chain(run, f, g, x0)
    area = integrate(run, f, settings.f, (settings.low, settings.high), settings.parts)
    return {
        "rules": rules,
        "largest_error_of_rules": max(row["apart"] for row in rules),
        **quotients,
        "chain": chained,
        "integral": area,
    }


def _combinations(f: Function, g: Function) -> dict[str, Function]:
    return {
        "f(x) + g(x)": lambda x: f(x) + g(x),
        "f(x) - g(x)": lambda x: f(x) - g(x),
        "f(x) g(x)": lambda x: f(x) * g(x),
        "f(x) / g(x)": lambda x: f(x) / g(x),
        "f(g(x))": lambda x: f(g(x)),
        "g(f(x))": lambda x: g(f(x)),
    }


def _combined(f: Function, g: Function, xs: list[float]) -> plot.FigureData:
    def line(function: Function, look: str, colour: int) -> Line:
        return Line(xs, [y if abs(y) < CUT else nan for y in evaluated(function, xs)], look=look, colour=colour)

    given = {"f(x)": line(f, "dashed", 0), "g(x)": line(g, "dashed", 1)}
    panels = {name: {**given, "the new function": line(made, "line", 2)} for name, made in _combinations(f, g).items()}
    return plot.lines_data(panels, "functions made of two", "x", columns=3, share=True, one_legend=True)


def _rules(run: Run, f: Function, g: Function, x0: float) -> list[dict[str, Any]]:
    """The derivative of each combination: by its rule, from the tape, and numerically."""
    (a, da), (b, db) = at(f, x0), at(g, x0)
    by_rule = {
        "f(x) + g(x)": ("f' + g'", da + db),
        "f(x) - g(x)": ("f' - g'", da - db),
        "f(x) g(x)": ("f' g + f g'", da * b + a * db),
        "f(x) / g(x)": ("(f' g - f g') / g^2", (da * b - a * db) / b**2 if b else nan),
        "f(g(x))": ("f'(g) g'", at(f, b)[1] * db),
        "g(f(x))": ("g'(f) f'", at(g, a)[1] * da),
    }
    rows = []
    for name, (rule, slope) in by_rule.items():
        function = _combinations(f, g)[name]
        tape = derivatives(function, [x0])[1][0]
        rows.append((name, rule, slope, tape, numerical(function, x0), abs(slope - tape) / max(1.0, abs(slope))))
    run.say(f"the rules at x = {x0:g}: f = {a:.6g}, f' = {da:.6g}, g = {b:.6g}, g' = {db:.6g}")
    return run.table(("function", "rule", "by the rule", "by the tape", "numerical", "apart"), rows)


def _chain(run: Run, f: Function, g: Function, x0: float) -> dict[str, float]:
    """The slope of a composed function as the product of two slopes, each the slope of a tangent."""
    u0, inner = at(g, x0)
    y0, outer = at(f, u0)
    whole = at(lambda x: f(g(x)), x0)[1]
    panels = {}
    for name, function, place, value, slope in (
        (f"u = g(x), slope {inner:.3g}", g, x0, u0, inner),
        (f"y = f(u), slope {outer:.3g}", f, u0, y0, outer),
        (f"y = f(g(x)), slope {whole:.3g}", lambda x: f(g(x)), x0, y0, whole),
    ):
        near = [place + (i - 60) / 60 for i in range(121)]
        panels[name] = {
            "function": Line(near, evaluated(function, near)),
            "tangent": straight(place, value, slope, place - 0.6, place + 0.6),
            f"({place:.3g}, {value:.3g})": Line([place], [value], look="dots", colour=3),
        }
    see = run.see(
        f"a small step dx becomes du = {inner:.4g} dx, and this becomes dy = {outer:.4g} du: together "
        f"{outer:.4g} x {inner:.4g} = {outer * inner:.4g}, the slope of f(g(x)), {whole:.4g} by the tape"
    )
    run.figure("chain", plot.lines_data(panels, "the chain rule: slopes multiply", ["x", "u", "x"]), see)
    return {"inner": inner, "outer": outer, "product": inner * outer, "whole": whole}
