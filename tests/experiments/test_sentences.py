"""What figures and sentences say of a run is true of its numbers, and enough to read them by."""

import io

import numpy as np
import pytest

import xdl
from xdl.errors import SettingError
from xdl.experiments.image_networks.look_inside import what_heat_shows
from xdl.experiments.image_networks.plain_vs_resnet import words
from xdl.experiments.improving import mlp_batchnorm, mlp_dropout, mlp_l2
from xdl.experiments.networks.optimizers import END, Tried
from xdl.plot import Line, lines_data, load_data
from xdl.plot.lines import draw_lines
from xdl.runs.start import RunRequest, start


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def figures(name, out, **given):
    text = {key: str(value) for key, value in given.items()}
    start(name, RunRequest(text), out=out, stream=io.StringIO()).perform()
    return {path.stem: load_data(path) for path in (out / name).rglob("figures/*.safetensors")}


@pytest.mark.parametrize("experiment", [mlp_batchnorm, mlp_dropout, mlp_l2])
def test_a_gap_below_0_is_not_called_an_excess(experiment):
    """With wrong labels in training alone, the validation loss lies below the training loss."""
    (said,) = (said for said in experiment.CLAIMS if "validation loss" in said)
    assert "exceeds" not in said
    assert "validation loss less training loss" in said


def test_heat_that_an_untrained_network_has_too_is_said_to_show_nothing():
    assert what_heat_shows(0.61, 0.70, 0.42).endswith("it shows nothing here of what was learnt")
    assert what_heat_shows(0.54, 0.39, 0.16).endswith("ink covers 16% of the images")


def test_a_gradient_keeps_its_size_only_within_a_factor_of_2():
    said = {
        0.001: "vanishes",
        0.3: "shrinks",
        0.92: "keeps its size",
        1.7: "keeps its size",
        3.4: "grows",
        30: "explodes",
    }
    for factor, what in said.items():
        assert words(factor).startswith(f"{what} (")


def test_bias_that_is_estimated_below_0_is_explained(tmp_path, without_figures):
    drawn = figures("bias-variance", tmp_path, degrees="4,9", drawn="9", seeds=1)
    assert drawn["bias-variance"].options["caption"].endswith("below 0; such a point is not drawn")
    assert "may come out below 0" in drawn["fits"].options["caption"]


def test_pictures_and_matrices_name_experiment_data_and_part(tmp_path, without_figures):
    assert figures("look-at-data", tmp_path)["images"].title == "look-at-data on digits, training images"
    drawn = figures("class-measures", tmp_path, seeds=1, epochs=1)
    assert drawn["confusion"].title.startswith("class-measures on digits, test images: ")
    assert drawn["curves"].title.startswith("class-measures on digits, test images, 8 against the rest")
    predictions = figures("mlp", tmp_path, epochs=1, samples=50)["predictions"]
    assert "true → predicted class" in predictions.options["caption"]


@pytest.mark.parametrize(("xs", "whole"), [([1, 2, 3, 4, 5], True), ([0, 0.5, 1], False)])
def test_steps_are_counted_in_whole_numbers(tmp_path, monkeypatch, xs, whole):
    seen = []

    def look(figure, *_):
        figure.canvas.draw()
        seen.extend(figure.axes[0].get_xticks())

    monkeypatch.setitem(draw_lines.__globals__, "save", look)
    data = lines_data({"loss": {"a": Line(xs, xs)}}, "title", "step")
    draw_lines(data, tmp_path / "a.png")
    assert bool((np.array(seen) == np.round(seen)).all()) is whole


def test_methods_that_all_diverge_are_not_given_an_infinite_loss(tmp_path, without_figures):
    captions = [data.options["caption"] for data in figures("optimizers", tmp_path, steps=20, rates="1e9").values()]
    assert not any("inf" in caption for caption in captions)
    assert any("diverged" in caption for caption in captions)


def test_a_training_is_called_by_the_seed_that_it_has(tmp_path, without_figures):
    stream = io.StringIO()
    request = RunRequest({"epochs": "1", "samples": "50", "widths": "4", "seeds": "2"}, seed=7)
    start("capacity", request, out=tmp_path, stream=stream).perform()
    assert [number for number in range(10) if f", seed {number}:" in stream.getvalue()] == [7, 8]


def test_one_degree_is_described_once(tmp_path, without_figures):
    drawn = figures("bias-variance", tmp_path, degrees="3", drawn="3", seeds=1, sets=10)
    assert drawn["bias-variance"].options["caption"].count("degree 3 has") == 1


def test_a_run_whose_trainings_all_diverge_ends_in_order(tmp_path, without_figures):
    drawn = figures("batchnorm-rates", tmp_path, rates="1e9", seeds=1, epochs=1, samples=100)
    assert "nan" not in drawn["rates"].options["caption"]


def test_heat_that_lies_nowhere_has_no_share(tmp_path, without_figures):
    drawn = figures("feature-maps", tmp_path, epochs=1, samples=10, lr=100)
    assert "no heat" in drawn["grad_cam"].options["caption"]
    assert "nan" not in drawn["grad_cam"].options["caption"]


def test_a_method_that_is_first_at_every_rate_is_not_said_to_depend_on_it(tmp_path, without_figures):
    caption = figures("optimizers", tmp_path, steps=1, rates="0.01,0.1", seeds=1)["rates"].options["caption"]
    assert "one method is first at every rate" in caption
    assert "the rate decides" not in caption


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("plain-vs-resnet", {"depths": "8"}, "two different depths"),
        ("plain-vs-resnet", {"depths": "8,8"}, "two different depths"),
        ("schedules", {"epochs": "1"}, "at least 2"),
        ("learning-curves", {"points": "2"}, "two different numbers of points"),
    ],
)
def test_what_leaves_nothing_to_compare_is_refused(tmp_path, name, given, message):
    with pytest.raises(SettingError, match=message):
        start(name, RunRequest(given), out=tmp_path, stream=io.StringIO()).perform()


def test_a_method_that_diverged_at_every_rate_has_no_best_one():
    diverged = Tried("SGD", 0.1, [[1.0, *[9.0] * END]], [0.3])
    assert diverged.label == "SGD (diverged at every rate)"
    assert Tried("SGD", 0.1, [[1.0, *[0.5] * END]], [0.3]).label == "SGD, rate 0.1"
