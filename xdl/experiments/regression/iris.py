"""Iris flowers by logistic regression: two lengths at a time, all four, and which flowers are wrong (hwdong 3.5.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import hypot, nan
from typing import Any

from xdl import plot
from xdl.data import stratified_k_fold
from xdl.data.iris import CLASS_NAMES, COUNT, FEATURE_NAMES, read_iris
from xdl.data.labelled import Parts, hold_out_fifth
from xdl.estimators import LogisticRegression, StandardScaler
from xdl.experiments.shared.claims import claim
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band, wilson_interval
from xdl.train import confusion_matrix

QUICK: dict[str, Any] = {"seeds": 2}
ALL = (0, 1, 2, 3)
SEPALS, PETALS = (0, 1), (2, 3)
PAIRS = tuple(combinations(ALL, 2))
POINTS = 200  # of a border


@dataclass(frozen=True)
class Settings:
    """150 flowers of three species, four lengths each; softmax over the species, standardized lengths."""

    folds: int = setting(5, "stratified folds of the cross validation", low=2, high=50)
    C: float = setting(10.0, "how little weights are penalized", above=0)
    seeds: int = setting(5, "cross validations, one a seed, with other folds", low=1)


class Species:
    """Tells the species from some of the lengths; fitted to some of the flowers.

    columns: which lengths; weights: {species: (w of each length in centimetres, b)}
    """

    def __init__(self, columns: Sequence[int], lengths: Any, species: Any, C: float) -> None:
        self.columns = list(columns)
        given = lengths[:, self.columns]
        self.scaler = StandardScaler().fit(given)
        self.model = LogisticRegression(C).fit(self.scaler.transform(given), species)

    def predict(self, lengths: Any) -> Any:
        """The species (N,) of all four lengths (N, 4), of which it takes its own."""
        return self.model.predict(self.scaler.transform(lengths[:, self.columns]))

    def borders(self, low: Any, high: Any) -> tuple[list[float], list[float]]:
        """Where two species are as probable, and the third is less so, between the corners low and high (2,).

        nan stands between the borders, and where there is none.
        """
        w = (self.model.coef_ / self.scaler.scale_).tolist()
        b = (self.model.intercept_ - self.model.coef_ @ (self.scaler.mean_ / self.scaler.scale_)).tolist()
        reach, xs, ys = hypot(*(high - low).tolist()), [], []
        for one, other, third in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
            (u, v), c = (w[one][j] - w[other][j] for j in (0, 1)), b[one] - b[other]
            off, size = u * low[0] + v * low[1] + c, hypot(u, v)
            for step in range(POINTS + 1):
                along = reach * (2 * step / POINTS - 1)
                x, y = low[0] - u * off / size**2 - v * along / size, low[1] - v * off / size**2 + u * along / size
                inside = low[0] <= x <= high[0] and low[1] <= y <= high[1]
                more = w[one][0] * x + w[one][1] * y + b[one] >= w[third][0] * x + w[third][1] * y + b[third]
                xs.append(min(max(x, low[0]), high[0]))
                ys.append(y if inside and more and step < POINTS else nan)
        return xs, ys


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The held-out flowers by each pair of lengths and by all; cross validation of the same; the flowers in doubt."""
    lengths, species = read_iris()
    parts = hold_out_fifth(species)
    known = sorted([*parts.train.tolist(), *parts.validation.tolist()])
    held, truth = lengths[parts.test], species[parts.test]
    fitted = {columns: Species(columns, lengths[known], species[known], settings.C) for columns in (*PAIRS, ALL)}
    seeds = range(run.about["seed"], run.about["seed"] + settings.seeds)
    guessed = {
        columns: [out_of_fold(settings, columns, lengths, species, seed) for seed in seeds] for columns in fitted
    }
    shares = {columns: [float((one == species).mean()) for one in several] for columns, several in guessed.items()}
    rows = []
    for columns, model in fitted.items():
        right, over = int((model.predict(held) == truth).sum()), band(shares[columns])
        rows.append((named(columns), right, round(over.mean, 4), round(over.min, 4), round(over.max, 4)))
    headings = ("lengths", f"right of {len(truth)} held out", "right in cross validation", "least", "most")
    run.say(
        f"{len(known)} flowers to learn from; cross validation of all {COUNT} by {settings.folds} stratified folds:"
    )
    table = run.table(headings, rows)
    sentence = "the two lengths of the petals tell more than the two of the sepals "
    sentence += f"({band(shares[PETALS]).mean:.3f} against {band(shares[SEPALS]).mean:.3f} in cross validation)"
    petals = [one > other for one, other in zip(shares[PETALS], shares[SEPALS], strict=True)]
    run.figure("pairs", pairs(lengths, species, parts, fitted), claim(run, sentence, petals))
    low, high = wilson_interval(rows[-1][1], len(truth))
    share = band(shares[ALL]).mean
    wide, narrow = (low, high), wilson_interval(share * COUNT, COUNT)
    run.see(
        f"by all four lengths {rows[-1][1]} of {len(truth)} held-out flowers are right, which leaves open any accuracy "
        f"from {wide[0]:.3f} to {wide[1]:.3f}; cross validation says {share:.3f}, {narrow[0]:.3f} to {narrow[1]:.3f}"
    )
    wrong = doubtful(run, lengths, species, guessed[ALL])
    setosa = [bool((one[species == 0] == 0).all()) and not (one[species != 0] == 0).any() for one in guessed[ALL]]
    said = claim(run, f"{CLASS_NAMES[0]} is never mistaken; all that is wrong is between the other two", setosa)
    matrix = confusion_matrix(species, guessed[ALL][0], len(CLASS_NAMES))
    run.figure("confusion", plot.confusion_data(matrix, CLASS_NAMES, "iris, each when it was held out"), said)
    return {"lengths": table, "interval": wide, "cross_validation": narrow, "wrong": wrong}


