"""Prices for forecasts: which days are trained on, chosen by and held out, and what is known without a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from xdl.creation import arange, tensor, zeros
from xdl.data import SeriesTable, Standardize, load_csi300, load_sp500, random_walk, windows
from xdl.errors import SettingError
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.free_running import free_run
from xdl.experiments.series.linear import LinearForecast
from xdl.tensor import Tensor

WALK = "random-walk"
TITLES = {
    WALK: "generated random walk",
    "sp500": "S&P 500 (real)",
    "csi300": "CSI 300 (real)",
    "csi300-raw": "CSI 300 (real, raw file)",
}
Ahead = Callable[[Tensor, int], Tensor]  # (normalized windows (N, inputs, F), steps) -> normalized (N, steps, targets)


@dataclass(frozen=True)
class Prices:
    """Days of prices, cut at two days into three parts.

    title:      what they are, real or generated
    table:      the columns that a net sees; the first is the close, which is forecast
    validation: the first day whose close chooses the epoch; test: the first day held out
    """

    title: str
    table: SeriesTable
    validation: int
    test: int

    @property
    def days(self) -> int:
        return len(self.table)

    @property
    def close(self) -> list[float]:
        """All of them, (days,)."""
        found: list[float] = self.table.values[:, 0].tolist()
        return found

    def times(self) -> list[float]:
        """The days as years with a fraction where they have dates, else by number."""
        if self.table.dates is None:
            return [float(day) for day in range(self.days)]
        return [day.year + (day.timetuple().tm_yday - 1) / 365.25 for day in self.table.dates]

    def part(self, name: str, before: int) -> Any:
        """The rows of the part "train", "validation" or "test", with `before` earlier ones to look back upon.

        No target of one part is one of another; the last days of one part are what the first windows of the next see.
        """
        starts = {"train": before, "validation": self.validation, "test": self.test}
        ends = {"train": self.validation, "validation": self.test, "test": self.days}
        return self.table.values[starts[name] - before : ends[name]]


def load_prices(
    name: str, columns: tuple[str, ...], data_dir: Path | None, days: int, clustering: float, seed: int
) -> tuple[str, SeriesTable]:
    """The title of a data set and its columns; days, clustering and seed are those of the walk, see `random_walk`."""
    if name == WALK:
        table = random_walk(days, clustering=clustering, seed=seed)
    elif name == "sp500":
        table = load_sp500(data_dir)
    else:
        table = load_csi300(data_dir, "raw" if name == "csi300-raw" else "prepared")
    chosen = [table.names.index(column) for column in columns]
    return TITLES[name], SeriesTable(columns, table.values[:, chosen], table.dates)


def cut(
    found: tuple[str, SeriesTable], validation: int, test: int, needed: int, of: str = "those of a window"
) -> Prices:
    """The parts: the last `test` days, `validation` days before them, and the rest to train on.

    needed: days that a window and what it forecasts take; of: which settings these are, in words. Raises SettingError
    where a part has too few.
    """
    title, table = found
    first = len(table) - test - validation
    if min(first, validation, test) <= needed:
        expected = f"more than {needed} days, {of}, in each part"
        sizes = f"{first} to train, validation = {validation}, test = {test}"
        raise SettingError("parts of the prices", expected, sizes, "Take shorter windows or smaller parts")
    return Prices(title, table, first, len(table) - test)


def returns_form(prices: Prices, inputs: int, outputs: int, targets: tuple[int, ...]) -> SeriesForm:
    """Log returns, each divided by its std in the training part. No mean is taken off: then a net that gives 0 says
    that tomorrow equals today."""
    dates = prices.table.dates
    raw = SeriesForm(prices.table.names, inputs, outputs, Standardize((0.0,), (1.0,)), targets, returns=True)
    raw.changes(prices.table.values, prices.title, lambda row: f"{dates[row]}" if dates else f"day {row + 1}")
    scale = Standardize.fit(raw.changes(prices.part("train", 0)))
    return SeriesForm(raw.features, inputs, outputs, Standardize((0.0,) * len(scale.std), scale.std), targets, True)


def pairs_of(prices: Prices, form: SeriesForm, part: str, ahead: int, stride: int = 1) -> tuple[Tensor, Tensor]:
    """Windows x (N, inputs, F) of a part and what follows, y (N, ahead, targets), as the net sees it."""
    seen = form.seen(prices.part(part, 0 if part == "train" else form.needed))
    x, y = windows(seen, form.inputs, ahead, stride)
    return tensor(x), tensor(y[:, :, : len(form.targets)])


def path(form: SeriesForm, normalized: Tensor) -> Tensor:
    """The log of the close after 1, 2, ... days less its log today, (N, steps) float64, of normalized returns."""
    return (normalized[:, :, 0].to("float64") * form.scale.std[0]).cumsum(1)


def persistence(x: Tensor, steps: int) -> Tensor:
    """Tomorrow equals today: no change."""
    return zeros(len(x), steps, x.shape[2], dtype="float64")


def drift(prices: Prices, form: SeriesForm) -> Ahead:
    """The mean change of the training part, every day again."""
    mean = tensor(form.seen(prices.part("train", 0)), dtype="float64").mean(0)
    return lambda x, steps: persistence(x, steps) + mean


def trend(x: Tensor, steps: int) -> Tensor:
    """The mean change of the window, every day again."""
    return persistence(x, steps) + x.to("float64").mean(1).unsqueeze(1)


def autoregression(prices: Prices, form: SeriesForm) -> Ahead:
    """Least squares on all returns of the window, and free running beyond the first day: for one column AR(inputs)."""
    linear = LinearForecast.fit(*pairs_of(prices, form, "train", 1))
    return lambda x, steps: free_run(linear, x, steps)


def rms(squares: list[float]) -> float:
    """The root of their mean."""
    return sqrt(sum(squares) / len(squares))


def spread(form: SeriesForm, steps: int) -> list[float]:
    """The std of the log of the close after 1, 2, ... days of a random walk with the training part's std."""
    found: list[float] = (arange(1, steps + 1, dtype="float64").sqrt() * form.scale.std[0]).tolist()
    return found
