"""Optimizers compared at rates that suit them: each method over a grid of rates, the best one drawn (hwdong 4.3.8)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.experiments.shared.claims import claim, counted, in_words
from xdl.experiments.shared.methods import GROUPS, METHODS, MakesOptimizer
from xdl.experiments.shared.points import accuracy_on, fit, spiral_points
from xdl.models import MLP
from xdl.runs.run import Run
from xdl.runs.settings import setting

END = 10  # steps; the loss of a training is the mean over its last ones

QUICK = {"rates": (0.01, 0.1, 1.0, 10.0), "steps": 80, "seeds": 2}


@dataclass(frozen=True)
class Settings:
    """Full-batch steps of a network with one hidden layer; every method is tried at every rate."""

    rates: tuple[float, ...] = setting(
        (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0),
        "learning rates to try, from small to large",
        above=0,
    )
    samples: int = setting(100, "points in each of the three arms", low=2)
    hidden: int = setting(100, "units of the hidden layer", low=1)
    steps: int = setting(500, "steps on all points", low=1)
    seeds: int = setting(3, "trainings of each kind, one a seed of the first weights", low=1)


@dataclass
class Tried:
    """The trainings of a method at a rate, one a seed: the loss before each step, and the accuracy after the last."""

    name: str
    rate: float
    curves: list[list[float]]
    accuracies: list[float]

    @property
    def ends(self) -> list[float]:
        """The loss of each seed, infinite for one that diverged: that ends higher than it began, or with no number."""
        found = [(curve[0], fmean(curve[-END:])) for curve in self.curves]
        return [end if end <= start else inf for start, end in found]

    @property
    def loss(self) -> float:
        return fmean(self.ends)

    @property
    def label(self) -> str:
        """Its name and its rate, where it is its method's best one."""
        return f"{self.name}, rate {self.rate:g}" if self.loss < inf else f"{self.name} (diverged at every rate)"

    def below(self, other: Tried) -> list[bool]:
        """For each seed whether its loss is below the other's."""
        return [mine < yours for mine, yours in zip(self.ends, other.ends, strict=True)]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Every method at every rate; a heat map of the losses, the curves at each method's best rate, and the ranking."""
    points, labels = spiral_points(run, settings.samples)
    tried: dict[str, list[Tried]] = {}
    for name, make in METHODS.items():
        tried[name] = [_try_out(settings, run, points, labels, name, rate, make) for rate in settings.rates]
        run.say(f"{name}: loss " + ", ".join(f"{_shown(one.loss)} at {one.rate:g}" for one in tried[name]))
    best = sorted((min(row, key=lambda one: one.loss) for row in tried.values()), key=lambda one: one.loss)
    rows = []
    for one in best:
        losses = [_number(loss) for loss in (one.loss, min(one.ends), max(one.ends))]
        rows.append((one.name, one.rate if one.loss < inf else None, *losses, fmean(one.accuracies)))
    headings = ("method", "best rate", "loss", "least loss", "largest loss", "accuracy on the training points")
    table = run.table(headings, rows)
    _draw_rates(run, settings, tried, best)
    _draw_losses(run, settings, best)
    grid = {name: {f"{one.rate:g}": _number(one.loss) for one in row} for name, row in tried.items()}
    return {"methods": table, "losses": grid}


def _try_out(
    settings: Settings, run: Run, points: Any, labels: Any, name: str, rate: float, make: MakesOptimizer
) -> Tried:
    one = Tried(name, rate, [], [])
    for repeat in range(settings.seeds):
        run.reseed(repeat)
        model = MLP((2, settings.hidden, 3))
        one.curves.append(fit(model, points, labels, lambda p: make(p, lr=rate), settings.steps))
        one.accuracies.append(accuracy_on(model, points, labels))
    return one


def _draw_rates(run: Run, settings: Settings, tried: dict[str, list[Tried]], best: list[Tried]) -> None:
    """The heat map, and how much hangs on the rate."""
    firsts: dict[str, list[str]] = {}
    for column in zip(*tried.values(), strict=True):
        first = min(column, key=lambda one: one.loss)
        if first.loss == inf:
            continue
        firsts.setdefault(first.name, []).append(f"{first.rate:g}")
    at_rates = "; ".join(f"{name} at {', '.join(at)}" for name, at in firsts.items()) or "each diverged"
    decides = ("no method", "one method is first at every rate", "the rate decides which method is first")[
        min(len(firsts), 2)
    ]
    said = [run.see(f"at one rate for all, {decides}: {at_rates}")]
    ends = (settings.rates[0], settings.rates[-1])
    at_an_end = [one.label for one in best if one.rate in ends and one.loss < inf]
    if at_an_end and len(settings.rates) > 1:
        said.append(run.see(f"the best rate may lie outside those tried: {'; '.join(at_an_end)}"))
    data = plot.heat_data(
        [[one.loss for one in row] for row in tried.values()],
        list(tried),
        [f"{rate:g}" for rate in settings.rates],
        f"Loss on the spiral after {settings.steps} steps (frame: a method's best; cross: diverged)",
        y="method",
        x="learning rate",
        value=f"mean loss of {counted(settings.seeds, 'seed')}",
        log=True,
        framed=[[any(one is chosen and one.loss < inf for chosen in best) for one in row] for row in tried.values()],
    )
    run.figure("rates", data, "\n".join(said))


def _draw_losses(run: Run, settings: Settings, best: list[Tried]) -> None:
    """The curves of each method at its best rate, and what can be said of their ranking."""
    by_name = {one.name: one for one in best}
    first, last = best[0], best[-1]
    plain, momentum = by_name["SGD"], by_name["momentum"]
    others = [list(first.below(one)) for one in best[1:]]
    said = [
        claim(
            run,
            f"each at its best rate, {first.label}, comes further than every other (loss {_shown(first.loss)}; "
            f"{best[1].label}: {_shown(best[1].loss)}; {last.label}: {_shown(last.loss)})",
            [all(at_seed) for at_seed in zip(*others, strict=True)],
        ),
        claim(
            run,
            "momentum helps plain descent, each at its best rate "
            f"(loss {_shown(momentum.loss)} against {_shown(plain.loss)})",
            momentum.below(plain),
        ),
    ]
    panels = {
        group: {
            one.label: plot.Line.of_seeds(range(1, settings.steps + 1), one.curves)
            for one in best
            if one.name in methods
        }
        for group, methods in GROUPS.items()
    }
    title = f"Loss on the spiral, each method at its best rate ({in_words(settings.seeds)})"
    run.figure("losses", plot.lines_data(panels, title, "step", log=True, share=True), "\n".join(said))


def _number(loss: float) -> float | None:
    """The loss for a table and for JSON; None for one that diverged."""
    return None if loss == inf else loss


def _shown(loss: float) -> str:
    return "diverged" if loss == inf else f"{loss:.3g}"
