"""Every method on the same functions: its path, and the evaluations it needs (hwdong 2.2, 2.3, 2.5; 徐彬 5.6).

An evaluation is the value and the gradient at one point, whatever the method does with it, so that methods that search
along a line and Newton's, which looks at the curvature too, are compared fairly with plain descent. Each method of a
fixed rate gets the best one of a small grid: with another rate the ranking is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import Any

from xdl import meshgrid, optim, plot, stack, tensor
from xdl.experiments.optimization.basins import STARTS, basins
from xdl.experiments.shared.surfaces import FUNCTIONS, Function
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK = {"most": 60, "rates": (0.001, 0.03, 0.3), "side": 16}
STEPS = {"gd": "SGD", "momentum": "momentum", "nesterov": "Nesterov", "adagrad": "Adagrad", "adadelta": "Adadelta",
         "rmsprop": "RMSprop", "adam": "Adam"}  # fmt: skip
LINES = {"newton": "Newton", "bfgs": "BFGS", "l-bfgs": "L-BFGS", "cg": "conjugate gradients"}
NAMES = STEPS | LINES
RATES = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
ROUGHLY = 10  # times that near is enough for the map of basins
FAR = 100  # a distance beyond which a search is lost
RAISED = ("Beale from (1, 1.5)", "bowl")  # functions that are drawn in space, of the least value 0
SHOWN = ("gd", "momentum", "adam", "bfgs")  # their paths
COLOURS = 10  # beyond these, methods have dashed lines, as in the figure of the paths
SIDE = 120  # of the grid that level lines are drawn from


@dataclass(frozen=True)
class Settings:
    """How far the searches go, and which rates are tried."""

    most: int = setting(400, "steps of a search at most", low=1, high=1_000_000)
    near: float = setting(0.01, "the distance from a minimum that counts as being there", above=0)
    rates: tuple[float, ...] = setting(
        (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0), "learning rates that are tried", above=0
    )
    side: int = setting(64, "starts along each side of the map of basins", low=2, high=512)


@dataclass
class Search:
    """A method's way. rate: its learning rate, None without one; evaluations, distances: at each point of the path."""

    rate: float | None
    points: list[list[float]]
    evaluations: list[int]
    distances: list[float]

    def needed(self, near: float) -> float:
        """The evaluations until it is that near to a minimum, inf if it never is."""
        return next((n for n, far in zip(self.evaluations, self.distances, strict=True) if far <= near), inf)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Searches on every function by every method; then how plain descent, momentum and Adam fare from all starts."""
    found: dict[str, dict[str, Search]] = {}
    for title, function in FUNCTIONS.items():
        run.say(title)
        found[title] = {method: best_of(method, function, settings) for method in NAMES}
    rows = [(NAMES[method], *(told(found[title][method], settings.near) for title in FUNCTIONS)) for method in NAMES]
    table = run.table(("evaluations to come near", *FUNCTIONS), rows)
    counts = {method: [found[title][method].needed(settings.near) for title in FUNCTIONS] for method in NAMES}
    curved = [min(counts[m][i] for m in LINES) for i in range(len(FUNCTIONS))]
    fixed = [min(counts[m][i] for m in STEPS) for i in range(len(FUNCTIONS))]
    sentence = f"on {len(FUNCTIONS)} functions a method that searches along lines needs {listed(curved, settings)}"
    sentence += f" evaluations, the best of a fixed rate {listed(fixed, settings)}, plain descent"
    sentence += f" {listed(counts['gd'], settings)}"
    see = run.see(sentence)
    draw(run, settings, found, see)
    run.figure(*basins_figure(settings, run))
    return {"searches": table, "evaluations": {title: by_method(found[title], settings.near) for title in FUNCTIONS}}


def by_method(searches: dict[str, Search], near: float) -> dict[str, float | None]:
    """{method: the evaluations until it was near, None if it never was}."""
    return {method: needed if (needed := one.needed(near)) < inf else None for method, one in searches.items()}


def best_of(method: str, function: Function, settings: Settings) -> Search:
    """The search by a method, at the rate of the grid that comes near with the fewest evaluations, or else nearest."""
    rates: Sequence[float | None] = [None] if method in LINES else list(settings.rates)
    searches = [search(method, function, rate, settings.most) for rate in rates]
    return min(searches, key=lambda one: (one.needed(settings.near), one.distances[-1]))


def search(method: str, function: Function, rate: float | None, most: int) -> Search:
    """One search from the function's start. A point that is no number ends it, infinitely far away."""
    options: dict[str, Any] = {} if rate is None else {"lr": rate}
    path = optim.minimize(function, function.start, method=method, tol=1e-8, maxiter=most, **options).path
    distances = [far if isfinite(far) else inf for far in function.distance(path.x).tolist()]
    return Search(rate, path.x.tolist(), path.nfev, distances)


