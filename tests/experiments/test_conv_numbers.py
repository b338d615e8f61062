"""Convolution by numbers: each experiment's values are right, and what it relates is related."""

import io

import pytest

import xdl
from xdl.errors import SettingError
from xdl.experiments.convolution import conv_layer, convolution_1d
from xdl.experiments.shared.picture import photograph
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    stream = io.StringIO()
    summary = start(name, RunRequest(given, seed=0), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").glob("*.safetensors")}, stream.getvalue()


@pytest.mark.parametrize(
    ("kernel", "full", "same", "stride"),
    [
        ("1,0,-1", "1 3 -3 -3 6 1 -2 -1 -2", "3 -3 -3 6 1 -2 -1", "-3 6 -2"),
        ("1,2", "1 5 4 -4 4 9 4 4", "1 5 4 -4 4 9 4", "5 -4 9"),
        ("3", "3 9 -6 0 12 3 6", "3 9 -6 0 12 3 6", "3 -6 12 6"),
    ],
)
def test_a_signal_convolved_in_every_way(tmp_path, without_figures, kernel, full, same, stride):
    summary, figures, said = run("convolution-1d", tmp_path, kernel=kernel)
    values = {row["way"]: row["y"] for row in summary["ways"]}
    assert (values["full"], values["same"], values["stride 2"]) == (full, same, stride)
    assert summary["largest_error"] < 1e-12
    assert all(row["dx and dw, numerical"] < 1e-7 for row in summary["products"])
    assert figures == {"matrices"}
    assert "is a product with a matrix" in said


def test_a_wrong_matrix_is_seen(tmp_path, without_figures, monkeypatch):
    right = convolution_1d.weights_matrix
    monkeypatch.setattr(convolution_1d, "weights_matrix", lambda w, *sizes: right(w.flip(0), *sizes))
    summary, _, _ = run("convolution-1d", tmp_path)
    assert summary["largest_error"] > 1


def test_a_kernel_longer_than_the_signal_is_refused(tmp_path):
    with pytest.raises(SettingError, match="signal's length"):
        run("convolution-1d", tmp_path, signal="1,2", kernel="1,2,3")


def test_correlation_and_convolution(tmp_path, without_figures):
    summary, figures, said = run("correlation", tmp_path, size="24")
    symmetric, skew = summary["kernels"]
    assert symmetric["apart"] < 1e-12
    assert skew["apart"] > 0.5
    assert summary["relation_error"] < 1e-12
    assert min(row["correlation, swapped"] for row in summary["kernels"]) > 0.1
    assert figures == {"numbers", "pictures"}
    assert "turned by 180 degrees" in said


def test_pooling_of_an_array_and_a_picture(tmp_path, without_figures):
    summary, figures, said = run("pooling", tmp_path, size="48")
    assert all(row["apart from loops"] < 1e-12 for row in summary["array"])
    assert [row["elements of x with a gradient"] for row in summary["array"][:2]] == [4, 16]
    assert summary["corner_of_padded_ones"] == pytest.approx(4 / 9)
    largest, mean = summary["picture"][-2:]
    assert largest["brightest stroke"] > mean["brightest stroke"] + 0.1
    assert largest["brighter by"] > 0.1
    assert abs(mean["brighter by"]) < 1e-6
    assert figures == {"numbers", "pictures"}
    assert "max pooling keeps the strokes" in said


def test_a_neuron_a_layer_and_a_network(tmp_path, without_figures):
    summary, figures, said = run("conv-layer", tmp_path)
    assert summary["layer_error"] < 1e-12
    assert summary["error_from_tape"] < 1e-12
    assert summary["error_from_numbers"] < 1e-7
    assert summary["parameters"] == {"convolution": 57, "linear_instead": 51 * 27, "network": 57 + 27 * 4 + 4}
    assert len(summary["gradients"]) == 5
    assert figures == {"numbers"}
    assert "(1, 3, 3, 3)" in said


def test_a_wrong_gradient_by_hand_is_seen(tmp_path, without_figures, monkeypatch):
    monkeypatch.setattr(conv_layer.conv_loops, "convolve_backward", lambda _, x, w: (x, w, [0.0] * len(w)))
    summary, _, _ = run("conv-layer", tmp_path)
    assert summary["error_from_tape"] > 0.01


def test_the_drawn_picture_has_all_that_it_says():
    xdl.manual_seed(0)
    picture = photograph(96, 0.0)
    assert picture.shape == (96, 96)
    assert float(picture.min()) < 0.15
    assert float(picture[60:].max()) == 1.0
    assert float((picture[:8] - photograph(96, 0.05)[:8]).std()) == pytest.approx(0.05, rel=0.2)
