"""The water that leaves a dam: from a line to a curve, normalization, and a penalty (hwdong 3.2.1, 3.2.2, 3.4).

The book's measurements are not available; a stand-in of as many points is drawn anew for each seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from xdl import linalg, plot
from xdl.creation import linspace, tensor
from xdl.data import dam_water
from xdl.errors import NonFiniteError
from xdl.estimators import LinearRegression, PolynomialFeatures, Ridge, StandardScaler
from xdl.estimators.design import design
from xdl.experiments.shared.claims import claim
from xdl.plot import Line
from xdl.random import Stream, randperm
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band
from xdl.tensor import Tensor
from xdl.train.metrics import root_mean_squared_error

QUICK: dict[str, Any] = {"seeds": 2, "steps": 300}
PARTS = ("train", "validation", "test")
LOW, HIGH = -50, 50  # where the water stands
RATE = 0.1  # of a descent on standardized powers that converges
OFF = 60.0  # outflows beyond are not drawn
LEAST = 0.05  # of an error that is drawn
Parts = dict[str, tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Settings:
    """12 points to fit, 21 to choose by, 21 to test on."""

    degrees: tuple[int, ...] = setting((1, 3, 9), "degrees of the polynomials", low=1, high=12)
    penalty: float = setting(0.2, "lambda |w|^2 beside the mean squared error, w of standardized powers", above=0)
    steps: int = setting(3000, "steps of the descents", low=10)
    seeds: int = setting(5, "stand-ins that are drawn", low=1)


class Curve:
    """A polynomial of the water level: its powers, standardized, and least squares with lambda |w|^2."""

    def __init__(self, degree: int, penalty: float, x: Tensor, y: Tensor) -> None:
        self.powers = PolynomialFeatures(degree, include_bias=False).fit(x)
        self.scaler = StandardScaler().fit(self.powers.transform(x))
        self.model = Ridge(penalty * len(x)).fit(self.features(x), y)

    def features(self, x: Tensor) -> Tensor:
        """The standardized powers (N, degree) of x (N, 1)."""
        standardized: Tensor = self.scaler.transform(self.powers.transform(x))
        return standardized

    def outflow(self, x: Tensor) -> Tensor:
        """The predictions (N,) for x (N, 1)."""
        predicted: Tensor = self.model.predict(self.features(x))
        return predicted

    def error(self, x: Tensor, y: Tensor) -> float:
        """The RMSE on points."""
        return root_mean_squared_error(y, self.outflow(x))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Fits by degree, descent with and without normalization, and what a penalty does to the largest degree."""
    seeds = range(run.about["seed"], run.about["seed"] + settings.seeds)
    drawn = [water(seed) for seed in seeds]
    high = max(settings.degrees)
    kinds = [(f"degree {degree}", degree, 0.0) for degree in settings.degrees]
    kinds.append((f"degree {high}, lambda {settings.penalty:g}", high, settings.penalty))
    errors = {
        name: {part: [Curve(degree, penalty, *parts["train"]).error(*parts[part]) for parts in drawn] for part in PARTS}
        for name, degree, penalty in kinds
    }
    rows = [(name, *(round(band(errors[name][part]).mean, 3) for part in PARTS)) for name in errors]
    table = run.table(("fit", *(f"{part} RMSE" for part in PARTS)), rows)
    plain, held = errors[f"degree {high}"]["test"], errors[kinds[-1][0]]["test"]
    best = min(errors, key=lambda name: band(errors[name]["validation"]).mean)
    there = band(errors[best]["test"]).mean
    run.see(f"the validation points choose {best}, with an error of {there:.2f} on test points")
    sentence = f"lambda = {settings.penalty:g} makes degree {high} better on test points"
    sentence += f" ({band(held).mean:.2f} in the mean, {band(plain).mean:.2f} without)"
    see = claim(run, sentence, [one < other for one, other in zip(held, plain, strict=True)])
    run.figure("fits", fits(kinds, drawn[0]), see)
    descent = normalization(settings, run, drawn[0])
    gaps = [
        [far - near for far, near in zip(errors[name]["validation"], errors[name]["train"], strict=True)]
        for name, _, _ in kinds[-2:]
    ]
    closer = [held < plain for plain, held in zip(*gaps, strict=True)]
    said = claim(run, "with lambda the errors on validation and training points are closer, at all 12 points", closer)
    run.figure("learning", learning(kinds[-2:], drawn), said)
    return {"fits": table, "descent": descent}


