"""The profit of food trucks by a line: normal equation, descent, its canyon and its bowl (hwdong 3.1, 5.2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from pathlib import Path
from typing import Any

from xdl import linalg, plot
from xdl.creation import tensor
from xdl.data import load_food_truck
from xdl.estimators import LinearRegression, StandardScaler
from xdl.estimators.descent import squared_error
from xdl.estimators.design import design
from xdl.experiments.shared.claims import claim
from xdl.plot import Line
from xdl.random import rand, randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"steps": 400}
GENERATED = "generated-cities"
BOOK = (1.19303, -3.89578)  # w and b of hwdong's normal equation
LEVELS = (0.3, 0.1, 0.03, 0.01, 0.003)  # of the loss above its least, as shares of that at the start
H = 1e-5  # of the numerical gradient
SHARES = [i / 24 for i in range(25)]  # rings of the surface, as shares of the way from its bottom to its rim
MARKED = 31  # steps of a way that are drawn one by one
Way = tuple[float, LinearRegression]  # a rate and its descent
Descents = dict[float, LinearRegression]  # by rate


@dataclass(frozen=True)
class Settings:
    """All descents begin at w = b = 0, on J = mean((w x + b - y)^2) / 2."""

    rates: tuple[float, ...] = setting((0.01, 0.015, 0.02, 0.025), "rates on the data as they are", above=0)
    steps: int = setting(3000, "steps of a descent; of one that diverges, a hundred at most", low=10)
    populations: tuple[float, ...] = setting((3.5, 7.0), "cities to predict for, in 10,000s", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The line of the normal equation, the descents towards it at four rates, and the same on standardized data."""
    run.reseed()
    x, y = cities(run.about["data"], run.data_dir)
    best = LinearRegression(solver="normal").fit(x, y)
    w, b = float(best.coef_[0]), float(best.intercept_)
    run.say(f"normal equation: profit = {w:.5f} population {b:+.5f}, in 10,000s; R2 {best.score(x, y):.3f}")
    if run.about["data"] == GENERATED:
        run.say("the book's line: not measured, its data are not here; --data food-truck reads them from XDL_DATA_DIR")
    else:
        off = max(abs(w - BOOK[0]), abs(b - BOOK[1]))
        claim(run, f"the line is the book's, w {BOOK[0]} and b {BOOK[1]}", [off < 1e-5])
    error = gradient_error(x, y)
    run.say(f"gradient check: the derived gradient and the numerical one differ by {error:.1e} at most")
    scaled = StandardScaler().fit(x).transform(x)
    canyon, bowl = Valley(x, y), Valley(scaled, y)
    run.see(
        f"as the data are, the loss is a canyon: its curvatures are {canyon.steepest:.1f} and {canyon.flattest:.2f}, a "
        f"condition number of {canyon.condition:.0f}; standardized it is a bowl, {bowl.condition:.2f}"
    )
    table, descents, parts = descend(settings, run, canyon)
    round_trip = bowl.descent(1 / bowl.steepest, settings.steps)
    steps = {"canyon": fastest(descents, canyon), "bowl": steps_needed(round_trip.loss_curve_, bowl)}
    canyons, bowls = (count or settings.steps + 1 for count in (steps["canyon"], steps["bowl"]))
    late = f"more than {settings.steps}" if steps["canyon"] is None else canyons
    counts = f"{late} steps in the canyon, at the best of the rates, and after {bowls} in the bowl"
    see = claim(run, f"a thousandth of the first loss is left after {counts}", [bowls < canyons])
    converging = [rate for rate in descents if rate * canyon.steepest < 2]
    way = (rate := max(converging or descents), descents[rate])
    shape = run.see(
        f"lines of equal loss are {sqrt(canyon.condition):.0f} times as long as wide in the canyon, drawn broader than "
        "they are; in the bowl they are circles"
    )
    run.figure("valleys", valleys(canyon, bowl, way, round_trip), f"{see}\n{shape}")
    run.figure("surfaces", surfaces(canyon, bowl, way, round_trip), run.see(canyon.told(way[1])))
    run.figure("rates", curves(canyon, descents), parts)
    run.figure("line", line(settings, x, y, best, way))
    predicted = best.predict([[p] for p in settings.populations])
    rows = [(p, round(float(v), 4)) for p, v in zip(settings.populations, predicted, strict=True)]
    profits = run.table(("population", "predicted profit"), rows)
    return {"w": w, "b": b, "gradient_error": error, "rates": table, "steps": steps, "predictions": profits}


