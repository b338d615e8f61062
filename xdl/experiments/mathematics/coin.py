"""Probability as the limit of a frequency: a coin tossed again and again (hwdong 1.4.1).

After n tosses with probability p of heads, the frequency k / n has the mean p and the standard deviation

    sigma_n = sqrt(p (1 - p) / n)

so that about 95 of 100 runs lie within p - 2 sigma_n to p + 2 sigma_n. It is the frequency that comes near to p,
not the count to n p: |k - n p| grows, as sqrt(n).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10, pi, sqrt
from statistics import fmean
from typing import Any

import xdl
from xdl import plot
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.steepness import power
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK = {"many": 200, "seeds": 1}
STREAK = 5  # heads in a row, after which the next toss is looked at
WIDTH = 2.0  # of the band, in sigma_n on both sides; 95.4 % of a normal distribution


@dataclass(frozen=True)
class Settings:
    """The coin, and how often it is tossed."""

    p: float = setting(0.5, "probability of heads", low=0.01, high=0.99)
    flips: int = setting(10_000, "tosses of a run", low=100, high=100_000)
    runs: int = setting(20, "runs that are drawn", low=1, high=100)
    many: int = setting(500, "runs that the spread is measured over", low=20, high=2000)
    seeds: int = setting(3, "times that all is drawn, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Frequencies by the number of tosses, their spread, and what follows after a streak."""
    p, marks = settings.p, _marks(settings.flips)
    found = []
    for repeat in range(settings.seeds):
        run.reseed(repeat)
        found.append(_measured(xdl.rand(settings.many, settings.flips) < p, marks, p))
    sigmas = [sqrt(p * (1 - p) / n) for n in marks]
    rows = []
    for i, n in enumerate(marks):
        if n in (10, 100, 1000, 10_000, 100_000):
            means = [fmean(one[name][i] for one in found) for name in ("spread", "inside", "off")]
            rows.append((n, sigmas[i], *means))
    run.say(f"{settings.many} runs of {settings.flips} tosses, heads with probability {p:g}, {settings.seeds} seeds")
    headings = ("tosses", "sigma_n", "std of the frequencies", "share within 2 sigma_n", "mean |heads - n p|")
    table = run.table(headings, rows)

    powers = [_power(marks, one["spread"]) for one in found]
    grown = [_power(marks, one["off"]) for one in found]
    inside = [one["inside"][-1] for one in found]
    claim(run, "the spread of the frequencies falls as 1/sqrt(n)", [abs(p + 0.5) < 0.05 for p in powers])
    claim(run, "about 95 of 100 runs end within 2 sigma_n", [abs(share - 0.954) < 0.035 for share in inside])
    claim(run, "the count itself goes away from n p, as sqrt(n)", [abs(p - 0.5) < 0.05 for p in grown])
    after = fmean(one["after"][0] for one in found)
    near = [abs(one["after"][0] - p) < 4 * sqrt(p * (1 - p) / one["after"][1]) for one in found]
    claim(run, f"a coin has no memory: after {STREAK} heads in a row the next toss is heads in {after:.2%}", near)
    see = run.see(f"with 100 times as many tosses the frequency is {_times(marks, found):.1f} times nearer to p")
    run.figure("frequency", _frequencies(settings, marks, sigmas, found[0]["frequency"]), see)
    run.figure("spread", _spreads(settings, marks, sigmas, found), run.seen[0] + "; " + run.seen[2])
    return {"spread": table, "powers": powers, "inside": inside, "after_a_streak": after}


def _marks(flips: int) -> list[int]:
    """About 12 numbers of tosses in each power of ten."""
    spaced = {round(10 ** (k / 12)) for k in range(int(12 * log10(flips)) + 1)}
    return sorted(spaced | {flips} | {n for n in (10, 100, 1000, 10_000) if n <= flips})


def _measured(heads: Tensor, marks: list[int], p: float) -> dict[str, Any]:
    """Of tosses (runs, flips): frequencies (runs, marks), their std, the share in the band, how far counts are off."""
    places = xdl.tensor(marks)
    counts = heads.to("int64").cumsum(1)[:, places - 1].to("float64")
    frequency, n = counts / places, places.to("float64")
    sigma = (p * (1 - p) / n).sqrt()
    streak = heads[:, :-STREAK]
    for k in range(1, STREAK):
        streak = streak & heads[:, k : k - STREAK]
    follows = heads[:, STREAK:][streak].to("float64")
    return {
        "frequency": frequency,
        "spread": (frequency - p).square().mean(0).sqrt().tolist(),
        "inside": ((frequency - p).abs() <= WIDTH * sigma).to("float64").mean(0).tolist(),
        "off": (counts - n * p).abs().mean(0).tolist(),
        "after": (follows.mean().item() if follows.shape[0] else p, max(1, follows.shape[0])),
    }


def _power(marks: list[int], values: list[float]) -> float:
    late = [i for i, n in enumerate(marks) if n >= 10]
    return power([marks[i] for i in late], [values[i] for i in late])


def _times(marks: list[int], found: list[dict[str, Any]]) -> float:
    """By how much the spread falls from a hundredth of the tosses to all of them."""
    last = len(marks) - 1
    early = min(range(len(marks)), key=lambda i: abs(marks[i] - marks[last] / 100))
    return fmean(one["spread"][early] for one in found) / fmean(one["spread"][last] for one in found)


def _frequencies(settings: Settings, marks: list[int], sigmas: list[float], frequency: Tensor) -> plot.FigureData:
    p = settings.p
    low, high = ([max(0.0, min(1.0, p + side * WIDTH * s)) for s in sigmas] for side in (-1, 1))
    lines = {f"p = {p:g}, and 2 sigma_n to each side": Line(marks, [p] * len(marks), low, high, colour=1)}
    first, *others = frequency[: settings.runs].tolist()
    for i, row in enumerate(others):
        lines[f"run {i}"] = Line(marks, row, look="faint", colour=0)
    lines["one of the runs"] = Line(marks, first, colour=0)
    title = f"frequency of heads in {min(settings.runs, settings.many)} runs of {settings.flips} tosses"
    return plot.lines_data({"frequency": lines}, title, "tosses", x_log=True)


def _spreads(settings: Settings, marks: list[int], sigmas: list[float], found: list[dict[str, Any]]) -> plot.FigureData:
    p = settings.p
    expected = [sqrt(2 / pi * n * p * (1 - p)) for n in marks]
    panels = {
        "the frequency comes near to p": {
            f"std over {settings.many} runs": Line.of_seeds(marks, [one["spread"] for one in found]),
            "sqrt(p (1 - p) / n)": Line(marks, sigmas, look="dashed"),
        },
        "the count goes away from n p": {
            "mean |heads - n p|": Line.of_seeds(marks, [one["off"] for one in found]),
            "sqrt(2 n p (1 - p) / pi)": Line(marks, expected, look="dashed"),
        },
    }
    return plot.lines_data(panels, "a law of large numbers, not of large counts", "tosses", log=True, x_log=True)