def told(one: Search, near: float) -> str:
    """The evaluations with the rate, for the table; where it never came near, how far it stayed."""
    rate = "" if one.rate is None else f" (rate {one.rate:g})"
    needed = one.needed(near)
    return f"{needed}{rate}" if needed < inf else f"never: {one.distances[-1]:.2g} away{rate}"


def listed(counts: Sequence[float], settings: Settings) -> str:
    """Numbers of evaluations in words: 12, 20, >400."""
    return ", ".join(f">{settings.most}" if count == inf else f"{count:g}" for count in counts)


def draw(run: Run, settings: Settings, found: dict[str, dict[str, Search]], see: str) -> None:
    """The paths on level lines, and the distance from the minimum against the evaluations."""
    surfaces, curves = {}, {}
    for title, function in FUNCTIONS.items():
        xs, ys = function.grid(SIDE)
        ways = {NAMES[method]: one.points for method, one in found[title].items()}
        surfaces[title] = plot.Surface(xs.numpy(), ys.numpy(), function.heights(SIDE).numpy(), ways, function.minima)
        curves[title] = {
            NAMES[method]: plot.Line(
                one.evaluations,
                [max(far, 1e-9) if far < FAR else nan for far in one.distances],
                look="dashed" if place >= COLOURS else "line",
                colour=place % COLOURS,
            )
            for place, (method, one) in enumerate(found[title].items())
            if method != "adadelta"  # never comes near, and a legend holds ten
        }
    run.figure("paths", plot.paths_data(surfaces, "The paths of all methods (star: a minimum)"), see)
    run.figure("surfaces", relief(found), see)
    title = f"The distance from the nearest minimum (searches of up to {settings.most} steps; not drawn: Adadelta)"
    how: dict[str, Any] = {"columns": 2, "log": True, "x_log": True, "one_legend": True}
    run.figure("distances", plot.lines_data(curves, title, "evaluations", **how), see)


def relief(found: dict[str, dict[str, Search]]) -> plot.FigureData:
    """Some paths on two of the functions in space; the heights are those of log10(1 + f)."""
    panels = {}
    for title in RAISED:
        function = FUNCTIONS[title]
        xs, ys = function.grid(SIDE)
        ways = {}
        for method in SHOWN:
            points = tensor(found[title][method].points, dtype="float64")
            x, y = points[:, 0], points[:, 1]
            inside = (x >= function.x[0]) & (x <= function.x[1]) & (y >= function.y[0]) & (y <= function.y[1])
            height = (1 + function.f(x, y)).log10().where(inside, nan)
            ways[NAMES[method]] = stack([x, y, height], 1).numpy()
        goals = [(*place, 0.0) for place in function.minima]
        heights = (1 + function.heights(SIDE)).log10()
        across, up = meshgrid(xs, ys, indexing="xy")
        panels[title] = plot.Relief(across.numpy(), up.numpy(), heights.numpy(), ways, goals)
    return plot.relief_data(panels, "Some of the paths in space (star: a minimum)", value="log10(1 + f)")


def basins_figure(settings: Settings, run: Run) -> tuple[str, plot.FigureData, str]:
    """How many steps are needed from every start, and in what share of the starts the minimum is found at all."""
    function = FUNCTIONS["Beale from (3, 4)"]
    xs, ys = function.grid(settings.side)
    panels, shares = {}, []
    for name, rate in STARTS.items():
        steps = basins(name, function, settings.side, rate, settings.most, ROUGHLY * settings.near)
        share = float((steps == steps).to("float64").mean().item())
        shares.append(f"{NAMES[name]} {share:.0%}")
        panels[f"{NAMES[name]}, rate {rate:g}: {share:.0%} arrive"] = plot.Surface(
            xs.numpy(), ys.numpy(), steps.numpy(), goals=function.minima, shaded=True
        )
    see = run.see(
        f"within {settings.most} steps the minimum is reached from this share of all starts: {', '.join(shares)}"
    )
    title = "Beale: the steps that each start needs (white: more, or none would do)"
    return "basins", plot.paths_data(panels, title, value="steps"), see
