"""Signals and pictures under filters: what is won is measured, and what is measured is what the formulas say."""

import io

import pytest

import xdl
from xdl.errors import SettingError
from xdl.experiments.convolution import denoise_1d
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