def cities(data: str, folder: Path | None) -> tuple[Tensor, Tensor]:
    """Population (97, 1) and profit (97,), float64: the book's, or drawn about a line like the book's."""
    if data != GENERATED:
        x, y = load_food_truck(folder)
        return tensor(x, dtype="float64"), tensor(y, dtype="float64")
    x = 5 + 16 * rand(97, 1, dtype="float64") ** 4
    return x, 1.2 * x[:, 0] - 3.9 + 3 * randn(97, dtype="float64")


class Valley:
    """The loss over w and b: J = J* + (p - p*)^T A (p - p*) / 2, with A = mean of (x, 1)^T (x, 1)."""

    def __init__(self, x: Tensor, y: Tensor) -> None:
        self.x, self.y = x, y
        a = design(x, True)
        curvatures, self.directions = linalg.eigh(a.T @ a / len(x))
        self.flattest, self.steepest = curvatures.tolist()
        best = LinearRegression(solver="qr").fit(x, y)
        self.best = tensor([float(best.coef_[0]), float(best.intercept_)], dtype="float64")
        self.least = float(squared_error(a, y, self.best)[0].item())

    @property
    def condition(self) -> float:
        """How many times steeper the steepest direction bends than the flattest."""
        return float(self.steepest / self.flattest)

    def descent(self, rate: float, steps: int) -> LinearRegression:
        """All steps of a descent from w = b = 0; at most 100 at a rate from which it diverges."""
        several = steps if rate * self.steepest < 2 else min(steps, 100)
        model = LinearRegression(solver="descent", lr=rate, max_iter=several, tol=None)
        return model.fit(self.x, self.y)

    def level(self, above: float) -> tuple[list[float], list[float]]:
        """The w and the b where the loss is `above` its least: an ellipse."""
        radii = tensor([sqrt(2 * above / self.flattest), sqrt(2 * above / self.steepest)], dtype="float64")
        angles = [2 * pi * i / 200 for i in range(201)]
        circle = tensor([[cos(angle), sin(angle)] for angle in angles], dtype="float64")
        places = (circle * radii) @ self.directions.T + self.best
        return places[:, 0].tolist(), places[:, 1].tolist()

    def told(self, model: LinearRegression) -> str:
        """How far the first steps of a descent came, in height and in distance."""
        steps = min(MARKED, len(model.path_)) - 1
        fall = (model.loss_curve_[0] - model.loss_curve_[steps]) / (model.loss_curve_[0] - self.least)
        left = (tensor(model.path_[steps]) - self.best).norm() / self.best.norm()
        said = f"the first {steps} steps in the canyon take {fall:.0%} of the fall, and leave {left.item():.0%} of the"
        return f"{said} distance to the least: along its bottom it hardly falls"


def gradient_error(x: Tensor, y: Tensor) -> float:
    """The largest difference between the derived gradient and central differences, at w = 0.5, b = -1."""
    a, p = design(x, True), tensor([0.5, -1.0], dtype="float64")
    derived = squared_error(a, y, p)[1].tolist()
    steps = tensor([[H, 0.0], [0.0, H]], dtype="float64")
    numerical = [((squared_error(a, y, p + s)[0] - squared_error(a, y, p - s)[0]) / (2 * H)).item() for s in steps]
    return max(abs(float(one) - float(other)) for one, other in zip(derived, numerical, strict=True))


def descend(settings: Settings, run: Run, canyon: Valley) -> tuple[list[dict[str, Any]], Descents, str]:
    """The table of the rates, the descent of each, and the claim that 2 over the largest curvature parts them."""
    limit = 2 / canyon.steepest
    found = {rate: canyon.descent(rate, settings.steps) for rate in settings.rates}
    grows = {rate: model.loss_curve_[-1] > model.loss_curve_[0] for rate, model in found.items()}
    names = ", ".join(f"{rate:g} {'diverges' if grows[rate] else 'converges'}" for rate in found)
    sentence = f"2 / {canyon.steepest:.1f} = {limit:.4f} is where the rates part: {names}"
    said = claim(run, sentence, [all(grows[rate] == (rate > limit) for rate in found)])
    rows = [(rate, model.n_iter_, model.loss_curve_[-1], *map(float, model.path_[-1])) for rate, model in found.items()]
    return run.table(("rate", "steps", "loss", "w", "b"), rows), found, said


