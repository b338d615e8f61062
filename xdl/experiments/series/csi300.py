"""The next 20 days of the CSI 300 from 64 days of close, volume and turnover, by a three-layer LSTM (徐彬 8.1).

With dropout 0.5 between the layers, as 徐彬 has it, and without; but on log returns, with the last days held out, and
beside what can be said without a network: tomorrow equals today, the drift of the training part, the trend of the 64
days. Then the same net as his public code trains it: on prices that are divided by the variance, validated on windows
that it was trained on. The data are the file that he prepared, or the raw one, which is converted to the same form; the
default is a generated random walk of the same columns, of which is known that nobody can forecast it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from xdl import nn
from xdl.data import read_columns
from xdl.data.series.csi300 import read_csi300
from xdl.experiments.series.forecaster import Forecaster
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.networks import Recurrent
from xdl.experiments.series.prices.figures import draw_fan, draw_losses, draw_next, draw_prices, draw_skills
from xdl.experiments.series.prices.mistakes import Net, mistaken
from xdl.experiments.series.prices.nets import Training, ahead_of, train_net
from xdl.experiments.series.prices.parts import (
    WALK,
    Ahead,
    Prices,
    cut,
    drift,
    load_prices,
    pairs_of,
    persistence,
    returns_form,
    trend,
)
from xdl.experiments.series.prices.skill import Rolled, check_blocks, describe, roll, say_skill, table_of
from xdl.experiments.series.training import Tried
from xdl.experiments.shared.claims import claim
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting

QUICK = {"epochs": 1, "days": 900, "test": 200, "validation": 200, "seeds": 1, "hidden": 8, "layers": 2, "stride": 8}
COLUMNS = ("close", "volume", "turnover")
WITH, WITHOUT = "LSTM with dropout", "LSTM without"


@dataclass(frozen=True)
class Settings:
    """Windows, the net, and the days held out."""

    inputs: int = setting(64, "days that the net sees", low=2)
    outputs: int = setting(20, "days that it forecasts", low=2)
    hidden: int = setting(32, "units of each layer", low=1)
    layers: int = setting(3, "layers of the LSTM", low=2, high=10)
    dropout: float = setting(0.5, "probability of dropping a unit between the layers", above=0, high=0.9)
    epochs: int = setting(5, "passes over the training windows; the best on validation counts", low=1)
    batch_size: int = setting(32, "windows in a step", low=1)
    stride: int = setting(4, "days between the beginnings of windows to train on", low=1)
    lr: float = setting(0.003, "learning rate of Adam", above=0)
    weight_decay: float = setting(0.0, "how strongly weights are pulled to 0", low=0)
    test: int = setting(519, "days held out, the last ones: 15 % of the index", low=2)
    validation: int = setting(518, "days before them, which choose the epoch", low=2)
    days: int = setting(3457, "days of the random walk, as many as the index has", low=10)
    clustering: float = setting(0.0, "std of the walk's log volatility; 0: days are all alike", low=0, high=2)
    block: int = setting(40, "days that are drawn together by the bootstrap, at least twice those forecast", low=1)
    mistakes: bool = setting(True, "train the net once more with the mistakes of the book")
    seeds: int = setting(3, "trainings of each kind, one a seed; of a random walk each has a walk of its own", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The LSTM with and without dropout on each seed, baselines, and the book's way; figures of each."""
    check_blocks(settings.block, "outputs", settings.outputs, settings.test)
    rolled: dict[str, list[Rolled]] = {}
    tried: dict[str, list[Tried]] = {WITH: [], WITHOUT: []}
    for repeat in range(settings.seeds):
        prices = _prices(settings, run.about["data"], run.data_dir, run.about["seed"] + repeat)
        form = returns_form(prices, settings.inputs, settings.outputs, (0,))
        for name, found in tried.items():
            found.append(_train(settings, run, name, prices, form, repeat))
        for name, ahead in _forecasts(prices, form, {name: found[-1] for name, found in tried.items()}).items():
            rolled.setdefault(name, []).append(roll(prices, form, ahead, settings.outputs))
        if repeat == 0:
            first = prices, form
    prices, form = first
    run.figure("prices", draw_prices(prices, form), describe(run, prices))
    table = table_of(run, rolled, settings.outputs, settings.block)
    see = say_skill(
        run, WITH, f"over {settings.outputs} days", run.about["data"] == WALK, _whole(settings, rolled[WITH])
    )
    shown = {name: found for name, found in rolled.items() if name != "tomorrow = today"}
    run.figure("skill", draw_skills(prices, shown, settings.block), see)
    results = {"forecasts": table, "days": prices.days, **_dropout(settings, run, prices, tried, rolled)}
    fans = {"as it should be: LSTM on returns": rolled[WITH][0]}
    paths = {name: ahead_of(found[0].model) for name, found in tried.items()}
    nexts = draw_next(prices, form, paths, roll(prices, form, paths[WITH], settings.outputs, "validation"))
    run.figure("next", nexts, "bands: 50, 80 and 95 % of what followed the same forecasts on the validation days")
    if settings.mistakes:
        build = partial(_net, settings, form, settings.dropout)
        net = Net(settings.inputs, settings.outputs, build, _training(settings), settings.stride)
        wrong = mistaken(run, prices, net, settings.block, rungs=(0, 3, 4))
        results["mistakes"] = wrong.table
        fans["as the book has it: LSTM on prices"] = wrong.fan(settings.outputs)
    run.figure("fan", draw_fan(prices, fans, form, settings.outputs), run.seen[-1])
    return results


