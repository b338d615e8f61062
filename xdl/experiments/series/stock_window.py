"""Forecasts of share prices from a window of days, and why the books' look so good (hwdong 7.1.1, 7.1.9, 7.4.8).

The honest way: log returns in place of prices; parts in the order of time; what is normalized is normalized by the
training part; from every day held out a forecast is made that knows that day and all before, and its error stands
beside that of "tomorrow equals today", with an interval by block bootstrap. A window MLP sees closing prices, and so
does an RNN; another RNN sees opening price, high, low and volume too. The default data are a generated random walk, of
which is known that nobody can forecast it. The other way is that of the books, see `prices.mistakes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from xdl import nn
from xdl.experiments.series.forecaster import Forecaster
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.networks import Recurrent, WindowMLP
from xdl.experiments.series.prices.figures import draw_fan, draw_one_step, draw_prices, draw_skills
from xdl.experiments.series.prices.mistakes import Net, mistaken
from xdl.experiments.series.prices.nets import Training, ahead_of, train_net
from xdl.experiments.series.prices.parts import (
    WALK,
    Ahead,
    Prices,
    autoregression,
    cut,
    drift,
    load_prices,
    pairs_of,
    persistence,
    returns_form,
)
from xdl.experiments.series.prices.skill import Rolled, check_blocks, describe, roll, say_skill, table_of
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting

QUICK = {"epochs": 2, "days": 1500, "test": 300, "validation": 200, "seeds": 2, "inputs": 20}
FIVE = ("close", "open", "high", "low", "volume")
NETS = {"MLP": FIVE[:1], "RNN": FIVE[:1], "RNN, 5 features": FIVE}
LINEAR = "linear AR({})"


@dataclass(frozen=True)
class Settings:
    """Windows, nets, and the days held out."""

    inputs: int = setting(50, "days that a net sees", low=2)
    steps: int = setting(20, "days that it runs free", low=2)
    hidden: int = setting(32, "units of the hidden layer", low=1)
    epochs: int = setting(8, "passes over the training windows; the best on validation counts", low=1)
    batch_size: int = setting(64, "windows in a step", low=1)
    lr: float = setting(0.0003, "learning rate of Adam", above=0)
    weight_decay: float = setting(0.03, "how strongly weights are pulled to 0", low=0)
    test: int = setting(900, "days held out, the last ones", low=2)
    validation: int = setting(500, "days before them, which choose the epoch", low=2)
    days: int = setting(4000, "days of the random walk", low=10)
    clustering: float = setting(0.0, "std of the walk's log volatility; 0: days are all alike", low=0, high=2)
    block: int = setting(20, "days that are drawn together by the bootstrap", low=1)
    mistakes: bool = setting(True, "train the MLP once more with the mistakes of the books")
    seeds: int = setting(5, "trainings of each net, one a seed; of a random walk each has a walk of its own", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Three nets on each seed, baselines, and the books' way; figures of prices, skills and fans."""
    check_blocks(settings.block, "steps", settings.steps, settings.test)
    rolled: dict[str, list[Rolled]] = {}
    for repeat in range(settings.seeds):
        prices, forecasts = _forecasts(settings, run, repeat)
        for name, (form, ahead) in forecasts.items():
            rolled.setdefault(name, []).append(roll(prices(form), form, ahead, settings.steps))
        if repeat == 0:
            first = prices, forecasts
    prices, forecasts = first
    about = prices(forecasts["MLP"][0])
    see = describe(run, about)
    run.figure("prices", draw_prices(about, forecasts["MLP"][0]), see)
    table = table_of(run, rolled, settings.steps, settings.block)
    generated = run.about["data"] == WALK
    said = [
        say_skill(run, name, "one day ahead", generated, [one.skill(1, settings.block) for one in rolled[name]])
        for name in NETS
    ]
    run.figure(
        "skill",
        draw_skills(about, {name: rolled[name] for name in (*NETS, LINEAR.format(settings.inputs))}, settings.block),
        "\n".join(said),
    )
    mlp = forecasts["MLP"]
    fans = {"as it should be: MLP on returns": roll(about, mlp[0], mlp[1], settings.steps)}
    results: dict[str, Any] = {"forecasts": table, "days": about.days, "skills": _skills(settings, rolled)}
    if settings.mistakes:
        net = Net(settings.inputs, 1, partial(_net, "MLP", settings, mlp[0]), _training(settings))
        wrong = mistaken(run, about, net, settings.block)
        results["mistakes"] = wrong.table
        fans["as the books have it: MLP on prices"] = wrong.fan(settings.steps)
        run.figure("one-step", draw_one_step(about, wrong.one_step("train"), wrong.one_step("test")), run.seen[-1])
    run.figure("fan", draw_fan(about, fans, mlp[0], settings.steps), run.seen[-1])
    return results


def _forecasts(settings: Settings, run: Run, repeat: int) -> tuple[Any, dict[str, tuple[SeriesForm, Ahead]]]:
    """What gives the prices with a form's columns, and for each forecast its form and how it goes ahead."""
    prices = partial(_prices, settings, run.about["data"], run.data_dir, run.about["seed"] + repeat)
    found: dict[str, tuple[SeriesForm, Ahead]] = {}
    for name, columns in NETS.items():
        own = prices(columns)
        form = returns_form(own, settings.inputs, 1, tuple(range(len(columns))))
        train, validation = (pairs_of(own, form, part, 1) for part in ("train", "validation"))
        main = name == "MLP" and repeat == 0
        if main:
            form.write(run)
        build = partial(_net, name, settings, form)
        tried = train_net(run, name, build, train, validation, _training(settings), repeat, keep=main)
        found[name] = form, ahead_of(tried.model)
    form = found["MLP"][0]
    own = prices(FIVE[:1])
    found[LINEAR.format(settings.inputs)] = form, autoregression(own, form)
    found["drift of the training part"] = form, drift(own, form)
    found["tomorrow = today"] = form, persistence
    return (lambda of: prices(of.features)), found


def _prices(settings: Settings, data: str, data_dir: Path | None, seed: int, columns: tuple[str, ...]) -> Prices:
    found = load_prices(data, columns, data_dir, settings.days, settings.clustering, seed)
    return cut(found, settings.validation, settings.test, settings.inputs + settings.steps, "inputs + steps")


def _net(name: str, settings: Settings, form: SeriesForm) -> nn.Module:
    features, hidden = len(form.features), settings.hidden
    if name == "MLP":
        return WindowMLP(form.inputs, features, hidden, form.outputs, len(form.targets))
    return Recurrent("rnn", features, hidden, 1, form.outputs, len(form.targets))


def _training(settings: Settings) -> Training:
    return Training(settings.epochs, settings.batch_size, settings.lr, settings.weight_decay)


def _skills(settings: Settings, rolled: Mapping[str, list[Rolled]]) -> dict[str, list[tuple[float, ...]]]:
    """{forecast: (skill, low, high) one day ahead, one a seed}."""
    return {name: [tuple(one.skill(1, settings.block)) for one in seeds] for name, seeds in rolled.items()}


def _test_part(saved: SavedRun, data: str | None, data_dir: Path | None) -> Any:
    settings, about = saved.settings, saved.about
    prices = _prices(settings, data or about["data"], data_dir, about["seed"], FIVE[:1])
    return prices.part("test", settings.inputs + 1)


def _build(settings: Any, form: SeriesForm) -> nn.Module:
    return _net("MLP", settings, form)


TASK = Forecaster(_build, _test_part)
