"""Conditional, joint and total probability, and Bayes' rule, by counting people (hwdong 1.4.2).

joint        P(ill, +) = P(+ | ill) P(ill)
total        P(+) = P(+ | ill) P(ill) + P(+ | well) P(well)
Bayes        P(ill | +) = P(ill, +) / P(+)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xdl
from xdl import plot
from xdl.experiments.shared.claims import claim
from xdl.plot import Cells, Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import wilson_interval

QUICK: dict[str, Any] = {}
SIDE = 100  # icons in a row and in a column
ICON = 0.064  # inches
KINDS = {"ill, test positive": 11, "ill, missed": 5, "well, false alarm": 12, "well, test negative": 0}  # -> its colour
TESTS = 3  # positive tests, one after the other


@dataclass(frozen=True)
class Settings:
    """An illness and a test for it."""

    ill: float = setting(0.01, "share of people who are ill, the prior probability", above=0, high=0.99)
    finds: float = setting(0.9, "P(+ | ill), how many of the ill the test finds", above=0, high=1)
    alarms: float = setting(0.09, "P(+ | well), how many of the others it takes for ill", above=0, high=0.99)
    seeds: int = setting(5, "times that 10,000 people are drawn", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The joint distribution as a table and as 10,000 icons, Bayes' rule, and people drawn by chance."""
    joint = _joint(settings)
    positive = joint["ill, test positive"] + joint["well, false alarm"]
    after = posterior(settings.ill, settings.finds, settings.alarms)
    people = SIDE * SIDE
    counts = _whole(joint, people)
    run.say(f"{people} people, of whom {settings.ill:.3g} are ill")
    rows = [(kind, p, counts[kind]) for kind, p in joint.items()]
    table = run.table(("who", "joint probability", "people"), rows)
    run.say(f"total probability of a positive test: {positive:.4g}; of these are ill: {after:.4g}")
    drawn = [_drawn(settings, run, repeat, people) for repeat in range(settings.seeds)]
    shares = run.table(
        ("seed", "positive", "of these ill", "share", "from", "to"),
        [(run.about["seed"] + i, n, k, k / max(n, 1), *interval) for i, (n, k, interval) in enumerate(drawn)],
    )
    held = [low <= after <= high for _, _, (low, high) in drawn]
    claim(run, "the share of the ill among those with a positive test agrees with Bayes' rule (95 % interval)", held)
    ill, alarms = counts["ill, test positive"], counts["well, false alarm"]
    see = run.see(
        f"the test finds {settings.finds:.0%} of the ill, yet of {ill + alarms} people with a positive test only {ill} "
        f"are ill, {after:.1%}: the {alarms} false alarms come from many more people"
        if after < settings.finds
        else f"of {ill + alarms} people with a positive test {ill} are ill, {after:.1%}"
    )
    run.figure("people", _icons(counts, after), see)
    said = run.see(
        f"a second positive test, were it independent, would raise {after:.1%} to "
        f"{posterior(after, settings.finds, settings.alarms):.1%}: the posterior of one is the prior of the next"
    )
    run.figure("posterior", _curves(settings), said)
    return {"joint": table, "positive": positive, "posterior": after, "drawn": shares}


def posterior(prior: float, finds: float, alarms: float) -> float:
    """P(ill | +) by Bayes' rule."""
    return prior * finds / (prior * finds + (1 - prior) * alarms)


def _joint(settings: Settings) -> dict[str, float]:
    well = 1 - settings.ill
    return {
        "ill, test positive": settings.ill * settings.finds,
        "ill, missed": settings.ill * (1 - settings.finds),
        "well, false alarm": well * settings.alarms,
        "well, test negative": well * (1 - settings.alarms),
    }


def _whole(joint: dict[str, float], people: int) -> dict[str, int]:
    """The joint probabilities as whole numbers of people, who are `people` together: largest remainders."""
    floors = {kind: int(p * people) for kind, p in joint.items()}
    left = people - sum(floors.values())
    for kind in sorted(joint, key=lambda kind: floors[kind] - joint[kind] * people)[:left]:
        floors[kind] += 1
    return floors


def _drawn(settings: Settings, run: Run, repeat: int, people: int) -> tuple[int, int, tuple[float, float]]:
    """People drawn by chance: those with a positive test, the ill among them, and the interval of their share."""
    run.reseed(repeat)
    ill = xdl.rand(people, dtype="float64") < settings.ill
    rate = xdl.where(ill, settings.finds, settings.alarms)
    positive = xdl.rand(people, dtype="float64") < rate
    n, k = int(positive.sum().item()), int((positive & ill).sum().item())
    return n, k, wilson_interval(k, n) if n else (0.0, 1.0)


def _icons(counts: dict[str, int], after: float) -> plot.FigureData:
    """All people, and those with a positive test alone."""
    everyone = [KINDS[kind] for kind, count in counts.items() for _ in range(count)]
    positive = [KINDS[kind] for kind in ("ill, test positive", "well, false alarm") for _ in range(counts[kind])]
    panels = []
    for title, icons, sign in (
        (f"all {len(everyone)} people", everyone, ""),
        (f"the {len(positive)} with a positive test: {after:.1%} are ill", positive, "→"),
    ):
        across = SIDE if icons is everyone else max(1, round(len(icons) ** 0.5))
        rows = -(-max(1, len(icons)) // across)
        padded = icons + [-1] * (rows * across - len(icons))
        colours = [[padded[i * across + j] for j in range(across)] for i in range(rows)]
        panels.append(Cells([[0.0] * across] * rows, colours, title, sign))
    legend = {colour: f"{kind}: {counts[kind]}" for kind, colour in KINDS.items()}
    return plot.cells_data([panels], "Bayes' rule by counting", legend=legend, size=ICON)


def _curves(settings: Settings) -> plot.FigureData:
    """P(ill | tests) against the prior, after one positive test and more, and after a negative one."""
    priors = [10 ** (-4 + k / 50) for k in range(200)]
    lines = {"no test": Line(priors, priors, look="dashed", colour=7)}
    values = priors
    for number in range(1, TESTS + 1):
        values = [posterior(p, settings.finds, settings.alarms) for p in values]
        lines[f"{number} positive test{'s' if number > 1 else ''}"] = Line(priors, values, colour=number)
    negative = [posterior(p, 1 - settings.finds, 1 - settings.alarms) if p < 1 else 1.0 for p in priors]
    lines["1 negative test"] = Line(priors, negative, colour=0)
    here = posterior(settings.ill, settings.finds, settings.alarms)
    lines[f"prior {settings.ill:g}: {here:.3g}"] = Line([settings.ill], [here], look="dots", colour=3)
    title = "what a test says depends on what was known before it"
    return plot.lines_data({"probability of being ill": lines}, title, "prior probability", x_log=True)