def _train(settings: Settings, run: Run, name: str, prices: Prices, form: SeriesForm, repeat: int) -> Tried:
    main = name == WITH and repeat == 0
    if main:
        form.write(run)
    build = partial(_net, settings, form, settings.dropout if name == WITH else 0.0)
    train = pairs_of(prices, form, "train", settings.outputs, settings.stride)
    validation = pairs_of(prices, form, "validation", settings.outputs)
    return train_net(run, name, build, train, validation, _training(settings), repeat, keep=main)


def _net(settings: Settings, form: SeriesForm, dropout: float) -> nn.Module:
    return Recurrent("lstm", len(form.features), settings.hidden, settings.layers, form.outputs, 1, dropout)


def _training(settings: Settings) -> Training:
    return Training(settings.epochs, settings.batch_size, settings.lr, settings.weight_decay)


def _prices(settings: Settings, data: str, data_dir: Path | None, seed: int) -> Prices:
    found = load_prices(data, COLUMNS, data_dir, settings.days, settings.clustering, seed)
    return cut(found, settings.validation, settings.test, settings.inputs + settings.outputs, "inputs + outputs")


def _forecasts(prices: Prices, form: SeriesForm, tried: Mapping[str, Tried]) -> dict[str, Ahead]:
    """How each forecast goes ahead."""
    nets = {name: ahead_of(one.model) for name, one in tried.items()}
    drifting = drift(prices, form)
    return {
        **nets,
        "drift of the training part": drifting,
        "trend of the window": trend,
        "tomorrow = today": persistence,
    }


def _whole(settings: Settings, rolled: list[Rolled]) -> list[Any]:
    return [one.skill_of_all(settings.block) for one in rolled]


def _dropout(
    settings: Settings, run: Run, prices: Prices, tried: Mapping[str, list[Tried]], rolled: Mapping[str, list[Rolled]]
) -> dict[str, Any]:
    """Dropout on and off (row 7.34): losses by epoch, and the errors on days held out."""
    errors = {name: [one.rmse_of_all() for one in rolled[name]] for name in tried}
    pairs = list(zip(errors[WITH], errors[WITHOUT], strict=True))
    values = "; ".join(f"{one:.6f} and {other:.6f}" for one, other in pairs)
    sentence = f"with dropout the error on days held out is smaller than without (RMSE {values})"
    see = claim(run, sentence, [one < other for one, other in pairs])
    run.figure(
        "losses", draw_losses(prices, {name: [one.history for one in found] for name, found in tried.items()}), see
    )
    return {"rmse_with_dropout": errors[WITH], "rmse_without": errors[WITHOUT]}


def _test_part(saved: SavedRun, data: str | None, data_dir: Path | None) -> Any:
    prices = _prices(saved.settings, data or saved.about["data"], data_dir, saved.about["seed"])
    return prices.part("test", saved.settings.inputs + 1)


def _build(settings: Any, form: SeriesForm) -> nn.Module:
    return _net(settings, form, settings.dropout)


def _values(file: str, features: Sequence[str]) -> Any:
    """The columns of a CSV file, or of one in a form of the index itself, raw or prepared."""
    table = read_csi300(file)
    return read_columns(file, features) if table is None else table.values


TASK = Forecaster(_build, _test_part, read=_values)
