"""Figures of prices and of forecasts: the parts of the series, skill by days ahead, and fans of paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp

from xdl import plot
from xdl.errors import NonFiniteError
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.prices.mistakes import Reported
from xdl.experiments.series.prices.parts import Ahead, Prices, path, spread
from xdl.experiments.series.prices.skill import Rolled
from xdl.plot import FigureData, Line
from xdl.tensor import Tensor
from xdl.train import Record

EVERY = 15  # days between the origins of a fan
SHOWN = 240  # days of a fan
PAST = 120  # days that are drawn before a forecast of the next
BANDS = (0.95, 0.8, 0.5)  # of a forecast of the next days, the widest first
MIDDLE = 1.2816  # normal quantile of the band that holds 80 %


def grown(price: float, returns: float) -> float:
    """A price after so much log return. Raises NonFiniteError beyond float64: the training has gone astray."""
    try:
        return price * exp(returns)
    except OverflowError:
        hint = "A lower learning rate often helps"
        raise NonFiniteError("forecast", "log returns of at most 709", f"{returns:.4g}", hint) from None


def draw_prices(prices: Prices, form: SeriesForm) -> FigureData:
    """The close with its parts, and the normalized returns that a net sees of it."""
    times, close = prices.times(), prices.close
    ends = {"trained on": (0, prices.validation), "validation": (prices.validation, prices.test)}
    ends["held out"] = (prices.test, prices.days)
    levels = {name: Line(times[a:b], close[a:b]) for name, (a, b) in ends.items()}
    seen: Sequence[float] = form.seen(prices.table.values)[:, 0].tolist()
    returns = {name: Line(times[max(a, 1) : b], seen[max(a, 1) - 1 : b - 1]) for name, (a, b) in ends.items()}
    panels = {"close": levels, "log returns, divided by their std while training": returns}
    return plot.lines_data(panels, prices.title, _axis(prices), columns=1, whole=True)


def draw_skills(prices: Prices, rolled: Mapping[str, Sequence[Rolled]], block: int) -> FigureData:
    """Skill by days ahead, a panel a forecast: the first seed's interval; where seeds differ, their mean and range."""
    panels = {}
    for name, seeds in rolled.items():
        steps = range(1, seeds[0].paths.shape[1] + 1)
        found = [seeds[0].skill(n, block) for n in steps]
        values = [[1 - sum(one.errors(n)) / sum(one.naive(n)) for n in steps] for one in seeds]
        low, high = [one.low for one in found], [one.high for one in found]
        lines = {"first seed, 95 % interval": Line(steps, values[0], low, high, colour=0)}
        if any(other != values[0] for other in values):
            lines["mean and range of the seeds"] = replace(Line.of_seeds(steps, values), colour=1)
        lines["tomorrow = today"] = Line(steps, [0.0] * len(steps), look="dashed", colour=7)
        panels[name] = lines
    title = f"{prices.title}: skill against tomorrow = today on days held out"
    return plot.lines_data(panels, title, "days ahead", columns=2, share=True)


def draw_fan(prices: Prices, fans: Mapping[str, Rolled], form: SeriesForm, steps: int) -> FigureData:
    """The last days held out, and the paths that begin from every 15th of them; the band holds 80 % of the ends of a
    random walk."""
    origins = len(next(iter(fans.values())).paths)
    first_origin = prices.test - 1
    shown = range(max(0, origins - SHOWN), origins, EVERY)
    times, close = prices.times(), prices.close
    begin = first_origin + shown[0]
    std = [0.0, *spread(form, steps)]
    panels = {}
    for name, rolled in fans.items():
        lines = {"close": Line(times[begin:], close[begin:], colour=7)}
        for i in shown:
            day = first_origin + i
            ahead = [0.0, *rolled.paths[i].tolist()]
            ys = [grown(close[day], one) for one in ahead]
            low, high = ([grown(close[day], side * MIDDLE * one) for one in std] for side in (-1, 1))
            xs = times[day : day + steps + 1]
            lines[f"from day {day}"] = Line(xs, ys, low, high, look="line", colour=0)
        panels[name] = lines
    about = f"the close {steps} days ahead, from every {EVERY}th day; bands: 80 % of random walks stay within"
    return plot.lines_data(panels, f"{prices.title}: {about}", _axis(prices), share=True)


def draw_one_step(prices: Prices, trained: Reported, held_out: Reported) -> FigureData:
    """The books' net, one day ahead: on windows that it was trained on, which they report, and on later days."""
    times, panels = prices.times(), {}
    for name, part in (("reported: days trained on", trained), ("the truth: days held out", held_out)):
        xs = [times[day] for day in part.days]
        close = Line(xs, part.close, look="thick", colour=7)
        panels[name] = {"close": close, "forecast of the day before": Line(xs, part.forecast, colour=0)}
    title = f"{prices.title}: one day ahead, as the books have it"
    return plot.lines_data(panels, title, _axis(prices), share=True)


def draw_next(prices: Prices, form: SeriesForm, paths: Mapping[str, Ahead], validation: Rolled) -> FigureData:
    """The days after the last one, by each net, a panel each; the bands hold 50, 80 and 95 % of what followed the same
    forecasts on the validation days, moved by the first net's errors there."""
    steps = validation.paths.shape[1]
    errors = (validation.truth - validation.paths).sort(0)[0]
    window = form.seen(prices.table.values)[-form.inputs :].unsqueeze(0)
    last = prices.close[-1]
    before = range(prices.days - PAST, prices.days)
    ahead = range(prices.days - 1, prices.days + steps)
    panels = {}
    for name, net in paths.items():
        lines = {"close": Line(before, prices.close[-PAST:], colour=7)}
        middle = [0.0, *path(form, net(window, steps))[0].tolist()]
        ys = [grown(last, one) for one in middle]
        for share in BANDS:
            low, high = (
                [grown(last, one + off) for one, off in zip(middle, _quantile(errors, q), strict=True)]
                for q in ((1 - share) / 2, (1 + share) / 2)
            )
            look = "line" if share == BANDS[-1] else "faint"  # one line, and so one name for it, in three bands
            lines["forecast" if look == "line" else f"{share:.0%}"] = Line(ahead, ys, low, high, look=look, colour=0)
        panels[name] = lines
    return plot.lines_data(panels, f"{prices.title}: the {steps} days after the last", "day", share=True)


def _quantile(errors: Tensor, share: float) -> list[float]:
    """A quantile of sorted errors (N, steps) for each step, and 0 before the first."""
    return [0.0, *errors[round(share * (len(errors) - 1))].tolist()]


def draw_losses(prices: Prices, histories: Mapping[str, Sequence[Sequence[Record]]]) -> FigureData:
    """Loss by epoch, its mean and range over the seeds, of training and of validation."""
    panels = {}
    for name, seeds in histories.items():
        epochs = range(1, len(seeds[0]) + 1)
        panels[name] = {
            part: Line.of_seeds(epochs, [[record[f"{part}_loss"] for record in history] for history in seeds])
            for part in ("train", "validation")
        }
    return plot.lines_data(panels, f"{prices.title}: MSE of normalized returns", "epoch", share=True)


def _axis(prices: Prices) -> str:
    return "day" if prices.table.dates is None else "year"