def water(seed: int) -> Parts:
    """Level (N, 1) and outflow (N,) of each part, float64, in an order by chance."""
    parts, stream = {}, Stream(seed, "order")
    for part, (x, y) in dam_water(seed).items():
        order = randperm(len(y), generator=stream)
        parts[part] = (tensor(x, dtype="float64")[order], tensor(y, dtype="float64")[order])
    return parts


def fits(kinds: Sequence[tuple[str, int, float]], parts: Parts) -> plot.FigureData:
    """The curves of the first seed over its points."""
    levels = linspace(LOW, HIGH, 201, dtype="float64")
    panels = {}
    for name, degree, penalty in kinds:
        curve = Curve(degree, penalty, *parts["train"]).outflow(levels.unsqueeze(1)).tolist()
        panels[name] = {
            "test points": Line(*scattered(parts["test"]), look="circles", colour=7),
            "training points": Line(*scattered(parts["train"]), look="dots", colour=0),
            "fit": Line(levels.tolist(), [v if abs(v) < OFF else nan for v in curve], colour=3),
        }
    title = "outflow of a dam by water level (a stand-in)"
    return plot.lines_data(panels, title, "water level", columns=2, share=True, one_legend=True)


def scattered(part: tuple[Tensor, Tensor]) -> tuple[list[float], list[float]]:
    """The levels and outflows of a part as lists."""
    return part[0][:, 0].tolist(), part[1].tolist()


def normalization(settings: Settings, run: Run, parts: Parts) -> dict[str, Any]:
    """Descent on the powers of degree 3 as they are and standardized, each at its own largest safe rate."""
    x, y = parts["train"]
    powers = PolynomialFeatures(3, include_bias=False).fit_transform(x)
    standardized = StandardScaler().fit_transform(powers)
    curves, rows = {}, []
    for name, a in (("as they are", powers), ("standardized", standardized)):
        descent = LinearRegression(solver="descent", max_iter=settings.steps, tol=None).fit(a, y)
        curves[name] = descent.loss_curve_
        rows.append((name, f"{linalg.cond(design(a, True)).item():.2g}", curves[name][0], curves[name][-1]))
    table = run.table(("powers", "condition number", "loss before", f"after {settings.steps} steps"), rows)
    overflow = f"still {curves['as they are'][-1]:.3g}"
    try:
        LinearRegression(solver="descent", lr=RATE, max_iter=settings.steps, tol=None).fit(powers, y)
    except NonFiniteError as error:
        overflow = str(error.found)
    run.say(f"at a rate of {RATE:g}, which standardized powers stand, the loss of powers as they are is {overflow}")
    with_it, without = curves["standardized"][-1], curves["as they are"][-1]
    sentence = f"each at its own safe rate, the loss is {with_it:.3g} with normalization and {without:.3g} without"
    see = claim(run, sentence, [with_it < without])
    steps = list(range(1, settings.steps + 2))
    panel = {f"powers {name}": Line(steps, losses) for name, losses in curves.items()}
    title = "loss of descent on the powers of degree 3"
    run.figure("normalization", plot.lines_data({"": panel}, title, "step", log=True, x_log=True), see)
    return {"powers": table, "overflow": overflow}


def learning(kinds: Sequence[tuple[str, int, float]], drawn: Sequence[Parts]) -> plot.FigureData:
    """Errors by the number of training points, means and ranges over the stand-ins."""
    panels = {}
    for name, degree, penalty in kinds:
        counts = list(range(2, len(drawn[0]["train"][1]) + 1))
        errors: dict[str, list[list[float]]] = {"training points": [], "validation points": []}
        for parts in drawn:
            x, y = parts["train"]
            curves = [(Curve(degree, penalty, x[:n], y[:n]), n) for n in counts]
            near = [curve.error(x[:n], y[:n]) for curve, n in curves]
            errors["training points"].append([error if error > LEAST else nan for error in near])
            errors["validation points"].append([curve.error(*parts["validation"]) for curve, _ in curves])
        panels[name] = {label: Line.of_seeds(counts, values) for label, values in errors.items()}
    title = f"RMSE by the number of training points, from {LEAST:g} on"
    return plot.lines_data(panels, title, "training points", columns=2, share=True, log=True)
