"""Signals and pictures under filters: what is won is measured, and what is measured is what the formulas say."""

import io

import pytest

import xdl
from xdl.errors import SettingError
from xdl.experiments.convolution import convolution_matrix, denoise_1d, filters, places
from xdl.experiments.shared.picture import coloured_photograph, photograph
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    text = {key: str(value) for key, value in given.items()}
    stream = io.StringIO()
    summary = start(name, RunRequest(text, seed=0), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").glob("*.safetensors")}, stream.getvalue()


def test_smoothing_wins_what_is_expected(tmp_path, without_figures):
    summary, figures, said = run("denoise-1d", tmp_path)
    rows = {(row["signal"], row["kernel"]): row for row in summary["best"]}
    smooth, jumps = rows["sine", "Gaussian"], rows["steps", "Gaussian"]
    assert (smooth["best width"], jumps["best width"]) == ("sigma 6", "sigma 2")
    assert smooth["gain in dB"] > 10 > jumps["gain in dB"] > 4
    assert all(abs(row["SNR after"] - row["expected"]) < 0.5 for row in rows.values())
    assert all(
        rows[kind, "Gaussian"]["SNR after"] > rows[kind, "moving average"]["SNR after"] for kind in denoise_1d.SIGNALS
    )
    assert 0.05 < summary["lost_of_the_sine"] < 0.1
    assert figures == {"signals", "sweep"}
    assert "the smooth signal bears a wider kernel than the one with jumps (in 5 of 5 seeds)" in said


def test_decibels_and_weights_are_what_they_are_called():
    true = xdl.tensor([3.0, 4.0], dtype="float64")
    assert denoise_1d.decibels(true + xdl.tensor([0.5, 0.0], dtype="float64"), true) == pytest.approx(20)
    w = denoise_1d.gaussian(2.0)
    assert float(w.sum()) == pytest.approx(1)
    assert denoise_1d.deviation_of(w) == pytest.approx(2, rel=1e-3)
    assert denoise_1d.deviation_of(denoise_1d.averages(4)[0]) == pytest.approx((2 / 3) ** 0.5)


def test_one_width_is_no_sweep(tmp_path):
    with pytest.raises(SettingError, match="at least two"):
        run("denoise-1d", tmp_path, sigmas="2")


def test_filters_are_sums_and_edges_are_found_better_after_a_blur(tmp_path, without_figures):
    summary, figures, said = run("image-filters", tmp_path, size=48, noises="0.04,0.2", seeds=2)
    for row in summary["filters"]:
        assert row["apart from the sums"] < 1e-12
        assert row["noise"] == pytest.approx(row["expected"], rel=0.25)
    sums = {row["filter"]: row["sum of weights"] for row in summary["filters"]}
    assert {name for name, total in sums.items() if total == 1} == {"Gaussian", "box blur", "sharpen"}
    assert {total for name, total in sums.items()} == {0, 1}
    sizes = {row["way"]: row["shape"] for row in summary["sizes"]}
    assert (sizes["valid"], sizes["full"]) == ("(38, 38)", "(58, 58)")
    assert (sizes["same, zeros around"], sizes["same, stride 2"]) == ("(48, 48)", "(24, 24)")
    assert max(row["apart from the sums"] or 0 for row in summary["sizes"]) < 1e-12
    assert max(summary["channels"].values()) < 1e-12
    plain, sobel, both = list(summary["edges"][-1].values())[1:]
    assert plain + 0.05 < sobel < both - 0.1
    assert figures == {"filters", "sizes", "channels", "edges"}
    assert "zeros around the picture darken its edge" in said


def test_a_wrong_sum_is_seen(tmp_path, without_figures, monkeypatch):
    right = filters.conv_loops.convolve
    monkeypatch.setattr(filters.conv_loops, "convolve", lambda x, w, b: right(x, w, [1.0 for _ in b]))
    summary, _, _ = run("image-filters", tmp_path, size=24, noises="0.1", seeds=1)
    assert summary["channels"]["sums"] == pytest.approx(1)
    assert all(row["apart from the sums"] == pytest.approx(1) for row in summary["filters"])


def test_the_strongest_pixels_beside_an_edge_count_as_found():
    edges = xdl.zeros(7, 7) > 0
    edges[3] = True
    beside, away = xdl.zeros(7, 7, dtype="float64"), xdl.zeros(7, 7, dtype="float64")
    beside[2], away[0] = 1.0, 1.0
    assert filters.share_found(beside, edges) == 1
    assert filters.share_found(away, edges) == 0


def test_the_coloured_picture_is_the_grey_one_in_colours():
    xdl.manual_seed(0)
    red, green, blue = coloured_photograph(96, 0.0)
    grey = photograph(96, 0.0)
    assert float((red / grey)[30, 65]) == pytest.approx(1)  # the ball
    assert float((green / grey)[30, 65]) == pytest.approx(0.55)
    assert float((blue / grey)[30, 20]) == pytest.approx(4.5)  # the square


def test_a_convolution_is_a_product_and_its_backward_pass_a_sum(tmp_path, without_figures):
    summary, figures, said = run("convolution-matrix", tmp_path)
    right = [row for row in summary["ways"] if row["way"] != convolution_matrix.MISTAKE]
    assert len(right) == 12
    assert max(max(row["y"], row["dx"], row["dw"]) for row in right) == summary["largest_difference"] < 1e-12
    wrong = {row["stride"]: row["dx"] for row in summary["ways"] if row["way"] == convolution_matrix.MISTAKE}
    assert wrong[1] > 0.1  # windows share pixels
    assert wrong[2] == 0  # windows of 2x2, 2 apart, share none
    assert summary["lost_by_assignment"] == pytest.approx(1 - 32 / 72)
    assert figures == {"indices", "product", "matrix", "backward"}
    assert "hold 72 numbers for the image's 32" in said


def test_a_wrong_index_is_seen(tmp_path, without_figures, monkeypatch):
    right = places.places
    monkeypatch.setattr(convolution_matrix, "places", lambda *sizes: right(*sizes).flip(0))
    summary, _, _ = run("convolution-matrix", tmp_path)
    assert summary["largest_difference"] > 1


def test_index_arrays_name_the_elements_of_windows():
    x = xdl.arange(2 * 4 * 5).reshape(2, 4, 5)
    c, row, column = places.windows((2, 4, 5), (2, 3), 2)
    at = places.places((2, 4, 5), (2, 3), 2)
    assert at.shape == (2 * 2, 2 * 2 * 3)
    assert at[1].tolist() == x[:, 0:2, 2:5].flatten().tolist()
    assert at[2].tolist() == x[:, 2:4, 0:3].flatten().tolist()
    assert x[c, row, column].tolist() == at.tolist()


def test_a_kernel_larger_than_the_image_is_refused(tmp_path):
    with pytest.raises(SettingError, match="at most the image's 4"):
        run("convolution-matrix", tmp_path, kernel=5)
