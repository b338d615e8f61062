"""From two classes to many: one classifier a class against the rest, beside softmax over all of them (徐彬 2.2).

Each classifier of one against the rest answers a question of its own, and nothing makes the answers fit: a place may
be claimed by none or by several. The surest one then decides, though none was fitted to be compared. Softmax has one
probability for each class, which add up to 1, and fits them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any, NamedTuple

from xdl import plot
from xdl.data import stratified_k_fold
from xdl.data.digits import INK, read_digits
from xdl.data.iris import CLASS_NAMES, FEATURE_NAMES, read_iris
from xdl.estimators import LogisticRegression, OneVsRest, StandardScaler
from xdl.experiments.shared.claims import claim
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band

QUICK: dict[str, Any] = {"seeds": 1, "images": 600}
PETALS = (2, 3)
FOLDS = 5  # one of them is held out
CLAIMED = ("no class claims it", "one class claims it", "several classes claim it")
SETS = ("iris, petals", "digits")


@dataclass(frozen=True)
class Settings:
    """Iris by the two lengths of its petals, and digits of 8x8 pixels; each seed holds out another fifth."""

    C: float = setting(1.0, "how little weights are penalized", above=0)
    images: int = setting(1797, "digits that are taken, at most", low=100)
    seeds: int = setting(5, "divisions into what is learned from and held out, one a seed", low=1)


class Outcome(NamedTuple):
    """Of one division: softmax and one-vs-rest right, as shares of what is held out.

    shares: how much of it no class, one class, several classes claim; right: of each of these, how much one-vs-rest has
    right, by the surest class; None where there is nothing
    least, most: the sum of the classes' probabilities of one against the rest, over what is held out
    """

    softmax: float
    one_vs_rest: float
    shares: list[float]
    right: list[float | None]
    least: float
    most: float

    @property
    def undecided(self) -> float:
        """The share that none or several claim."""
        return self.shares[0] + self.shares[2]

    @property
    def decided_right(self) -> float:
        """How much of what one class claims is right."""
        return self.right[1] or 0.0

    @property
    def undecided_right(self) -> float:
        """How much of the rest is right; 1 where there is none."""
        right = self.one_vs_rest - self.shares[1] * self.decided_right
        return right / self.undecided if self.undecided else 1.0


def fitted(C: float, x: Any, labels: Any) -> tuple[LogisticRegression, OneVsRest]:
    """Softmax over all classes, and a classifier for each of them."""
    return LogisticRegression(C).fit(x, labels), OneVsRest(LogisticRegression(C)).fit(x, labels)


def judged(settings: Settings, x: Any, labels: Any, seed: int) -> Outcome:
    """Both ways on what the first fold of a seed holds out."""
    train, test = stratified_k_fold(labels, FOLDS, seed)[0]
    softmax, several = fitted(settings.C, x[train], labels[train])
    held, truth = x[test], labels[test]
    claims = (several.decision_function(held) > 0).sum(1).clip(0, 2)
    hits = several.predict(held) == truth
    sums = sum(copy.predict_proba(held)[:, 1] for copy in several.estimators_)
    right = [float(hits[claims == k].mean()) if (claims == k).any() else None for k in range(3)]
    shares = [float((claims == k).mean()) for k in range(3)]
    score = softmax.score(held, truth)
    return Outcome(score, float(hits.mean()), shares, right, float(sums.min()), float(sums.max()))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Both ways on both sets, what is claimed by none and by several, and where these places lie."""
    lengths, species = read_iris()
    petals = StandardScaler().fit_transform(lengths[:, list(PETALS)])
    images, digits = read_digits()
    pixels = images.reshape(len(images), -1)[: settings.images] / INK
    seeds = range(run.about["seed"], run.about["seed"] + settings.seeds)
    points = ((petals, species), (pixels, digits[: settings.images]))
    found = {name: [judged(settings, *given, seed) for seed in seeds] for name, given in zip(SETS, points, strict=True)}
    rows = [
        (
            name,
            *(round(band([getattr(one, way) for one in every]).mean, 4) for way in ("softmax", "one_vs_rest")),
            *(round(band([one.shares[k] for one in every]).mean, 4) for k in range(3)),
            f"{min(one.least for one in every):.2f} to {max(one.most for one in every):.2f}",
        )
        for name, every in found.items()
    ]
    run.say(f"what is held out, mean of {_divisions(settings.seeds)}:")
    headings = (
        "set",
        "softmax right",
        "one-vs-rest right",
        "no claim",
        "one claim",
        "several",
        "probabilities add up to",
    )
    table = run.table(headings, rows)
    flowers, figures = found.values()
    sentence = (
        f"one against the rest leaves undecided {band([one.undecided for one in flowers]).mean:.0%} of the flowers "
    )
    sentence += f"and {band([one.undecided for one in figures]).mean:.0%} of the digits, by none or by several claims"
    seen = claim(
        run, sentence, [one.undecided > 0 and two.undecided > 0 for one, two in zip(*found.values(), strict=True)]
    )
    run.figure("claims", regions(settings, petals, species), seen)
    sentence = f"of undecided digits {band([one.undecided_right for one in figures]).mean:.0%} are right by the surest "
    sentence += f"class, of the others {band([one.decided_right for one in figures]).mean:.1%}"
    doubt = claim(run, sentence, [one.undecided_right < one.decided_right for one in figures])
    run.figure("digits", bars(found), doubt)
    both = (band([getattr(one, way) for one in figures]).mean for way in ("softmax", "one_vs_rest"))
    sentence = "softmax is right on at least as many digits as the surest class ({:.1%} against {:.1%})".format(*both)
    claim(run, sentence, [one.softmax >= one.one_vs_rest for one in figures])
    return {"sets": table}


