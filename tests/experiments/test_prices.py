"""Forecasts of prices: on a random walk there is no skill, the books' way only looks good, and runs can be asked."""

import io
from datetime import date, timedelta

import numpy as np
import pytest

import xdl
from xdl.data import random_walk
from xdl.data.series.table import SeriesTable
from xdl.errors import DataError, NonFiniteError, SettingError
from xdl.experiments.series.prices.figures import draw_skills
from xdl.experiments.series.prices.parts import (
    cut,
    drift,
    load_prices,
    pairs_of,
    path,
    persistence,
    returns_form,
    trend,
)
from xdl.experiments.series.prices.skill import Rolled, roll
from xdl.plot import load_data
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.start import RunRequest, start

SMALL = {"days": 800, "test": 200, "validation": 200, "inputs": 10, "hidden": 8, "seeds": 1}


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, data=None, data_dir=None, **given):
    text = {key: str(value) for key, value in (SMALL | given).items()}
    stream = io.StringIO()
    summary = start(name, RunRequest(text, data=data, data_dir=data_dir), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, folder, stream.getvalue()


@pytest.mark.parametrize(("name", "given"), [("stock-window", {"steps": 3}), ("csi300", {"outputs": 3, "block": 6})])
def test_a_training_that_went_astray_is_told_so(name, given, tmp_path, without_figures):
    with pytest.raises(NonFiniteError, match=r"log returns of at most 709, found .* A lower learning rate"):
        run(name, tmp_path, lr=1e6, epochs=1, mistakes="false", **given)


def test_share_prices_have_no_skill_and_the_books_way_looks_good(tmp_path, without_figures):
    summary, folder, said = run("stock-window", tmp_path, seeds=2, epochs=4, lr=0.001, steps=3)
    skills = [one for name in ("MLP", "RNN", "RNN, 5 features") for one in summary["skills"][name]]
    assert sum(low <= 0 <= high for _, low, high in skills) > len(skills) / 2
    assert max(abs(value) for value, _, _ in skills) < 0.04
    honest, *wrong = summary["mistakes"]
    assert honest["reported R^2"] < 0.05
    assert max(row["reported R^2"] for row in wrong) > 0.8
    assert wrong[-1]["reported loss"] < honest["reported loss"] / 1e3
    assert all(float(row["true skill, held out"].split()[0]) < -0.5 for row in wrong)
    assert "generated random walk: 800 days" in said
    assert {path.stem for path in (folder / "figures").iterdir()} == {"fan", "one-step", "prices", "skill"}
    evaluated = evaluate(folder)
    assert evaluated["test_rmse"] == pytest.approx(summary["forecasts"][0]["RMSE, 1 day"], rel=0.01)
    file = tmp_path / "mine.csv"
    file.write_text("close\n" + "".join(f"{100 + i % 5}\n" for i in range(11)))
    (forecast,) = predict(folder, [str(file)])["forecasts"]
    assert forecast["next"][0][0] == pytest.approx(100, rel=0.05)
    file.write_text("close\n" + "100\n" * 10)
    with pytest.raises(DataError, match="at least 11 lines of numbers"):
        predict(folder, [str(file)])
    for header in ("close\n", ""):
        file.write_text(header + "100\n" * 20 + "-2.5\n" + "100\n" * 5)
        line = 22 if header else 21
        with pytest.raises(DataError, match=rf"mine\.csv: expected close above 0, .*, found -2\.5 in line {line}$"):
            predict(folder, [str(file)])


def test_an_index_20_days_ahead(tmp_path, without_figures):
    given = {"outputs": 5, "epochs": 1, "stride": 8, "layers": 2, "inputs": 12}
    summary, folder, said = run("csi300", tmp_path, **given)
    rows = {row["forecast"]: row for row in summary["forecasts"]}
    assert set(rows) == {"LSTM with dropout", "LSTM without", *BASELINES}
    assert rows["LSTM with dropout"]["RMSE, 5 days"] == pytest.approx(
        rows["tomorrow = today"]["RMSE, 5 days"], rel=0.05
    )
    assert rows["trend of the window"]["RMSE, 5 days"] > rows["tomorrow = today"]["RMSE, 5 days"]
    honest, *_, wrong = summary["mistakes"]
    assert wrong["reported loss"] < honest["reported loss"] / 1e3
    assert float(wrong["true skill, held out"].split()[0]) < -0.5
    assert "with dropout the error on days held out is smaller" in said
    assert {path.stem for path in (folder / "figures").iterdir()} == {"fan", "losses", "next", "prices", "skill"}
    (curves, _) = (panel["curves"] for panel in load_data(folder / "figures/next.safetensors").options["panels"])
    assert [curve["label"] for curve in curves] == ["close", None, None, "forecast"]  # one line in three bands
    assert "the close 5 days ahead" in load_data(folder / "figures/fan.safetensors").title
    days = [(3000 + i, 100 + i % 5, 70 + i % 3, 40 + i % 2) for i in range(13)]
    lines = {
        "mine": [f"{close},{volume},{turnover}" for _, close, volume, turnover in days],
        "prepared": [",".join(map(str, day)) for day in days],
        "raw": [f"2019-03-{i + 1:02},{n},{c},{v}e7,{t}e8," for i, (n, c, v, t) in enumerate(days)],
    }
    for name, some in lines.items():
        (tmp_path / name).write_text("\n".join(some))
    mine, *others = predict(folder, [str(tmp_path / name) for name in lines])["forecasts"]
    assert all(other["next"] == pytest.approx(np.array(mine["next"]), rel=1e-6) for other in others)


BASELINES = ("drift of the training part", "trend of the window", "tomorrow = today")


def test_parts_are_in_the_order_of_time_and_nothing_is_fitted_on_later_ones():
    found = load_prices("random-walk", ("close", "volume"), None, 300, 0.0, 1)
    prices = cut(found, 60, 80, 15)
    form = returns_form(prices, 10, 5, (0,))
    pairs = {part: pairs_of(prices, form, part, 5) for part in ("train", "validation", "test")}
    assert [len(x) for x, _ in pairs.values()] == [160 - 15, 56, 76]
    changes = form.changes(prices.table.values) / xdl.tensor(form.scale.std, dtype="float64")
    for part, first, last in (("train", 11, 159), ("validation", 160, 219), ("test", 220, 299)):
        x, y = pairs[part]
        assert y.shape[2] == 1
        assert xdl.allclose(y[0, 0, 0], changes[first - 1, 0].to("float32"))
        assert xdl.allclose(y[-1, -1, 0], changes[last - 1, 0].to("float32"))
        assert xdl.allclose(x[0, -1], changes[first - 2].to("float32"))
    prices.table.values[200:] *= 3
    assert returns_form(prices, 10, 5, (0,)) == form
    with pytest.raises(SettingError, match=r"more than 15 days.* in each part, found 285 to train, validation = 5"):
        cut(found, 5, 10, 15)


def test_baselines_are_what_their_names_say():
    prices = cut(load_prices("random-walk", ("close",), None, 300, 0.0, 1), 60, 80, 15)
    form = returns_form(prices, 10, 5, (0,))
    x, y = pairs_of(prices, form, "test", 5)
    close = prices.close
    truth = path(form, y)
    assert truth[0, 4].exp().item() == pytest.approx(close[prices.test + 4] / close[prices.test - 1], rel=1e-5)
    assert path(form, persistence(x, 5)).abs().max().item() == 0
    mean = (xdl.tensor(close[159]).log() - xdl.tensor(close[0]).log()).item() / 159
    assert path(form, drift(prices, form)(x, 5))[3, 4].item() == pytest.approx(5 * mean, rel=1e-4)
    window = xdl.tensor(close[prices.test - 1] / close[prices.test - 11], dtype="float64").log().item()
    assert path(form, trend(x, 5))[0, 1].item() == pytest.approx(window / 10 * 2, rel=1e-4)
    rolled = Rolled(truth * 0.5, truth)
    assert rolled.skill(3, 5) == pytest.approx((0.75, 0.75, 0.75))
    assert rolled.skill_of_all(5)[0] == pytest.approx(0.75)


def test_a_walk_is_another_one_for_each_seed_and_real_prices_are_not(tmp_path):
    first, other = (load_prices("random-walk", ("close",), None, 100, 0.0, seed)[1] for seed in (1, 2))
    assert (first.values != other.values).any()
    assert (first.values[:, 0] == random_walk(100, seed=1).column("close")).all()
    with pytest.raises(DataError, match=r"sp500/sp500\.csv"):
        run("stock-window", tmp_path, "sp500", tmp_path)


def test_prices_of_0_are_named_with_their_day():
    values = np.ones((60, 1))
    values[40] = 0
    days = tuple(date(2020, 1, 1) + timedelta(i) for i in range(60))
    for dates, place in ((days, "2020-02-10"), (None, "day 41")):
        prices = cut(("shares of X", SeriesTable(("close",), values, dates)), 15, 15, 5)
        with pytest.raises(DataError, match=f"shares of X: expected close above 0, .* found 0 in {place}"):
            returns_form(prices, 4, 1, (0,))


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("stock-window", {"block": 91}, "^block: expected at most 90, .* found 91"),
        ("stock-window", {"steps": 41}, "^steps: expected at most 40, .* found 41"),
        ("csi300", {"outputs": 41}, "^outputs: expected at most 40, .* found 41"),
    ],
)
def test_resamples_of_less_than_two_blocks_give_no_interval(name, given, said, tmp_path):
    with pytest.raises(SettingError, match=said):
        run(name, tmp_path, **given)


def test_seeds_that_do_not_differ_are_one_line():
    prices = cut(load_prices("random-walk", ("close",), None, 300, 0.0, 1), 60, 80, 15)
    form = returns_form(prices, 10, 5, (0,))
    moved, still = (roll(prices, form, ahead, 5) for ahead in (drift(prices, form), persistence))
    panels = draw_skills(prices, {"one": [moved, moved], "two": [moved, still]}, 10).options["panels"]
    found = ["mean and range of the seeds" in [curve["label"] for curve in panel["curves"]] for panel in panels]
    assert found == [False, True]
