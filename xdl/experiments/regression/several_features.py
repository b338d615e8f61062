"""A plane through points by least squares of several features, vectorized, and seen edge-on (hwdong 3.1.9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from time import perf_counter
from typing import Any

from xdl import linalg, plot
from xdl.creation import tensor
from xdl.data import plane
from xdl.estimators import LinearRegression
from xdl.estimators.descent import squared_error
from xdl.estimators.design import design
from xdl.experiments.shared.claims import claim, in_words
from xdl.plot import Line
from xdl.random import randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"steps": 200}
TRUTH = (3.0, 2.0, 5.0)  # of x, of y, and alone
NAMES = ("w of x", "w of y", "b")
NEAR = 3  # standard errors


@dataclass(frozen=True)
class Settings:
    """Points over a square and z = 3 x + 2 y + 5 with noise; a descent at the largest rate that is surely safe."""

    samples: int = setting(100, "points of the plane", low=5)
    noise: float = setting(0.5, "std of the noise in z", above=0)
    steps: int = setting(300, "steps of the descent", low=2)
    long: int = setting(20_000, "points over which loops and one product are timed", low=10)
    seeds: int = setting(5, "sets of points, one a seed", low=1)


class Fitted:
    """The plane of one seed.

    weights: its w and b by the normal equation; errors: the standard error of each; spread: the std of what is left,
    over N - 3, since three weights were fitted; descent: the same plane by descent
    """

    def __init__(self, settings: Settings, seed: int) -> None:
        points, z = plane(settings.samples, settings.noise, seed)
        self.x, self.z = tensor(points, dtype="float64"), tensor(z, dtype="float64")
        self.model = LinearRegression(solver="normal").fit(self.x, self.z)
        self.weights = [*map(float, self.model.coef_), float(self.model.intercept_)]
        left = self.z - self.model.predict(self.x)
        self.spread = sqrt(float((left**2).sum().item()) / (len(z) - len(TRUTH)))
        a = design(self.x, True)
        self.errors = [self.spread * sqrt(value) for value in linalg.inv(a.T @ a).diagonal().tolist()]
        self.descent = LinearRegression(solver="descent", max_iter=settings.steps, tol=None).fit(self.x, self.z)

    def far(self) -> list[float]:
        """How many standard errors each weight is from the truth."""
        return [abs(w - true) / error for w, true, error in zip(self.weights, TRUTH, self.errors, strict=True)]

    def apart(self) -> float:
        """The largest difference between the weights of descent and of the normal equation."""
        followed = [*map(float, self.descent.coef_), float(self.descent.intercept_)]
        return max(abs(one - other) for one, other in zip(followed, self.weights, strict=True))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Weights beside the truth, what is left beside the noise, the descent, and what vectorizing saves."""
    first = run.about["seed"]
    fitted = [Fitted(settings, seed) for seed in range(first, first + settings.seeds)]
    shown = fitted[0]
    followed = shown.descent.path_[-1].tolist()
    rows = list(zip(NAMES, TRUTH, shown.weights, followed, shown.errors, strict=True))
    table = run.table(("weight", "truth", "normal equation", f"descent, {settings.steps} steps", "std error"), rows)
    farthest = max(max(one.far()) for one in fitted)
    sentence = f"every weight is within {NEAR} standard errors of the truth (at most {farthest:.1f})"
    claim(run, sentence, [max(one.far()) < NEAR for one in fitted])
    steep = sqrt(TRUTH[0] ** 2 + TRUTH[1] ** 2)
    expected = settings.noise / sqrt(2 * (settings.samples - len(TRUTH)))
    spreads = ", ".join(f"{one.spread:.3f}" for one in fitted)
    sentence = f"what the plane leaves has the std of the noise, {settings.noise:g}, within {NEAR} times "
    sentence += f"{expected:.3f}, as it varies by chance ({spreads})"
    left = claim(run, sentence, [abs(one.spread - settings.noise) < NEAR * expected for one in fitted])
    run.figure("edge-on", edge_on(shown, steep), left)
    apart = max(one.apart() for one in fitted)
    sentence = f"descent comes to the same plane: its weights are at most {apart:.1e} from the normal equation's"
    same = claim(run, sentence, [one.apart() < 1e-3 for one in fitted])
    run.figure("descent", descent(fitted), same)
    seconds = timed(settings, run)
    return {"weights": table, "residual_std": [one.spread for one in fitted], "apart": apart, "seconds": seconds}


