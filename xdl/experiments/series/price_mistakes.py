"""The books' way with prices: it looks brilliant, and it is wrong (hwdong 7.1.9; 徐彬 8.1).

Four mistakes, each added to those before: prices in place of returns, so that a net which says nothing but today's
price is nearly right; mean and std of the whole series, days held out among it; validation on windows that were trained
on, which tells nothing of days to come; division by the variance in place of the std, which makes every loss look
small, and the numbers that the net sees too. What such a program reports, R**2 = 1 - MSE / variance, stands beside the
skill on days held out.

Prices take the net longer to learn than returns, of which there is nothing to learn: the mistaken nets are trained with
ten times the rate, without weight decay, for three times as many epochs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from xdl import functional
from xdl.creation import tensor
from xdl.data import Standardize, windows
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.price_nets import Training, WindowMLP, output_of, train_net
from xdl.experiments.series.price_skill import Rolled
from xdl.experiments.series.prices import Prices, free_running, returns_form
from xdl.nn import Module
from xdl.random import randperm
from xdl.runs.run import Run
from xdl.tensor import Tensor

LADDER = (
    "none: returns, later days",
    "prices, not returns",
    "+ normalized by the whole series",
    "+ validated on training windows",
    "+ divided by the variance",
)
HEADINGS = ("mistakes", "reported loss", "reported R^2", 'R^2 of "tomorrow = today"', "true skill, held out")
LEAST = 1e-3  # of today's price: what a forecast below it is taken for, since it needs a logarithm


@dataclass(frozen=True)
class Reported:
    """Forecasts of the next day along a part: the days that they are of, their closing prices, and what was said."""

    days: list[int]
    close: list[float]
    forecast: list[float]


@dataclass(frozen=True)
class Mistaken:
    """The table of the ladder, and the net of its last rung."""

    table: list[dict[str, Any]]
    prices: Prices
    form: SeriesForm
    model: Module

    def fan(self, steps: int) -> Rolled:
        """Forecasts of 1 to `steps` days from every day held out, running free."""
        return _rolled(self.prices, self.form, self.model, steps)

    def one_step(self, part: str) -> Reported:
        """Forecasts of the next day along "train" or "test", in points."""
        x, y = windows(self.form.seen(self.prices.part(part, self.form.inputs * (part != "train"))), self.form.inputs)
        first = self.form.inputs if part == "train" else self.prices.test
        given = self.form.scale.undo(output_of(self.model, tensor(x)))[:, 0, 0].tolist()
        return Reported(list(range(first, first + len(x))), self.form.scale.undo(y)[:, 0, 0].tolist(), given)


def mistaken(run: Run, prices: Prices, inputs: int, hidden: int, how: Training, block: int) -> Mistaken:
    """Trains one net for each rung of the ladder, from equal weights; how: the honest one's training."""
    rows = []
    for rung, name in enumerate(LADDER):
        run.reseed()
        form = _form(prices, inputs, rung)
        train, validation = (_windows(prices, form, part) for part in ("train", "validation"))
        if rung >= 3:
            chosen = randperm(len(train[0]))[: len(validation[0])]
            validation = train[0][chosen], train[1][chosen]
        model = WindowMLP(inputs, 1, hidden, 1, 1)
        train_net(run, name, model, train, validation, _longer(how) if rung else how)
        loss, r2 = _fit(output_of(model, validation[0]), validation[1])
        naive = validation[1] * 0 if form.returns else validation[0][:, -1:]
        true = _rolled(prices, form, model, 1).skill(1, block)
        rows.append((name, float(f"{loss:.3g}"), round(r2, 4), round(_fit(naive, validation[1])[1], 4), str(true)))
    table = run.table(HEADINGS, rows)
    honest, last = rows[0], rows[-1]
    run.see(
        f"the books' way reports a loss of {last[1]:g} and R^2 {last[2]:.3f}, the honest one R^2 {honest[2]:.3f}; but "
        f'"tomorrow equals today" has R^2 {last[3]:.3f} too, and on days held out the skill against it is {last[4]} '
        f"for the books' way, {honest[4]} for the honest one"
    )
    return Mistaken(table, prices, form, model)


def _longer(how: Training) -> Training:
    return replace(how, epochs=3 * how.epochs, lr=10 * how.lr, weight_decay=0.0)


def _form(prices: Prices, inputs: int, rung: int) -> SeriesForm:
    if rung == 0:
        return returns_form(prices, inputs, 1, (0,))
    scale = Standardize.fit(prices.table.values if rung >= 2 else prices.part("train", 0))
    if rung >= 4:
        scale = Standardize(scale.mean, tuple(std * std for std in scale.std))
    return SeriesForm(prices.table.names, inputs, 1, scale)


def _windows(prices: Prices, form: SeriesForm, part: str) -> tuple[Tensor, Tensor]:
    x, y = windows(form.seen(prices.part(part, 0 if part == "train" else form.needed)), form.inputs)
    return tensor(x), tensor(y)


def _fit(given: Tensor, y: Tensor) -> tuple[float, float]:
    """MSE, and R**2: the share of the variance of y about its own mean that is explained."""
    loss = functional.mse_loss(given, y).item()
    return loss, 1 - loss / ((y - y.mean()) ** 2).mean().item()


def _rolled(prices: Prices, form: SeriesForm, model: Module, steps: int) -> Rolled:
    """Logs of the forecast and of the true close, less today's, whatever the net sees."""
    values = prices.part("test", form.needed)
    x, y = windows(form.seen(values), form.inputs, steps)
    given, y = free_running(lambda one: output_of(model, one))(tensor(x), steps), tensor(y, dtype="float64")
    if form.returns:
        return Rolled(*(tensor(form.scale.undo(one))[:, :, 0].cumsum(1) for one in (given, y)))
    today = tensor(form.scale.undo(x[:, -1:]))[:, :, 0]
    ahead, truth = (tensor(form.scale.undo(one))[:, :, 0] for one in (given, y))
    return Rolled((ahead / today).clamp(min=LEAST).log(), (truth / today).log())
