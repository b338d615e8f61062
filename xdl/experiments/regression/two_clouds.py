"""Logistic regression on two clouds: descent, its line, and the best that any line can do (hwdong 3.5.1, 3.5.2).

Where both clouds are normal with one std, the best classifier of all is the line half-way between their centres: no
other is right more often on new points. How often a line is right can be calculated, so the ceiling is a number.

Beside it stand scikit-learn's coefficients for the same points, where it is installed (hwdong 3.5, the notebook).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot, pi, sqrt
from statistics import NormalDist
from typing import Any

from xdl import functional as F
from xdl import optim, plot
from xdl.creation import tensor, zeros
from xdl.data import gaussian_clouds
from xdl.estimators import LogisticRegression
from xdl.experiments.regression.beside_scikit_learn import beside
from xdl.experiments.shared.claims import claim, in_words
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band

QUICK: dict[str, Any] = {"seeds": 2, "fresh": 2000}
NEW = 1000  # added to a seed: that of its new points
LEAST = 1e-7  # above the least loss, which float32 can tell
SHOWN = (1, 10)  # steps of descent whose probabilities are drawn, beside the last


@dataclass(frozen=True)
class Settings:
    """Clouds of std 1 around (-d, -d) / 2 and (d, d) / 2; descent on the mean cross entropy, without a penalty."""

    samples: int = setting(200, "points to learn from, half in each cloud", low=4)
    distance: float = setting(2.0, "d, between the centres along both axes", above=0)
    fresh: int = setting(10_000, "new points to test on", low=10)
    lr: float = setting(2.0, "rate of the descent", above=0)
    steps: int = setting(1000, "steps of the descent", low=11)
    seeds: int = setting(5, "pairs of clouds, one a seed", low=1)


class Clouds:
    """The points of one seed, and what is learned from them.

    path:   (w1, w2, b) before each step of descent and after the last; losses: the mean cross entropy there
    newton: the least loss of all, which `LogisticRegression` without a penalty finds; least: that loss
    """

    def __init__(self, settings: Settings, seed: int) -> None:
        self.points, self.labels = gaussian_clouds(settings.samples, settings.distance, seed)
        self.new, self.new_labels = gaussian_clouds(settings.fresh, settings.distance, seed + NEW)
        self.newton = LogisticRegression(C=float("inf")).fit(self.points, self.labels)
        w, b = zeros(2, requires_grad=True), zeros(1, requires_grad=True)
        x, y = tensor(self.points), tensor(self.labels, dtype=self.points.dtype.name)
        descent = optim.SGD([w, b], lr=settings.lr)
        self.path, self.losses = [[0.0, 0.0, 0.0]], []
        for _ in range(settings.steps + 1):
            loss = F.binary_cross_entropy_with_logits(x @ w + b, y)
            self.losses.append(float(loss.item()))
            descent.zero_grad()
            loss.backward()
            descent.step()
            self.path.append([*w.tolist(), b.item()])
        del self.path[-1]  # its loss was not measured
        best = self.newton.predict_log_proba(x).gather(1, tensor(self.labels).unsqueeze(1))
        self.least = -float(best.mean().item())

    @property
    def line(self) -> list[float]:
        """(w1, w2, b) of Newton's method."""
        return [*map(float, self.newton.coef_[0]), float(self.newton.intercept_[0])]

    def apart(self) -> float:
        """The largest difference between the weights of descent and of Newton's method."""
        return max(abs(one - other) for one, other in zip(self.path[-1], self.line, strict=True))


def ceiling(distance: float) -> float:
    """How often the best classifier is right: Phi(d / sqrt 2), since the line is d / sqrt 2 stds from each centre."""
    return NormalDist().cdf(distance / sqrt(2))


def rightness(line: list[float], distance: float) -> float:
    """How often w1 x1 + w2 x2 + b > 0 tells the second cloud from the first, calculated: the mean of both clouds."""
    w1, w2, b = line
    length, towards = sqrt(w1 * w1 + w2 * w2), (w1 + w2) * distance / 2
    return (NormalDist().cdf((towards + b) / length) + NormalDist().cdf((towards - b) / length)) / 2