def steps_needed(losses: list[float], valley: Valley) -> int | None:
    """After how many steps the loss above its least is a thousandth of that at the start."""
    enough = valley.least + (losses[0] - valley.least) / 1000
    return next((step for step, loss in enumerate(losses) if loss <= enough), None)


def fastest(descents: Descents, valley: Valley) -> int | None:
    """The fewest `steps_needed` of all rates."""
    counts = [steps_needed(model.loss_curve_, valley) for model in descents.values()]
    return min((count for count in counts if count is not None), default=None)


def valleys(canyon: Valley, bowl: Valley, way: Way, there: LinearRegression) -> plot.FigureData:
    """Both valleys from above: lines of equal loss, and a descent's way."""
    panels: dict[str, dict[str, Any]] = {}
    narrow, round_one = (
        f"as the data are: a canyon, rate {way[0]:g}",
        f"standardized: a bowl, rate {1 / bowl.steepest:.2g}",
    )
    for title, valley, model in ((narrow, canyon, way[1]), (round_one, bowl, there)):
        above = model.loss_curve_[0] - valley.least
        lines = {f"loss {share:g}": Line(*valley.level(share * above), look="faint", colour=7) for share in LEVELS}
        w, b = model.path_.T
        lines["way"] = Line(w, b, colour=0)
        lines[f"its first {len(w[1:MARKED])} steps"] = Line(w[:MARKED], b[:MARKED], look="circles", colour=0)
        lines["least loss"] = Line(valley.best[:1].tolist(), valley.best[1:].tolist(), look="dots", colour=3)
        panels[title] = lines
    title = "lines of equal loss over w and b, and the way from 0"
    return plot.lines_data(panels, title, "w; upwards b", equal=[round_one], one_legend=True)


def surfaces(canyon: Valley, bowl: Valley, way: Way, there: LinearRegression) -> plot.FigureData:
    """Both valleys in space, up to the height of the start, and the same ways."""
    panels = {}
    for title, valley, model in (("as the data are", canyon, way[1]), ("standardized", bowl, there)):
        above = model.loss_curve_[0] - valley.least
        rings = [valley.level(share**2 * above) for share in SHARES]
        heights = [[valley.least + share**2 * above] * len(rings[0][0]) for share in SHARES]
        w, b = model.path_.T
        ways = {"way of descent": [list(point) for point in zip(w, b, model.loss_curve_, strict=True)]}
        goal = [[*valley.best.tolist(), valley.least]]
        panels[title] = plot.Relief([w for w, _ in rings], [b for _, b in rings], heights, ways, goal)
    return plot.relief_data(panels, "the loss over w and b (star: the least)", value="loss", x="w", y="b")


def curves(canyon: Valley, descents: Descents) -> plot.FigureData:
    """The loss above its least by step, first a hundred steps, then all."""
    panels = {}
    for title, most in (("the first 100 steps", 101), ("all steps", None)):
        panels[title] = {
            f"rate {rate:g}": Line(
                list(range(len(model.loss_curve_[:most]))),
                [max(loss - canyon.least, 1e-16) for loss in model.loss_curve_[:most]],
            )
            for rate, model in descents.items()
        }
    return plot.lines_data(panels, "loss above the least there is", "step", columns=2, log=True)


def line(settings: Settings, x: Tensor, y: Tensor, best: LinearRegression, way: Way) -> plot.FigureData:
    """The cities, the line of the normal equation, some of a descent's lines, and the predictions."""
    ends = [0.0, max(float(x.amax().item()), *settings.populations)]
    lines = {"cities": Line(x[:, 0].tolist(), y.tolist(), look="circles", colour=7)}
    for number, step in enumerate((1, 30, 300)):
        if step < len(way[1].path_):
            w, b = way[1].path_[step]
            drawn = Line(ends, [w * end + b for end in ends], look="dashed", colour=number + 1)
            lines[f"descent at rate {way[0]:g}, step {step}"] = drawn
    lines["normal equation"] = Line(ends, best.predict([[end] for end in ends]), colour=0)
    asked = [[population] for population in settings.populations]
    lines["predictions"] = Line(list(settings.populations), best.predict(asked), look="dots", colour=4)
    return plot.lines_data({"": lines}, "profit by population, both in 10,000s", "population")
