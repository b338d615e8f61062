"""Cross validation of few images: plain against stratified folds, and what choosing by it costs (after hwdong 3.3.2).

A linear classifier is measured by k-fold cross validation on a few images of each class, and, as the truth, on many
fresh images. A plain fold may hold most images of a class, which then are missing from its training. The setting that
is best in cross validation is best there partly by luck: on fresh images it does not keep all of its lead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from xdl import plot
from xdl.creation import tensor
from xdl.data import LabelledImages, k_fold, stratified_k_fold
from xdl.data.split import Fold
from xdl.experiments.evaluation.ridge import ridge_accuracy, ridge_weights, rows_of
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.images import images_of
from xdl.plot import Line
from xdl.random import Stream
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band
from xdl.train import CrossValidated, cross_validate

QUICK = {"draws": 5, "seeds": 3}
HEADINGS = ("folds", "estimate less truth", "std over the folds")
KINDS: dict[str, Callable[[Any, int, int], list[Fold]]] = {
    "plain": lambda labels, folds, seed: k_fold(len(labels), folds, seed),
    "stratified": stratified_k_fold,
}


@dataclass(frozen=True)
class Settings:
    """Few images a class, drawn anew many times; ridge regression, whose penalty is chosen."""

    each: int = setting(4, "images of each class that are known", low=2)
    folds: int = setting(4, "folds", low=2)
    strengths: tuple[float, ...] = setting(
        tuple(10 ** (power / 2) for power in range(-6, 11)), "strengths of the penalty to choose from", above=0
    )
    fixed: float = setting(1.0, "strength at which plain and stratified folds are compared", above=0)
    fresh: int = setting(500, "at most so many fresh images tell the truth", low=10)
    draws: int = setting(20, "times that the images are drawn, for each seed", low=2)
    seeds: int = setting(5, "repetitions, one a seed", low=1)


class Draw(NamedTuple):
    """Of one draw of the images, all as accuracies.

    folds:     for each kind of folds, at the fixed strength, the estimate less what a model of all the known images
               reaches on the fresh ones; and the std over the folds
    estimates: by stratified folds, for each strength
    truths:    the mean of the same models on the fresh images, for each strength: what the estimate is to be
    """

    folds: dict[str, tuple[float, float]]
    estimates: list[float]
    truths: list[float]

    @property
    def chosen(self) -> int:
        """The number of the strength with the best estimate."""
        return self.estimates.index(max(self.estimates))

    @property
    def optimism(self) -> float:
        """The estimate of the chosen strength less the truth about it."""
        return self.estimates[self.chosen] - self.truths[self.chosen]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A table and a figure of both kinds of folds; a figure by strength of the penalty; the optimism of the choice."""
    data = images_of(run)
    seeds = range(run.about["seed"], run.about["seed"] + settings.seeds)
    found = [
        [_draw(settings, data, seed * settings.draws + number) for number in range(settings.draws)] for seed in seeds
    ]
    means = {kind: [[_mean([d.folds[kind][i] for d in draws]) for draws in found] for i in (0, 1)] for kind in KINDS}
    rows = [(kind, *(round(_mean(values), 4) for values in means[kind])) for kind in KINDS]
    table = run.table(HEADINGS, rows)
    run.figure("folds", _folds(settings, found), _say_of_folds(run, means))
    optimism = [_mean([draw.optimism for draw in draws]) for draws in found]
    run.figure("choosing", _choosing(settings, found), _say_of_choice(run, settings, found, optimism))
    return {"data_description": data.description, "folds": table, "optimism": _mean(optimism)}


def _draw(settings: Settings, data: LabelledImages, seed: int) -> Draw:
    images, labels, classes = *data.train.arrays, len(data.class_names)
    known, fresh = _known_and_fresh(settings, labels.tolist(), seed)
    (a, y), (new_a, new_y) = ((rows_of(images[part]), tensor(labels[part])) for part in (known, fresh))

    def measured(strength: float, folds: list[Fold]) -> tuple[CrossValidated, float]:
        """By cross validation, and what the same models reach on fresh images."""
        on_fresh = []

        def fit_and_measure(train: Any, test: Any) -> float:
            weights = ridge_weights(a[train], y[train], strength, classes)
            on_fresh.append(ridge_accuracy(weights, new_a, new_y))
            return ridge_accuracy(weights, a[test], y[test])

        return cross_validate(fit_and_measure, folds), _mean(on_fresh)

    final = ridge_accuracy(ridge_weights(a, y, settings.fixed, classes), new_a, new_y)
    folds = {kind: make(labels[known], settings.folds, seed) for kind, make in KINDS.items()}
    fixed = {kind: measured(settings.fixed, made)[0] for kind, made in folds.items()}
    found = [measured(strength, folds["stratified"]) for strength in settings.strengths]
    return Draw(
        {kind: (one.mean - final, one.std) for kind, one in fixed.items()},
        [one.mean for one, _ in found],
        [truth for _, truth in found],
    )


