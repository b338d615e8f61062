"""Every data set is shown, with what guessing and the simplest model reach on it."""

import io

import pytest

import xdl.data
from xdl.data import generated, spiral, xor
from xdl.experiments.data.generated_sets import histogram, of_classes, of_numbers, series, unlabelled
from xdl.experiments.data.simplest import guessing, nearest_mean, rms, straight_line
from xdl.plot import load_data
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    plan = start(name, RunRequest(given, data_dir=out), out=out, stream=io.StringIO())
    return plan.perform(), plan.run.folder.path


def test_every_set_that_is_here_is_drawn(tmp_path, monkeypatch, without_figures):
    monkeypatch.setenv("XDL_CACHE", str(tmp_path / "cache"))
    lines = [f"{5 + i},{2 * i + (i % 2)}" for i in range(97)]
    (tmp_path / "food-truck").mkdir()
    (tmp_path / "food-truck" / "food_truck_data.txt").write_text("\n".join(lines))
    summary, folder = run("data-sets", tmp_path)
    drawn = {path.stem for path in (folder / "figures").iterdir()}
    assert {"points", "iris", "numbers", "series", "digits"} <= drawn
    assert "food truck: profit by population, 10,000s" in titles(folder / "figures" / "numbers.safetensors")
    assert summary["generated"] == 13
    found = {row["set"]: row for row in summary["classes"]}
    assert found["spiral"]["guessing"] == pytest.approx(1 / 3)
    assert found["spiral"]["nearest class mean"] < 0.6 < 0.9 < found["iris"]["nearest class mean"]
    assert found["XOR"]["nearest class mean"] == found["XOR"]["guessing"] == 0.5
    (digits,) = (row for row in summary["images"] if row["set"] == "digits")
    assert digits["guessing"] < 0.15 < 0.8 < digits["nearest mean image"]
    assert "gets least over guessing of XOR 50% (guessing 50%)" in summary["what_to_see"][0]
    assert {row["set"]: row["where"] for row in summary["sets"]}["iris"] == "ships with xdl"


def titles(path):
    return [panel["title"] for panel in load_data(path).options["panels"]]


def test_no_generated_set_is_left_out(monkeypatch):
    """Each function of `data.generated` that makes one is called by the sets that are drawn."""
    made = {name for name, value in vars(generated).items() if callable(value) and hasattr(xdl.data, name)}
    calls = set()
    for name in made:
        original = getattr(xdl.data, name)

        def counted(*given, _name=name, _original=original, **named):
            calls.add(_name)
            return _original(*given, **named)

        monkeypatch.setattr(xdl.data, name, counted)
    for make in (of_classes, series, unlabelled):
        make(0)
    of_numbers(0, None)
    assert calls == made


def test_the_simplest_models():
    points, labels = xor()
    assert guessing(labels) == 0.5
    assert nearest_mean(points[:, :1], points[:, 0].astype("int64")) == 1.0
    assert nearest_mean(points, labels, points[:1], labels[:1]) == 1.0
    x, _ = spiral()
    assert straight_line(x, 3 * x[:, 0] - x[:, 1] + 2) < 1e-6
    assert straight_line(x[:, :1], x[:, 1]) == pytest.approx(residual(x[:, 0], x[:, 1]), rel=1e-5)
    assert rms(xdl.tensor([3.0, 4.0])) == pytest.approx(12.5**0.5)


def residual(x, y):
    """The root mean square error of the best line: std(y) sqrt(1 - r**2)."""
    x, y = x - x.mean(), y - y.mean()
    r = (x * y).mean() / (x.std() * y.std())
    return y.std() * (1 - r**2) ** 0.5


def test_a_histogram_counts_all():
    (line,) = histogram(xdl.data.real_numbers(500)).values()
    assert sum(line.ys) == 500
    assert max(line.ys) > 20