def degrees_between(one: list[float], other: list[float]) -> float:
    """The angle between the lines of two weights (w1, w2, b)."""
    turn = abs(atan2(one[1], one[0]) - atan2(other[1], other[0])) % (2 * pi)
    return degrees(min(turn, 2 * pi - turn))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Accuracy beside the ceiling, over the seeds; the line, the loss of descent, and scikit-learn's coefficients."""
    first = run.about["seed"]
    every = [Clouds(settings, seed) for seed in range(first, first + settings.seeds)]
    top = ceiling(settings.distance)
    rows = []
    for number, one in enumerate(every):
        best = ((one.new.sum(1) > 0) == one.new_labels).mean()
        scores = one.newton.score(one.points, one.labels), one.newton.score(one.new, one.new_labels)
        rows.append((first + number, *scores, float(best), rightness(one.line, settings.distance)))
    headings = ("seed", "training points", "new points", "best line, same new points", "calculated")
    run.say("share of points on the right side of the line of logistic regression:")
    table = run.table(headings, [(row[0], *(round(share, 4) for share in row[1:])) for row in rows])
    right, new = band([row[-1] for row in rows]), band([row[2] for row in rows])
    sentence = f"no line is right more often than {top:.4f}; learned from {settings.samples} points it comes within "
    sentence += f"0.02 of it: {right.mean:.4f}, calculated, and {new.mean:.4f} of {settings.fresh} new points"
    seen = claim(run, sentence, [top - 0.02 < row[-1] <= top for row in rows])
    run.figure("lines", lines(settings, every), seen)
    apart = max(one.apart() for one in every)
    sentence = f"after {settings.steps} steps the weights of descent are at most {apart:.1g} from Newton's, "
    sentence += f"which takes {max(one.newton.n_iter_ for one in every)} steps"
    same = claim(run, sentence, [one.apart() < 0.05 for one in every])
    run.figure("loss", losses(every), same)
    turned = max(degrees_between(one.path[1], one.path[-1]) for one in every)
    longer = [hypot(*one.path[-1][:2]) / hypot(*one.path[1][:2]) for one in every]
    sentence = f"the first step brings the line to within {turned:.0f} degrees of the last one's direction; what "
    sentence += f"follows makes it surer: w gets {min(longer):.1f} to {max(longer):.1f} times as long"
    surer = claim(run, sentence, [factor > 1 for factor in longer])
    run.figure("descent", regions(every[0]), surer)
    found = {"accuracy": table, "ceiling": top, "apart": apart, "weights": every[0].line}
    return found | {"scikit_learn": beside(run, [(one.points, one.labels, one.new) for one in every])}


def lines(settings: Settings, every: list[Clouds]) -> plot.FigureData:
    """The points of the first seed and the lines of all."""
    shown = every[0]
    panel = {}
    for k, look in enumerate(("circles", "dots")):
        xs, ys = shown.points[shown.labels == k].T
        panel[f"cloud {k}"] = Line(xs, ys, look=look, colour=k)
    ends = [float(shown.points[:, 0].min()), float(shown.points[:, 0].max())]
    for number, one in enumerate(every):
        w1, w2, b = one.line
        name = "learned (thin: from other seeds' points)" if number == 0 else f"seed {number}"
        panel[name] = Line(ends, [-(w1 * x + b) / w2 for x in ends], look="faint" if number else "line", colour=2)
    panel["the best line there is"] = Line(ends, [-x for x in ends], look="dashed", colour=3)
    title = f"two clouds of points: at best {ceiling(settings.distance):.1%} are right"
    return plot.lines_data({"": panel}, title, "x1; upwards x2", equal=True)


def losses(every: list[Clouds]) -> plot.FigureData:
    """The cross entropy by step, and how far it is above the least there is."""
    steps = list(range(1, len(every[0].losses) + 1))
    above = [[max(loss - one.least, LEAST) for loss in one.losses] for one in every]
    panel = {
        "cross entropy": Line.of_seeds(steps, [one.losses for one in every]),
        "above the least there is": Line.of_seeds(steps, above),
    }
    title = f"descent on the cross entropy, {in_words(len(every))}"
    return plot.lines_data({"": panel}, title, "step", log=True, x_log=True)


def regions(one: Clouds) -> plot.FigureData:
    """The probabilities over the plane after some steps of descent."""
    on, panels = plot.grid(one.points), {}
    for step in (*SHOWN, len(one.path) - 1):
        w1, w2, b = one.path[step]
        second = tensor(on @ [w1, w2] + b).sigmoid().numpy()
        panels[f"step {step}: loss {one.losses[step]:.3f}"] = [[1 - p, p] for p in second.tolist()]
    title = "probabilities by descent; white: the line of one half"
    return plot.regions_data(panels, on, one.points, one.labels, title)