def timed(settings: Settings, run: Run) -> dict[str, float]:
    """Seconds of one gradient by loops over samples and features, and by two products of the matrix."""
    run.reseed()
    a = design(randn(settings.long, 2, dtype="float64"), True)
    z = a @ tensor(TRUTH, dtype="float64") + settings.noise * randn(settings.long, dtype="float64")
    w = tensor([0.5, -1.0, 2.0], dtype="float64")
    rows, goals, weights = a.tolist(), z.tolist(), w.tolist()
    start = perf_counter()
    slow = looped(rows, goals, weights)
    between = perf_counter()
    fast: Tensor = squared_error(a, z, w)[1]
    seconds = {"loops": between - start, "products": perf_counter() - between}
    apart = max(abs(one - other) for one, other in zip(slow, fast.tolist(), strict=True))
    ratio = seconds["loops"] / seconds["products"]
    sentence = f"over {settings.long} points two products give the gradient of the loops, within {apart:.0e}, "
    claim(run, f"{sentence}{ratio:.0f} times as fast", [apart < 1e-9 and ratio > 2])
    return seconds


def looped(rows: list[list[float]], goals: list[float], weights: list[float]) -> list[float]:
    """dJ/dw of J = sum (a w - z)^2 / (2 N), one sample and one feature after the other."""
    gradient = [0.0] * len(weights)
    for row, goal in zip(rows, goals, strict=True):
        error = -goal
        for feature, weight in zip(row, weights, strict=True):
            error += feature * weight
        for j, feature in enumerate(row):
            gradient[j] += error * feature / len(rows)
    return gradient


def edge_on(shown: Fitted, steep: float) -> plot.FigureData:
    """z over x alone, and z along the direction in which the plane rises, where it is seen as a line."""
    x, z = shown.x, shown.z.tolist()
    up = (x @ tensor([TRUTH[0] / steep, TRUTH[1] / steep], dtype="float64")).tolist()
    ends = [min(up), max(up)]
    panels = {
        "over x alone: a cloud": {"points": Line(x[:, 0].tolist(), z, look="circles", colour=7)},
        "along its rise: the plane edge-on": {
            "points": Line(up, z, look="circles", colour=7),
            "z = 3 x + 2 y + 5": Line(ends, [steep * end + TRUTH[2] for end in ends], colour=3),
        },
    }
    titles = ["x", f"(3 x + 2 y) / {steep:.3f}"]
    return plot.lines_data(panels, "points of a plane with noise, from two sides: z upwards", titles, share=True)


def descent(fitted: list[Fitted]) -> plot.FigureData:
    """How far the weights are from the normal equation's, and from the truth, by step."""
    steps = list(range(len(fitted[0].descent.path_)))
    near = [distances(one, one.weights) for one in fitted]
    true = [distances(one, TRUTH) for one in fitted]
    lines = {"from the normal equation's plane": near, "from the true plane": true}
    panel = {name: Line.of_seeds(steps, far) for name, far in lines.items()}
    title = f"distance of descent's weights, {in_words(len(fitted))}"
    return plot.lines_data({"": panel}, title, "step", log=True)


def distances(one: Fitted, weights: Sequence[float]) -> list[float]:
    """|path - weights| by step, down to what float64 can tell from 0."""
    far: list[float] = ((one.descent.path_ - [weights]) ** 2).sum(1).tolist()
    return [max(sqrt(value), 1e-15) for value in far]
