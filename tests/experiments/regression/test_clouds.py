"""The experiments on planes and on classes of points: each shows what it is there to show."""

import io
import sys

import numpy as np
import pytest

import xdl
from xdl.data.iris import read_iris
from xdl.experiments.regression import beside_scikit_learn, iris
from xdl.experiments.regression.iris import Species
from xdl.experiments.regression.one_vs_rest import Outcome
from xdl.experiments.regression.several_features import looped
from xdl.experiments.regression.two_clouds import Clouds, Settings, ceiling, rightness
from xdl.plot import load_data
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    xdl.set_num_threads(1)
    request = RunRequest({key: str(value) for key, value in given.items()})
    summary = start(name, request, out=out, stream=io.StringIO()).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").glob("*.safetensors")}


def unseen(summary):
    return [sentence for sentence in summary["what_to_see"] if "not seen" in sentence]


def test_a_plane_is_found_and_leaves_the_noise(tmp_path, without_figures):
    summary, figures = run("several-features", tmp_path, steps=200)
    assert figures == {"edge-on", "descent"}
    assert not unseen(summary)
    assert [row["normal equation"] for row in summary["weights"]] == pytest.approx([3, 2, 5], abs=0.2)
    assert summary["apart"] < 1e-6
    assert np.mean(summary["residual_std"]) == pytest.approx(0.5, abs=0.05)


def test_loops_give_the_gradient_of_the_mean_squared_error():
    rows, goals, weights = [[1.0, 2.0], [3.0, -1.0]], [1.0, 2.0], [0.5, 0.25]
    np.testing.assert_allclose(looped(rows, goals, weights), [0 + 3 * -0.75 / 2, 0 - -0.75 / 2])


def test_no_line_is_better_than_the_ceiling(tmp_path, without_figures):
    summary, figures = run("two-clouds", tmp_path, seeds=3, fresh=2000)
    assert figures == {"lines", "loss", "descent"}
    assert not unseen(summary)
    assert summary["ceiling"] == pytest.approx(0.92135, abs=1e-5)
    assert all(0.9 < row["calculated"] < 0.9214 for row in summary["accuracy"])
    assert summary["scikit_learn"]["difference"] < 1e-4
    assert summary["scikit_learn"]["unlike"] == 0


def test_how_often_a_line_is_right_is_calculated_as_it_is_counted():
    clouds = Clouds(Settings(samples=40, steps=11, fresh=100_000), seed=3)
    counted = clouds.newton.score(clouds.new, clouds.new_labels)
    assert rightness(clouds.line, 2.0) == pytest.approx(counted, abs=0.003)
    assert rightness([1.0, 1.0, 0.0], 2.0) == pytest.approx(ceiling(2.0))
    assert rightness([1.0, 0.0, 0.0], 2.0) < rightness([1.0, 0.5, 0.1], 2.0) < ceiling(2.0)


def test_without_scikit_learn_it_says_so(tmp_path, without_figures, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    summary, _ = run("two-clouds", tmp_path, seeds=1, fresh=100, steps=20)
    assert summary["scikit_learn"] is None
    assert beside_scikit_learn.INSTALL in summary["what_to_see"][-1]


def test_iris_is_wrong_only_between_two_species(tmp_path, without_figures):
    summary, figures = run("iris", tmp_path, seeds=2)
    assert figures == {"pairs", "confusion"}
    assert not unseen(summary)
    *pairs, together = summary["lengths"]
    assert together["right in cross validation"] > 0.96 > 0.85 > pairs[0]["right in cross validation"]
    assert {(row["is"], row["taken for"]) for row in summary["wrong"]} <= {
        ("versicolor", "virginica"),
        ("virginica", "versicolor"),
    }
    low, high = summary["interval"]
    assert low < summary["cross_validation"][0] < summary["cross_validation"][1] < 1
    assert high < 1


def test_a_border_is_where_two_species_are_as_probable():
    lengths, species = read_iris()
    model = Species((0, 1), lengths, species, 10.0)
    xs, ys = map(np.array, model.borders(np.array([4.0, 2.0]), np.array([8.0, 4.5])))
    there = np.isfinite(ys)
    assert 50 < there.sum() < len(ys)
    assert xs.min() >= 4
    assert xs.max() <= 8
    places = model.scaler.transform(np.stack([xs, ys], 1)[there])
    shares = np.sort(model.model.predict_proba(places), 1)
    np.testing.assert_allclose(shares[:, 1], shares[:, 2], rtol=1e-9)


def test_no_flower_is_judged_by_a_model_that_has_seen_it(monkeypatch):
    seen = []

    class Spy(Species):
        def __init__(self, columns, lengths, species, C):
            super().__init__(columns, lengths, species, C)
            self.known = {tuple(row) for row in lengths.tolist()}

        def predict(self, lengths):
            seen.append((len(lengths), len(self.known & {tuple(row) for row in lengths.tolist()})))
            return super().predict(lengths)

    monkeypatch.setattr(iris, "Species", Spy)
    lengths, species = read_iris()
    apart = lengths + np.arange(len(lengths))[:, None] * 1e-9
    said = iris.out_of_fold(iris.Settings(), (0, 1, 2, 3), apart, species, 0)
    assert seen == [(30, 0)] * 5
    assert said.shape == species.shape


def test_one_against_the_rest_leaves_places_undecided(tmp_path, without_figures):
    summary, figures = run("one-vs-rest", tmp_path, seeds=1, images=600)
    assert figures == {"claims", "digits"}
    (path,) = tmp_path.rglob("digits.safetensors")
    assert load_data(path).title.endswith(", 1 division")
    assert not unseen(summary)
    for row in summary["sets"]:
        assert row["no claim"] + row["one claim"] + row["several"] == pytest.approx(1, abs=2e-4)
        assert row["no claim"] + row["several"] > 0.02
        low, high = map(float, row["probabilities add up to"].split(" to "))
        assert low < 0.9 < 1.1 < high


def test_what_one_class_claims_and_what_is_undecided_make_the_whole():
    outcome = Outcome(0.9, 0.8, [0.2, 0.5, 0.3], [0.5, 1.0, 2 / 3], 0.4, 1.6)
    assert outcome.undecided == pytest.approx(0.5)
    assert outcome.undecided_right == pytest.approx((0.2 * 0.5 + 0.3 * 2 / 3) / 0.5)
    assert outcome._replace(shares=[0.0, 1.0, 0.0]).undecided_right == 1
