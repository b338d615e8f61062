"""The experiments on fitted lines and curves: each shows what it is there to show."""

import io

import numpy as np
import pytest

import xdl
from xdl.data.food_truck import CITIES
from xdl.experiments.regression.dam_water import Curve
from xdl.experiments.regression.food_truck import Valley, cities, gradient_error
from xdl.plot import load_data
from xdl.runs.start import RunRequest, start


def run(name, out, data=None, data_dir=None, **given):
    xdl.set_num_threads(1)
    settings = {key: str(value) for key, value in given.items()}
    request = RunRequest(settings, data=data, data_dir=data_dir)
    summary = start(name, request, out=out, stream=io.StringIO()).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").glob("*.safetensors")}


def test_rates_part_at_two_over_the_largest_curvature(tmp_path, without_figures):
    summary, figures = run("food-truck", tmp_path, steps=1000)
    losses = {row["rate"]: row["loss"] for row in summary["rates"]}
    assert losses[0.02] < losses[0.01] < 10 < 1e6 < losses[0.025]
    assert summary["gradient_error"] < 1e-8
    assert summary["steps"]["bowl"] == 1
    assert summary["steps"]["canyon"] > 100
    assert figures == {"valleys", "surfaces", "rates", "line"}
    (path,) = tmp_path.rglob("valleys.safetensors")
    assert [panel["equal"] for panel in load_data(path).options["panels"]] == [False, True]
    for row in summary["predictions"]:
        line = summary["w"] * row["population"] + summary["b"]
        assert row["predicted profit"] == pytest.approx(line, abs=1e-4)
    assert not [sentence for sentence in summary["what_to_see"] if "not seen" in sentence]


def test_the_books_cities_are_read_where_they_are(tmp_path, without_figures):
    folder = tmp_path / "food-truck"
    folder.mkdir()
    x = np.linspace(5, 20, CITIES)
    lines = "\n".join(f"{a},{2 * a - 7}" for a in x)
    (folder / "food_truck_data.txt").write_text(lines)
    summary, _ = run("food-truck", tmp_path / "runs", data="food-truck", data_dir=tmp_path, steps=20)
    assert summary["w"] == pytest.approx(2, abs=1e-6)
    assert summary["b"] == pytest.approx(-7, abs=1e-5)
    assert summary["what_to_see"][0].startswith("not seen here: \"the line is the book's")


def test_a_level_of_the_valley_has_one_loss():
    x, y = cities("generated-cities", None)
    valley = Valley(x, y)
    w, b = (xdl.tensor(values, dtype="float64") for values in valley.level(3.0))
    losses = ((x @ w.unsqueeze(0) + b - y.unsqueeze(1)) ** 2).mean(0) / 2
    np.testing.assert_allclose(losses.numpy(), valley.least + 3, rtol=1e-9)
    assert gradient_error(x, y) < 1e-8


@pytest.mark.filterwarnings("ignore:overflow")
def test_the_dam_needs_a_curve_normalization_and_for_degree_9_a_penalty(tmp_path, without_figures):
    summary, figures = run("dam-water", tmp_path, steps=1000)
    errors = {row["fit"]: row for row in summary["fits"]}
    assert errors["degree 9"]["train RMSE"] < errors["degree 3"]["train RMSE"] < errors["degree 1"]["train RMSE"]
    assert errors["degree 3"]["test RMSE"] < errors["degree 1"]["test RMSE"] < errors["degree 9"]["test RMSE"]
    assert errors["degree 9, lambda 0.2"]["test RMSE"] < errors["degree 1"]["test RMSE"]
    raw, standardized = (row["after 1000 steps"] for row in summary["descent"]["powers"])
    assert standardized < 1 < 10 < raw
    assert summary["descent"]["overflow"].startswith("inf after")
    assert figures == {"fits", "normalization", "learning"}
    assert "choose degree 3" in summary["what_to_see"][0]
    assert not [sentence for sentence in summary["what_to_see"] if "not seen" in sentence]


def test_a_penalized_curve_has_the_least_penalized_error():
    x, y = xdl.randn(30, 1, dtype="float64"), xdl.randn(30, dtype="float64")
    curve = Curve(3, 0.2, x, y)
    a, w = curve.features(x), xdl.tensor(curve.model.coef_).requires_grad_()
    loss = ((a @ w + float(curve.model.intercept_) - y) ** 2).mean() + 0.2 * (w * w).sum()
    loss.backward()
    np.testing.assert_allclose(w.grad.numpy(), 0, atol=1e-12)
