"""How good forecasts of prices are: from every day held out in turn, beside "tomorrow equals today"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xdl.errors import SettingError, expect
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.prices.parts import Ahead, Prices, pairs_of, path, rms
from xdl.experiments.shared.claims import claim
from xdl.runs.bootstrap import Skill, skill
from xdl.runs.run import Run
from xdl.tensor import Tensor


@dataclass(frozen=True)
class Rolled:
    """Forecasts from every origin of a part: each knows all days up to its own, and the weights know none of them.

    paths, truth: (origins, steps), the log of the close after so many days less its log today

    Forecasts over n days overlap, so that their errors hang together over n days: the bootstrap draws at least 2 n days
    together.
    """

    paths: Tensor
    truth: Tensor

    def errors(self, steps: int) -> list[float]:
        """The squared errors of the forecasts over so many days, one an origin."""
        return _squares(self.paths - self.truth, steps)

    def naive(self, steps: int) -> list[float]:
        """The same of "tomorrow equals today"."""
        return _squares(self.truth, steps)

    def rmse(self, steps: int) -> float:
        """Over so many days."""
        return rms(self.errors(steps))

    def skill(self, steps: int, block: int) -> Skill:
        """Over so many days, with its 95 % interval; see `runs.bootstrap.skill`."""
        errors = self.errors(steps)
        return skill(errors, self.naive(steps), min(max(block, 2 * steps), len(errors)))

    def skill_of_all(self, block: int) -> Skill:
        """Of all days of the forecasts together."""
        errors, naive = ((d * d).sum(1).tolist() for d in (self.paths - self.truth, self.truth))
        return skill(errors, naive, min(max(block, 2 * self.paths.shape[1]), len(self.paths)))

    def rmse_of_all(self) -> float:
        """Of all days of the forecasts together."""
        return rms(((self.paths - self.truth) ** 2).flatten().tolist())


def check_blocks(block: int, name: str, steps: int, days: int) -> None:
    """Raises SettingError where less than two blocks of the bootstrap fit into the forecasts: of blocks as long as all
    of them every resample is the same, and the interval a point.

    block: the setting of that name; name, steps: the setting that says how far ahead is forecast; days: held out
    """
    most = (days + 1) // 5
    expect(steps <= most, SettingError, name, f"at most {most}, a fifth of the days held out", steps)
    most = (days - steps + 1) // 2
    expect(block <= most, SettingError, "block", f"at most {most}, half of the forecasts of the days held out", block)


def roll(prices: Prices, form: SeriesForm, ahead: Ahead, steps: int, part: str = "test") -> Rolled:
    """Forecasts of 1 to `steps` days from every origin of a part, one a day."""
    x, y = pairs_of(prices, form, part, steps)
    return Rolled(path(form, ahead(x, steps)), path(form, y))


def say_skill(run: Run, name: str, days: str, generated: bool, skills: Sequence[Skill]) -> str:
    """What the skill of a net says over the seeds: on a random walk that there is none, on real prices what it is."""
    values = ", ".join(f"{one.value:+.3f}" for one in skills)
    seeds = f"{len(skills)} seeds: {values}" if len(skills) > 1 else f"one seed: {values}"
    if generated:
        nothing = f"nothing can be forecast here, and the interval of the skill of the {name} {days} holds 0 ({seeds})"
        return claim(run, nothing, [one.is_none for one in skills])
    better, worse = sum(one.low > 0 for one in skills), sum(one.high < 0 for one in skills)
    n = len(skills)
    none = n - better - worse
    if n == 1:
        found = "better than it" if better else "worse than it" if worse else "not to be told from it"
        found += " with this seed"
    else:
        found = f"better than it in {better}, worse in {worse}, and not to be told from it in {none} of {n} seeds"
    return run.see(f'the {name} {days} against "tomorrow equals today": skill {values}: {found}')


def describe(run: Run, prices: Prices) -> str:
    """What the prices are, and the sizes of their parts."""
    low, high = min(prices.close), max(prices.close)
    parts = f"{prices.validation} to train, {prices.test - prices.validation} to choose the epoch by, "
    held_out = f"{prices.days - prices.test} held out"
    return run.see(f"{prices.title}: {prices.days} days, close {low:.0f} to {high:.0f}: {parts}{held_out}")


def table_of(run: Run, rolled: Mapping[str, Sequence[Rolled]], steps: int, block: int) -> list[dict[str, Any]]:
    """RMSE and skill of each forecast, of the first seed: of a day ahead, of the last, and of all days together."""
    rows = []
    seeds = max(map(len, rolled.values()))
    run.say(f"days held out, the first of {seeds} seeds:" if seeds > 1 else "days held out:")
    for name, (first, *_) in rolled.items():
        cells = [(round(first.rmse(n), 5), str(first.skill(n, block))) for n in (1, steps)]
        rows.append((name, *cells[0], *cells[1], round(first.rmse_of_all(), 5), str(first.skill_of_all(block))))
    parts = ("1 day", f"{steps} days", f"1 to {steps} days")
    headings = [f"{what}, {part}" for part in parts for what in ("RMSE", "skill")]
    return run.table(["forecast", *headings], rows)


def _squares(differences: Tensor, steps: int) -> list[float]:
    found: list[float] = (differences[:, steps - 1] ** 2).tolist()
    return found
