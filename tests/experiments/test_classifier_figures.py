"""The figures of a classifier say what they are of; its network is printed; units that do nothing are counted."""

import io

import numpy as np
import pytest

import xdl
from xdl import nn, plot
from xdl.data import load_images
from xdl.experiments.shared.first_layer import dead_units, draw_filters
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    text = {key: str(value) for key, value in given.items()}
    stream = io.StringIO()
    start(name, RunRequest(text, seed=0), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return folder, stream.getvalue()


@pytest.fixture(scope="module")
def softmax(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xdl.plot.figure.DPI", 30)
        return run("softmax-regression", tmp_path_factory.mktemp("runs"), epochs=2, trace=10)


def test_every_figure_names_experiment_data_and_part(softmax):
    folder, _ = softmax
    titles = {path.stem: plot.load_data(path).title for path in (folder / "figures").glob("*.safetensors")}
    assert set(titles) == {"curves", "predictions", "confusion", "filters", "trace"}
    assert all(title.startswith("softmax-regression on digits") for title in titles.values())
    assert "test images" in titles["confusion"]
    assert "the first layer" in titles["filters"]


def test_softmax_filters_are_named_by_class_beside_those_before_training(softmax):
    folder, said = softmax
    data = plot.load_data(folder / "figures" / "filters.safetensors")
    assert data.options["names"] == [str(i) for i in range(10)]
    assert np.abs(data.arrays["weights"]).max() > np.abs(data.arrays["before"]).max()
    assert "red pixels speak for a class" in said


def test_the_strip_has_log_spaced_steps(softmax):
    folder, _ = softmax
    data = plot.load_data(folder / "weights" / "strip.safetensors")
    assert data.arrays["steps"].tolist() == [0, 1, 2, 5, 10, 20, 50, 82]
    assert data.title.startswith("softmax-regression on digits")


def test_curves_say_which_model_is_tested(softmax):
    folder, _ = softmax
    data = plot.load_data(folder / "figures" / "curves.safetensors")
    assert data.options["tested"] == 2
    assert "tested and saved: the weights of epoch 2 of 2" in data.options["caption"]


def test_the_network_is_printed(softmax):
    _, said = softmax
    assert "(1, 10)" in said
    assert "650 trainable" in said


class Kept:
    """A run that keeps what it is given to draw and to say."""

    def __init__(self):
        self.figures, self.said = {}, []

    def figure(self, name, data, see):
        self.figures[name] = data, see

    def see(self, sentence):
        self.said.append(sentence)
        return sentence


def test_rows_are_sorted_by_norm_and_dead_units_counted():
    xdl.manual_seed(0)
    data = load_images("digits")
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 6), nn.ReLU(), nn.Linear(6, 10))
    with xdl.no_grad():
        model[1].bias[2] = -1000.0
        model[1].weight[4] *= 100.0
    kept = Kept()
    draw_filters(kept, model, data, "title")
    assert dead_units(model, data) == (1, 6, 359)
    assert kept.said == ["1 of 6 units of the first ReLU are 0 for all of 359 test images"]
    figure, see = kept.figures["filters"]
    norms = np.linalg.norm(figure.arrays["weights"].reshape(6, -1), axis=1)
    assert (np.diff(norms) <= 0).all()
    np.testing.assert_array_equal(figure.arrays["weights"][0].ravel(), model[1].weight[4].numpy())
    assert "the largest norms first" in see


def test_filters_of_a_convolution_stay_in_the_order_of_their_maps():
    data = load_images("digits")
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(144, 10))
    kept = Kept()
    draw_filters(kept, model, data, "title")
    figure, see = kept.figures["filters"]
    np.testing.assert_array_equal(figure.arrays["weights"], model[0].weight.numpy())
    assert see == "in the order of the layer's maps"
    assert dead_units(model, data) is None
