"""Paths of the weights of ridge and lasso over the penalty, and the penalty that validation points choose (hwdong 3.4).

    ridge  mean((w x + b - y)^2) + lambda sum w_j^2     shrinks all weights, and makes none of them 0
    lasso  mean((w x + b - y)^2) + lambda sum |w_j|     makes one after the other 0, the last at 2 max |x_j^T y| / N

x are the powers of the water level, standardized, and y the outflows without their mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from statistics import fmean, median
from typing import Any

from xdl import plot
from xdl.estimators import Lasso, PolynomialFeatures, Ridge, StandardScaler
from xdl.experiments.regression.dam_water import PARTS, Parts, water
from xdl.experiments.shared.claims import claim, in_words
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train.metrics import root_mean_squared_error

QUICK: dict[str, Any] = {"penalties": 11, "seeds": 2}
SURE = 0.9  # of lasso's bound: nearer to it a weight may be smaller than its tolerance
OFF = 15.0  # weights beyond are not drawn
FITS: dict[str, Callable[[float, int], Ridge | Lasso]] = {  # from lambda and the number of points
    "ridge": lambda penalty, points: Ridge(penalty * points),
    "lasso": lambda penalty, _: Lasso(penalty / 2),
}


@dataclass(frozen=True)
class Settings:
    """Polynomials of 12 points of the dam, over penalties that are even on a logarithmic axis."""

    degree: int = setting(9, "degree of the polynomial", low=2, high=12)
    least: float = setting(0.001, "the smallest lambda", above=0)
    largest: float = setting(100.0, "the largest lambda", above=0)
    penalties: int = setting(36, "lambdas that are tried", low=2, high=1000)
    seeds: int = setting(5, "stand-ins of the dam's data that are drawn", low=1)


@dataclass(frozen=True)
class Path:
    """One stand-in's fits over the penalties: weights of each fit, and the RMSE of each on each part."""

    weights: list[list[float]]
    errors: dict[str, list[float]]

    @property
    def chosen(self) -> int:
        """The number of the penalty with the least error on validation points."""
        errors = self.errors["validation"]
        return errors.index(min(errors))

    @property
    def left(self) -> list[int]:
        """How many weights are not 0, for each penalty."""
        return [sum(w != 0 for w in weights) for weights in self.weights]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Paths of both on each stand-in; weights of the first, errors and numbers of weights of all."""
    ratio = settings.largest / settings.least
    penalties = [settings.least * ratio ** (i / (settings.penalties - 1)) for i in range(settings.penalties)]
    drawn = [water(run.about["seed"] + i) for i in range(settings.seeds)]
    found = {kind: [path(kind, settings.degree, penalties, parts) for parts in drawn] for kind in FITS}
    free = [path("ridge", settings.degree, [0.0], parts) for parts in drawn]
    without = [one.errors["test"][0] for one in free]
    rows: list[tuple[Any, ...]] = [("no penalty", None, round(median(without), 3), None, settings.degree)]
    for kind, paths in found.items():
        at_choice = [one.errors["test"][one.chosen] for one in paths]
        least = median(min(one.errors["test"]) for one in paths)
        kept = fmean(one.left[one.chosen] for one in paths)
        middle = median(penalties[one.chosen] for one in paths)
        rows.append((kind, float(f"{middle:.3g}"), round(median(at_choice), 3), round(least, 3), round(kept, 1)))
    run.say(f"medians over {settings.seeds} stand-ins, the weights in the mean:")
    headings = ("fit", "chosen lambda", "test RMSE with it", "least test RMSE of all lambdas", "weights that are not 0")
    table = run.table(headings, rows)
    _draw_weights(settings, run, penalties, {kind: paths[0] for kind, paths in found.items()})
    _draw_errors(run, penalties, found, without)
    bounds = [lasso_bound(settings.degree, parts) for parts in drawn]
    _draw_left(run, penalties, found, bounds)
    return {"fits": table, "left": {kind: paths[0].left for kind, paths in found.items()}, "lasso_bounds": bounds}


def standardized(degree: int, parts: Parts) -> dict[str, Tensor]:
    """The powers (N, degree) of each part's levels, with the means and deviations of the training points."""
    powers = PolynomialFeatures(degree, include_bias=False).fit(parts["train"][0])
    scaler = StandardScaler().fit(powers.transform(parts["train"][0]))
    return {part: scaler.transform(powers.transform(x)) for part, (x, _) in parts.items()}