def named(columns: Sequence[int]) -> str:
    """The names of the lengths."""
    return "all four" if tuple(columns) == ALL else ", ".join(FEATURE_NAMES[column] for column in columns)


def out_of_fold(settings: Settings, columns: Sequence[int], lengths: Any, species: Any, seed: int) -> Any:
    """For every flower the species (150,) that a model says which has not seen it."""
    said = species.copy()
    for train, test in stratified_k_fold(species, settings.folds, seed):
        said[test] = Species(columns, lengths[train], species[train], settings.C).predict(lengths[test])
    return said


def doubtful(run: Run, lengths: Any, species: Any, guessed: Sequence[Any]) -> list[dict[str, Any]]:
    """Says which flowers are wrong in how many of the cross validations: their lines in the file, and what they are."""
    times = Counter(flower for one in guessed for flower in (one != species).nonzero()[0].tolist())
    rows = []
    for flower, count in times.most_common():
        taken = Counter(int(one[flower]) for one in guessed if one[flower] != species[flower]).most_common(1)[0][0]
        names = CLASS_NAMES[species[flower]], CLASS_NAMES[taken]
        rows.append((flower + 1, *names, f"{count} of {len(guessed)}", *lengths[flower].tolist()))
    run.say(f"{len(rows)} of {COUNT} flowers are wrong at least once, by all four lengths, held out:")
    return run.table(("flower", "is", "taken for", "wrong", *FEATURE_NAMES), rows)


def pairs(lengths: Any, species: Any, parts: Parts, fitted: dict[tuple[int, ...], Species]) -> plot.FigureData:
    """The flowers over each pair of lengths, with the borders between the species."""
    panels = {}
    for columns in PAIRS:
        model, place = fitted[columns], lengths[:, list(columns)]
        low, high = place.min(0) - 0.2, place.max(0) + 0.2
        said, lines = model.predict(lengths[parts.test]), {}
        right = said == species[parts.test]
        for k, name in enumerate(CLASS_NAMES):
            xs, ys = place[parts.train][species[parts.train] == k].T
            lines[f"{name}, learned from"] = Line(xs, ys, look="specks", colour=k)
        for k, name in enumerate(CLASS_NAMES):
            of_it = species[parts.test] == k
            for look, label, some in (("dots", "held out", right), ("circles", "held out, wrong", ~right)):
                xs, ys = place[parts.test][of_it & some].T
                if len(xs):
                    lines[f"{name}, {label}"] = Line(xs, ys, look=look, colour=k)
        lines["border"] = Line(*model.borders(low, high), colour=7)
        across, up = (FEATURE_NAMES[column] for column in columns)
        panels[f"{up} over {across}: {int(right.sum())} of {len(right)} right"] = lines
    title = "iris: open circles are wrong; their colour is the species, the region the answer"
    return plot.lines_data(panels, title, [FEATURE_NAMES[columns[0]] for columns in PAIRS], one_legend=True)
