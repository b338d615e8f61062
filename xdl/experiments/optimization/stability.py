"""The rate against 2 / the largest curvature: where descent settles, swings, cycles and diverges (hwdong 2.2, 2.3;
徐彬 1.3.3).

On a bowl the curvatures are the eigenvalues of the Hessian, and the steepest direction alone decides which rates can be
taken. On a cubic the edge is the same near its minimum, but what lies beyond is not: steps that are too long come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from xdl import linalg, plot
from xdl.creation import full, linspace, tensor
from xdl.experiments.optimization.factors import Kind
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.formula import at, derivatives, evaluated, formula
from xdl.experiments.shared.surfaces import FUNCTIONS
from xdl.func import grad, hessian
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {"rates": 12, "steps": 150}
TITLE = "bowl"
CLOSE = 0.02  # of a measured factor to that of the formula
SHARES = (0.25, 0.95, 1.03)  # of the edge, rates whose paths are drawn
SHOWN = 30  # steps of a path that are drawn
SIDE = 120  # of the grid that level lines are drawn from
START = (-2.4, 0.05)  # of the paths
CUBIC, MINIMUM = "x**3 - 3*x**2 - 9*x + 2", 3.0
CUBIC_RATES = (0.02, 1 / 12, 0.16, 0.2)
BEGIN = 0.2  # where the steps on the cubic begin
SETTLED, KEPT = 600, 40  # steps before the ends are looked at, and how many ends are drawn
LOW, HIGH, MANY = 0.1, 0.27, 341  # rates whose ends are drawn
APART = 1e-3  # ends that are one place


@dataclass(frozen=True)
class Settings:
    """Searches on the bowl x^2 / 16 + 9 y^2 and on a cubic."""

    momentum: float = setting(0.9, "of the methods with momentum", low=0, high=0.99)
    rates: int = setting(40, "rates that are tried, from 0 to beyond the edge", low=4, high=1000)
    steps: int = setting(300, "steps that a factor is measured over", low=20, high=2000)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Factors by rate on the bowl, paths on both sides of the edge, and the steps on the cubic."""
    bowl = FUNCTIONS[TITLE]
    curvatures: list[float] = linalg.eigvalsh(hessian(bowl)(tensor(bowl.start, dtype="float64"))).tolist()
    flattest, steepest = curvatures
    run.say(f"curvatures of the bowl, from its Hessian: {flattest:.4g} and {steepest:.4g}")
    run.say(f"2 / {steepest:.4g} = {2 / steepest:.5g} should be the largest rate of plain descent")
    kinds = {
        "plain descent": Kind("gd", 0.0),
        f"momentum {settings.momentum:g}": Kind("momentum", settings.momentum),
        f"Nesterov {settings.momentum:g}": Kind("nesterov", settings.momentum),
    }
    edges = {name: kind.measured_edge(bowl, (0.0, 1.0), steepest, settings.steps) for name, kind in kinds.items()}
    headings = ("method", "edge by the formula", "edge measured", "best factor", "at rate x largest curvature")
    rows, panels, worst = [], {}, 0.0
    for name, kind in kinds.items():
        lines, off, best = factors(settings, kind, flattest, steepest)
        panels[name] = lines
        worst = max(worst, off)
        rows.append((name, round(kind.edge, 4), round(edges[name], 4), round(best[1], 4), round(best[0], 3)))
    table = run.table(headings, rows)
    sentence = "divergence begins at a rate x largest curvature of "
    sentence += ", ".join(f"{edges[name]:.4f} for {name} (formula {kind.edge:.4f})" for name, kind in kinds.items())
    held = all(abs(edges[name] / kind.edge - 1) < 0.01 for name, kind in kinds.items())
    said = [claim(run, sentence, [held], "settings")]
    said.append(claim(run, f"measured factors are those of the formula, to {worst:.1g}", [worst < CLOSE], "settings"))
    title = "By what a step multiplies the distance from the bowl's minimum (below 1: it comes nearer)"
    data = plot.lines_data(panels, title, "rate x largest curvature", share=True, one_legend=True)
    run.figure("factors", data, "\n".join(said))
    run.figure("paths", paths(kinds, steepest), said[0])
    cubic = on_the_cubic(run)
    return {"curvatures": curvatures, "edges": table, "worst": worst, "cubic": cubic}


def factors(
    settings: Settings, kind: Kind, flattest: float, steepest: float
) -> tuple[dict[str, Line], float, tuple[float, float]]:
    """The curves of a panel, the largest difference from the formula, and (a, factor) at the best of the rates."""
    bowl = FUNCTIONS[TITLE]
    directions = {"steepest": (steepest, (0.0, 1.0)), "flattest": (flattest, (1.0, 0.0))}
    xs = [1.1 * kind.edge * (i + 1) / settings.rates for i in range(settings.rates)]
    fine = [1.1 * kind.edge * (i + 1) / 400 for i in range(400)]
    lines, off = {}, 0.0
    overall = [0.0] * len(xs)
    looks = ("dots", "circles")
    for colour, ((name, (curvature, start)), look) in enumerate(zip(directions.items(), looks, strict=True)):
        found = [kind.measured(bowl, start, a / steepest, settings.steps) for a in xs]
        expected = [kind.factor(a * curvature / steepest) for a in xs]
        off = max(off, *(abs(one - other) for one, other in zip(found, expected, strict=True)))
        overall = [max(one, other) for one, other in zip(overall, found, strict=True)]
        formula_line = [kind.factor(a * curvature / steepest) for a in fine]
        lines[f"{name} direction, formula"] = Line(fine, formula_line, colour=colour)
        lines[f"{name} direction, measured"] = Line(xs, found, look=look, colour=colour)
    lines["neither nearer nor farther"] = Line([0.0, fine[-1]], [1.0, 1.0], look="dashed", colour=7)
    best = min(range(len(xs)), key=overall.__getitem__)
    return lines, off, (xs[best], overall[best])