def path(kind: str, degree: int, penalties: list[float], parts: Parts) -> Path:
    """The fits of a kind to the training points, one a penalty."""
    features = standardized(degree, parts)
    y = parts["train"][1]
    weights: list[list[float]] = []
    errors: dict[str, list[float]] = {part: [] for part in PARTS}
    for penalty in penalties:
        model = FITS[kind](penalty, len(y)).fit(features["train"], y)
        weights.append(model.coef_.tolist())
        for part in PARTS:
            errors[part].append(root_mean_squared_error(parts[part][1], model.predict(features[part])))
    return Path(weights, errors)


def lasso_bound(degree: int, parts: Parts) -> float:
    """The lambda from which on lasso has no weight: 2 max |x_j^T y| / N."""
    x, y = standardized(degree, parts)["train"], parts["train"][1]
    return 2 * float((x.T @ (y - y.mean())).abs().max().item()) / len(y)


def _draw_weights(settings: Settings, run: Run, penalties: list[float], paths: dict[str, Path]) -> None:
    """The weights of the first stand-in against lambda, and the one that validation points choose."""
    panels = {}
    for kind, one in paths.items():
        lines = {}
        for power in range(settings.degree):
            label = "x" if power == 0 else f"x^{power + 1}"
            values = [weights[power] for weights in one.weights]
            lines[label] = Line(penalties, [w if abs(w) < OFF else nan for w in values], colour=power)
        chosen = penalties[one.chosen]
        lines["chosen lambda"] = Line([chosen] * 2, [-OFF, OFF], look="dashed", colour=9)
        panels[f"{kind}, chosen lambda {chosen:.3g}"] = lines
    zeros = {kind: settings.degree - one.left[one.chosen] for kind, one in paths.items()}
    sentence = f"at the chosen lambda lasso has {zeros['lasso']} of {settings.degree} weights at exactly 0, "
    sentence += f"ridge {zeros['ridge']}"
    see = claim(run, sentence, [zeros["lasso"] > zeros["ridge"] == 0])
    title = f"Weights of the standardized powers by penalty, where they are below {OFF:g}"
    data = plot.lines_data(panels, title, "lambda", x_log=True, share=True, one_legend=True)
    run.figure("weights", data, see)


def _draw_errors(run: Run, penalties: list[float], found: dict[str, list[Path]], without: list[float]) -> None:
    """RMSE by lambda on all parts, mean and range of the stand-ins, with the least mean validation error."""
    panels, said = {}, []
    for kind, paths in found.items():
        lines = {part: Line.of_seeds(penalties, [one.errors[part] for one in paths]) for part in PARTS}
        means = [fmean(at) for at in zip(*[one.errors["validation"] for one in paths], strict=True)]
        i = means.index(min(means))
        lines["least validation error"] = Line([penalties[i]], [means[i]], look="circles", colour=3)
        panels[kind] = lines
        with_it = [one.errors["test"][one.chosen] for one in paths]
        sentence = f"with the lambda that validation points choose {kind} is better on test points than no penalty "
        sentence += f"(median {median(with_it):.2f}, without {median(without):.2f})"
        held = [one < other for one, other in zip(with_it, without, strict=True)]
        said.append(claim(run, sentence, held))
    title = f"RMSE by penalty ({in_words(len(without))})"
    data = plot.lines_data(panels, title, "lambda", log=True, x_log=True, share=True, one_legend=True)
    run.figure("errors", data, "\n".join(said))


def _draw_left(run: Run, penalties: list[float], found: dict[str, list[Path]], bounds: list[float]) -> None:
    """How many weights are not 0, by lambda."""
    lines = {kind: Line.of_seeds(penalties, [one.left for one in paths]) for kind, paths in found.items()}
    lines["no weight of lasso from here on"] = Line([bounds[0]] * 2, [0, found["ridge"][0].left[0]], look="dashed")
    held = [
        all(
            count == 0 if penalty >= bound else count > 0 or penalty > SURE * bound
            for penalty, count in zip(penalties, one.left, strict=True)
        )
        for one, bound in zip(found["lasso"], bounds, strict=True)
    ]
    sentence = f"lasso has a weight up to lambda = 2 max |x_j^T y| / N, {bounds[0]:.3g} for the first stand-in, and "
    see = claim(run, sentence + "none beyond it", held)
    title = f"Weights that are not 0, by penalty ({in_words(len(bounds))})"
    run.figure("left", plot.lines_data({"": lines}, title, "lambda", x_log=True), see)
