"""The books' way with prices: it looks brilliant, and it is wrong (hwdong 7.1.9; 徐彬 8.1).

Four mistakes, each added to those before: prices in place of returns, so that a net which says nothing but today's
price is nearly right; mean and std of the whole series, days held out among it; validation on windows that were trained
on, which tells nothing of days to come; division by the variance in place of the std, which makes every loss look
small, and the numbers that the net sees too. What such a program reports, R**2 = 1 - MSE / variance, stands beside the
skill on days held out.

Prices take a net longer to learn than returns, of which there is little to learn: the mistaken nets are trained at a
rate of at least 0.003, without weight decay, for three times as many epochs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xdl.creation import tensor
from xdl.data import Standardize, windows
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.prices.nets import Training, ahead_of, output_of, train_net
from xdl.experiments.series.prices.parts import Prices, pairs_of, returns_form
from xdl.experiments.series.prices.skill import Rolled, roll
from xdl.nn import Module
from xdl.random import randperm
from xdl.runs.run import Run
from xdl.tensor import Tensor

LADDER = (
    "none: returns, later days",
    "prices, not returns",
    "+ normalized by the whole series",
    "+ validated on training windows",
    "all: + divided by the variance",
)
HEADINGS = ("mistakes", "reported loss", "reported R^2", 'R^2 of "tomorrow = today"', "true skill, held out")
Row = tuple[str, float, float, float, str]
LEAST = 1e-3  # of today's price: what a forecast below it is taken for, since it needs a logarithm


@dataclass(frozen=True)
class Reported:
    """Forecasts of the next day along a part: the days that they are of, their closing prices, and what was said."""

    days: list[int]
    close: list[float]
    forecast: list[float]


@dataclass(frozen=True)
class Net:
    """What is trained on each rung. inputs, outputs: days; build: makes the untrained net; stride: days between the
    windows to train on."""

    inputs: int
    outputs: int
    build: Callable[[], Any]
    how: Training
    stride: int = 1


@dataclass(frozen=True)
class Mistaken:
    """The table of the ladder, and the net with mistakes that looks best."""

    table: list[dict[str, Any]]
    prices: Prices
    form: SeriesForm
    model: Module

    def fan(self, steps: int) -> Rolled:
        """Forecasts of 1 to `steps` days from every day held out."""
        return _rolled(self.prices, self.form, self.model, steps)

    def one_step(self, part: str) -> Reported:
        """Forecasts of the next day along "train" or "test", in points."""
        x, y = windows(self.form.seen(self.prices.part(part, self.form.inputs * (part != "train"))), self.form.inputs)
        first = self.form.inputs if part == "train" else self.prices.test
        given = _points(self.form, output_of(self.model, tensor(x)))[:, 0].tolist()
        return Reported(list(range(first, first + len(x))), _points(self.form, y)[:, 0].tolist(), given)


def mistaken(run: Run, prices: Prices, net: Net, block: int, rungs: Sequence[int] = range(len(LADDER))) -> Mistaken:
    """Trains one net for each rung, from equal weights."""
    rows, nets = [], []
    for rung in rungs:
        form = _form(prices, net, rung)
        train = pairs_of(prices, form, "train", net.outputs, net.stride)
        validation = pairs_of(prices, form, "validation", net.outputs)
        if rung >= 3:
            chosen = randperm(len(train[0]))[: len(validation[0])]
            validation = train[0][chosen], train[1][chosen]
        how = net.how.longer() if rung else net.how
        model = train_net(run, LADDER[rung], net.build, train, validation, how).model
        loss, r2 = _fit(output_of(model, validation[0]), validation[1])
        naive = validation[1] * 0 + (0 if form.returns else validation[0][:, -1:, :1])
        true = _rolled(prices, form, model, net.outputs).skill(net.outputs, block)
        cells = float(f"{loss:.3g}"), _rounded(r2, 4), _rounded(_fit(naive, validation[1])[1], 4), str(true)
        rows.append((LADDER[rung], *cells))
        nets.append((form, model))
    table = run.table(HEADINGS, rows)
    best = max(range(1, len(rows)), key=lambda i: rows[i][2])
    _say(run, rows, rows[best])
    return Mistaken(table, prices, *nets[best])


def _say(run: Run, rows: Sequence[Row], best: Row) -> None:
    honest, last = rows[0], rows[-1]
    r2 = [f"{_rounded(value, 3):.3f}" for value in (last[2], best[2], honest[2], best[3])]
    run.see(f"dividing by the variance makes a loss look small: {last[1]:g}, with R^2 {r2[0]}")
    run.see(
        f"the books' way reports R^2 up to {r2[1]}, the honest one {r2[2]}; there "
        f'"tomorrow equals today" has {r2[3]}, '
        f"and on days held out the skill against it is {best[4]} for the books' way, {honest[4]} for the honest one"
    )


def _rounded(value: float, digits: int) -> float:
    """Rounded, and without the sign of a zero."""
    return round(value, digits) + 0.0


def _form(prices: Prices, net: Net, rung: int) -> SeriesForm:
    if rung == 0:
        return returns_form(prices, net.inputs, net.outputs, (0,))
    scale = Standardize.fit(prices.table.values if rung >= 2 else prices.part("train", 0))
    if rung >= 4:
        scale = Standardize(scale.mean, tuple(std * std for std in scale.std))
    return SeriesForm(prices.table.names, net.inputs, net.outputs, scale)


def _fit(given: Tensor, y: Tensor) -> tuple[float, float]:
    """MSE, and R**2: the share of the variance of y about its own mean that is explained."""
    loss = ((given - y) ** 2).mean().item()
    return loss, 1 - loss / ((y - y.mean()) ** 2).mean().item()


def _rolled(prices: Prices, form: SeriesForm, model: Module, steps: int) -> Rolled:
    """Logs of the forecast and of the true close, less today's, whatever the net sees."""
    if form.returns:
        return roll(prices, form, ahead_of(model), steps)
    x, y = pairs_of(prices, form, "test", steps)
    today = _points(form, x[:, -1:])
    ahead, truth = _points(form, ahead_of(model)(x, steps)), _points(form, y)
    return Rolled((ahead / today).clamp(min=LEAST).log(), (truth / today).log())


def _points(form: SeriesForm, seen: Any) -> Tensor:
    """The close (N, steps) that normalized values (N, steps, F) stand for."""
    return tensor(form.scale.columns(0).undo(seen[:, :, :1]))[:, :, 0]