def _known_and_fresh(settings: Settings, labels: list[int], seed: int) -> tuple[list[int], list[int]]:
    """Some images of each class, drawn by the seed, and others."""
    known: dict[int, list[int]] = {label: [] for label in sorted(set(labels))}
    fresh: list[int] = []
    for i in Stream(seed, "known images").permutation(len(labels)).tolist():
        if len(known[labels[i]]) < settings.each:
            known[labels[i]].append(i)
        elif len(fresh) < settings.fresh:
            fresh.append(i)
    return [i for several in known.values() for i in several], fresh


def _mean(values: Sequence[float]) -> float:
    return band(values).mean


def _say_of_folds(run: Run, means: dict[str, list[list[float]]]) -> str:
    plain, stratified = means["plain"], means["stratified"]
    claim(
        run,
        "plain folds spread more than stratified ones",
        [one > other for one, other in zip(plain[1], stratified[1], strict=True)],
    )
    claim(
        run,
        "the estimate of plain folds is further from the truth than that of stratified ones",
        [abs(one) > abs(other) for one, other in zip(plain[0], stratified[0], strict=True)],
    )
    return run.see(
        f"plain folds estimate an accuracy {_mean(plain[0]):+.3f} from the truth, with a std of {_mean(plain[1]):.3f} "
        f"over the folds; stratified ones {_mean(stratified[0]):+.3f}, with {_mean(stratified[1]):.3f}"
    )


def _say_of_choice(run: Run, settings: Settings, found: list[list[Draw]], optimism: list[float]) -> str:
    claim(
        run,
        "the chosen strength looks better in cross validation than it is on fresh images",
        [value > 0 for value in optimism],
    )
    draws = [draw for several in found for draw in several]
    best = _mean([max(draw.truths) for draw in draws])
    of_all = _mean([_mean(draw.estimates) - _mean(draw.truths) for draw in draws])
    kept = _mean([draw.truths[draw.chosen] for draw in draws])
    return run.see(
        f"the strength that is best of {len(settings.strengths)} has {_mean([max(d.estimates) for d in draws]):.3f} in "
        f"cross validation, and the same models {kept:.3f} on fresh images: an optimism of {_mean(optimism):+.3f}; "
        f"the mean over all strengths is {of_all:+.3f}; "
        f"those of the best strength would have had {best:.3f}"
    )


def _folds(settings: Settings, found: list[list[Draw]]) -> plot.FigureData:
    """For each seed the estimates' distance from the truth, in the first panel, and the std, in the second."""
    titles = ("estimate less truth", "std over the folds")
    panels = {
        title: {
            kind: Line.of_seeds(
                range(1, settings.draws + 1), [sorted(draw.folds[kind][i] for draw in draws) for draws in found]
            )
            for kind in KINDS
        }
        for i, title in enumerate(titles)
    }
    title = f"{settings.folds} folds of {settings.each} images of each class: accuracy"
    return plot.lines_data(panels, title, "draws of the images, sorted")


def _choosing(settings: Settings, found: list[list[Draw]]) -> plot.FigureData:
    """Estimate and truth by strength; and how often each strength is chosen."""
    strengths = list(settings.strengths)
    each = range(len(strengths))
    lines = {
        name: Line.of_seeds(strengths, [[_mean([getattr(d, part)[i] for d in draws]) for i in each] for draws in found])
        for name, part in (("cross validation", "estimates"), ("fresh images", "truths"))
    }
    chosen = [[sum(d.chosen == i for d in draws) / len(draws) for i in each] for draws in found]
    panels = {"accuracy": lines, "share of draws that choose it": {"chosen": Line.of_seeds(strengths, chosen)}}
    title = (
        f"choosing by {settings.folds} stratified folds of {settings.each} images of each class, range over the seeds"
    )
    return plot.lines_data(panels, title, "strength of the penalty", x_log=True)