def paths(kinds: dict[str, Kind], steepest: float) -> plot.FigureData:
    """The first steps of each method at rates on both sides of its edge, as far as they stay in the picture."""
    bowl = FUNCTIONS[TITLE]
    xs, ys = bowl.grid(SIDE)
    panels = {}
    for name, kind in kinds.items():
        ways = {}
        for share in SHARES:
            points = kind.path(bowl, START, share * kind.edge / steepest, SHOWN)
            inside = [bowl.x[0] <= x <= bowl.x[1] and bowl.y[0] <= y <= bowl.y[1] for x, y in points]
            ways[f"{share:g} of the edge"] = points[: inside.index(False) if False in inside else len(points)]
        panels[name] = plot.Surface(xs.numpy(), ys.numpy(), bowl.heights(SIDE).numpy(), ways, bowl.minima)
    return plot.paths_data(panels, f"The first {SHOWN} steps on the bowl, below the edge of divergence and beyond it")


def on_the_cubic(run: Run) -> dict[str, Any]:
    """Steps on the curve at four rates, and where the steps end for each of many."""
    f = formula("cubic", CUBIC)
    curvature = at(f, MINIMUM, 2)[2]
    edge = 2 / curvature
    run.say(f"the cubic's curvature at its minimum is {curvature:.4g}; 2 / {curvature:.4g} is {edge:.5g}")
    reach = [-1.5 + 6.5 * i / 200 for i in range(201)]
    curve = evaluated(f, reach)
    panels = {}
    for rate in CUBIC_RATES:
        xs = [BEGIN]
        for _ in range(SHOWN):
            xs.append(xs[-1] - rate * derivatives(f, [xs[-1]])[1][0])
        panels[f"rate {rate:.3g}, {rate / edge:.2g} of the edge"] = {
            "f": Line(reach, curve, look="thick", colour=0),
            "steps": Line(xs, evaluated(f, xs), colour=3),
            "places": Line(xs, evaluated(f, xs), look="dots", colour=3),
        }
    rates, ends = last_places(f)
    beyond = [i for i, rate in enumerate(rates) if rate > edge * 1.01]
    counts = [different(places) for places in ends]
    first = next((rates[i] for i in beyond if counts[i] == 0), None)
    settled = all(counts[i] == 1 for i, rate in enumerate(rates) if rate < edge * 0.99)
    cycle = [rates[i] for i in beyond if counts[i] == 2]
    span = f"{cycle[0]:.3f} to {cycle[-1]:.3f}" if cycle else "no rate"
    more = any(counts[i] > 2 for i in beyond)
    sentence = f"on the cubic every rate below {edge:.4f} settles at one place; from {span} the steps go round two, "
    sentence += "then four and more" + ("" if first is None else f", and from {first:.3f} on they leave for ever")
    see = claim(run, sentence, [settled and bool(cycle) and more], "settings")
    data = plot.lines_data(
        panels, f"{SHOWN} steps of descent on the cubic", "x", columns=2, share=True, one_legend=True
    )
    run.figure("cubic", data, see)
    drawn = [(rate, x) for rate, places in zip(rates, ends, strict=True) if places for x in places]
    clouds = {
        f"the last {KEPT} places": Line([r for r, _ in drawn], [x for _, x in drawn], look="specks", colour=0),
        f"2 / curvature = {edge:.4f}": Line([edge, edge], [min(reach), max(reach)], look="dashed", colour=3),
    }
    title = f"Where descent on the cubic is after {SETTLED} steps"
    run.figure("ends", plot.lines_data({"x of the steps": clouds}, title, "rate"), see)
    return {"curvature": curvature, "cycle": cycle[:1] + cycle[-1:], "leaves": first, "settled": settled}


def last_places(f: Any) -> tuple[list[float], list[list[float]]]:
    """Rates, and the last places of the steps at each; none where they went off. All rates are one batch."""
    rates = linspace(LOW, HIGH, MANY, dtype="float64")
    slope = grad(lambda x: f(x).sum())
    x = full((MANY,), BEGIN, dtype="float64")
    kept = []
    for step in range(SETTLED + KEPT):
        x = (x - rates * slope(x)).clip(-1e6, 1e6)
        if step >= SETTLED:
            kept.append(x.tolist())
    by_rate = [list(places) for places in zip(*kept, strict=True)]
    return rates.tolist(), [places if all(isfinite(p) and abs(p) < 100 for p in places) else [] for places in by_rate]


def different(places: list[float]) -> int:
    """How many places there are, those that are near to one another counted once."""
    ordered = sorted(places)
    return sum(i == 0 or x - ordered[i - 1] > APART for i, x in enumerate(ordered))