def regions(settings: Settings, petals: Any, species: Any) -> plot.FigureData:
    """The plane of the petals by claims, by the surest classifier, and by softmax; all flowers are learned from."""
    softmax, several = fitted(settings.C, petals, species)
    on = plot.grid(petals)
    claims = several.decision_function(on) > 0
    count = claims.sum(1)
    who = claims * (count == 1)[:, None]
    kinds = [
        [*map(float, one), float(none), float(more)] for one, none, more in zip(who, count == 0, count > 1, strict=True)
    ]
    said = sum_to_one([copy.predict_proba(on)[:, 1] for copy in several.estimators_])
    apart = {"one against the rest, its surest class": said, "softmax": softmax.predict_proba(on).tolist()}
    panels = {"claims: purple by none, red by several": kinds}
    panels |= {name: [[*row, 0.0, 0.0] for row in rows] for name, rows in apart.items()}
    across, up = (FEATURE_NAMES[column] for column in PETALS)
    title = f"blue, orange, green: {', '.join(CLASS_NAMES)}; x1 {across}, x2 {up}, standardized"
    return plot.regions_data(panels, on, petals, species, title)


def sum_to_one(columns: list[Any]) -> list[list[float]]:
    """Probabilities (N,) of each class, made to add up to 1: (N, K)."""
    total = sum(columns)
    return [list(row) for row in zip(*((column / total).tolist() for column in columns), strict=True)]


def bars(found: dict[str, list[Outcome]]) -> plot.FigureData:
    """By claims: how much is held out of each kind, and how much of it is right."""
    panels: dict[str, dict[str, list[float]]] = {
        "share of what is held out": {},
        "of it right, by the surest class": {},
    }
    shares, right = panels.values()
    for name, every in found.items():
        shares[name] = [band([one.shares[k] for one in every]).mean for k in range(3)]
        right[name] = [mean_of([one.right[k] for one in every]) for k in range(3)]
    return plot.bars_data(CLAIMED, panels, f"one against the rest, {_divisions(len(every))}")


def mean_of(values: list[float | None]) -> float:
    """The mean of those that there are; nan for none."""
    there = [value for value in values if value is not None]
    return band(there).mean if there else nan


def _divisions(count: int) -> str:
    """How many divisions, in words."""
    return f"{count} division" if count == 1 else f"{count} divisions"
