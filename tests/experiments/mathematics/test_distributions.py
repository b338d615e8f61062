"""Random variables: probabilities, moments and ellipses are those of the formulas, and of NumPy."""

import io

import numpy as np
import pytest

import xdl
from xdl import plot
from xdl.experiments.mathematics import ellipses, random_variables
from xdl.experiments.mathematics.ellipses import covariance
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    stream = io.StringIO()
    plan = start(name, RunRequest(given, seed=0), out=out, stream=stream)
    summary = plan.perform()
    return summary, lambda figure: plot.load_data(plan.run.folder.path / "figures" / f"{figure}.safetensors")


def curves(data):
    return {
        (number, curve["label"]): data.arrays[curve["y"]]
        for number, panel in enumerate(data.options["panels"])
        for curve in panel["curves"]
    }


def test_dice_normal_numbers_and_ellipses(tmp_path, without_figures):
    summary, figure = run("random-variables", tmp_path)
    dice, normal = summary["moments"]
    assert (dice["E"], dice["variance"]) == pytest.approx((7, 35 / 6))
    assert (normal["E"], normal["variance"]) == (0, 1)
    assert normal["variance of samples"] == pytest.approx(1, rel=0.1)
    assert summary["area"] == pytest.approx(0.8413447, abs=5e-5)
    assert summary["height"] == pytest.approx(0.841344746, rel=1e-8)
    assert summary["slope_is_density"] < 1e-14
    assert summary["within"] == pytest.approx([0.682689492, 0.954499736, 0.997300204], rel=1e-8)
    assert summary["variance_over_n"] == pytest.approx(0.8, abs=0.03)
    assert summary["variance_over_n_less_1"] == pytest.approx(1, abs=0.03)
    assert summary["inside"] == pytest.approx(1 - np.exp(-2), abs=0.01)
    assert [sentence.endswith("(in 5 of 5 seeds)") for sentence in summary["what_to_see"]].count(True) == 3
    drawn = curves(figure("discrete"))
    assert drawn[0, "p(k)"] == pytest.approx([min(k - 1, 13 - k) / 36 for k in range(2, 13)])
    assert drawn[1, "value at a jump"] == pytest.approx(np.cumsum(drawn[0, "p(k)"]))
    pairs = figure("covariance")
    assert pairs.options["width"] < 4 == pairs.options["columns"]
    ring = curves(pairs)[0, "2 std along the axes"]
    assert np.ptp(ring) == pytest.approx(4 * summary["covariance"][0]["var y"] ** 0.5, rel=1e-3)


def test_sums_of_any_number_of_dice():
    sums, p = random_variables._dice(3)
    counts = np.bincount([a + b + c for a in range(1, 7) for b in range(1, 7) for c in range(1, 7)], minlength=19)[3:]
    assert sums.tolist() == list(range(3, 19))
    assert p.tolist() == pytest.approx(counts / 216, rel=1e-12)


def test_a_covariance_matrix_is_numpys_and_its_axes_are_right():
    points = xdl.randn(50, 2, dtype="float64") @ xdl.tensor([[2.0, 1.0], [0.0, 0.5]], dtype="float64")
    c = covariance(points)
    assert np.allclose(c.numpy(), np.cov(points.numpy().T))
    diagonal = xdl.tensor([[5.0, 3.0], [3.0, 5.0]], dtype="float64")
    assert ellipses._numbers(diagonal) == pytest.approx((5, 3, 5, 8**0.5, 2**0.5, 45))


def test_a_wrong_covariance_is_seen(tmp_path, without_figures, monkeypatch):
    monkeypatch.setattr(ellipses, "covariance", lambda points: covariance(points) + 0.5 * xdl.eye(2).flip(0))
    summary, _ = run("random-variables", tmp_path, seeds="1", correlations="0")
    assert any(s.startswith("not seen here") and "covariances" in s for s in summary["what_to_see"])


def test_pairs_on_a_line_have_an_ellipse_without_width(tmp_path, without_figures):
    summary, _ = run("random-variables", tmp_path, seeds="1", correlations="1,-1", dice="1")
    assert [row["shorter axis"] for row in summary["covariance"][:2]] == pytest.approx([0, 0], abs=1e-6)
    assert [row["degrees"] for row in summary["covariance"][:2]] == pytest.approx([45, 135])
