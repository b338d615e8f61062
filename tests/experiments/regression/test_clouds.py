"""The experiments on planes and on classes of points: each shows what it is there to show."""

import io
import sys

import numpy as np
import pytest

import xdl
from xdl.experiments.regression import beside_scikit_learn
from xdl.experiments.regression.several_features import looped
from xdl.experiments.regression.two_clouds import Clouds, Settings, ceiling, rightness
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
    summary, figures = run("several-features", tmp_path, long=2000, steps=200)
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
