"""The gradient is the steepest direction, numerically too; the Jacobian of softmax is its formula's."""

import io

import numpy as np
import pytest

from xdl import functional as F
from xdl import plot
from xdl.errors import SettingError
from xdl.experiments.mathematics import gradient_field
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    stream = io.StringIO()
    plan = start(name, RunRequest(given, seed=0), out=out, stream=stream)
    summary = plan.perform()
    return summary, lambda figure: plot.load_data(plan.run.folder.path / "figures" / f"{figure}.safetensors")


def test_gradient_and_jacobian(tmp_path, without_figures):
    summary, figure = run("gradient-field", tmp_path)
    x, y = 0.3, 0.6
    expected = np.exp(-x * x - y * y) * np.array([1 - 2 * x * x, -2 * x * y])
    assert summary["gradient"] == pytest.approx(expected, rel=1e-12)
    assert all(row["apart"] < 1e-9 for row in summary["partial"])
    assert summary["steepest_degrees"] == pytest.approx(summary["gradient_degrees"], abs=0.5)
    assert summary["directions_apart"] < 1e-9
    s = np.exp([2.0, 1, 0, -1, 0.5]) / np.exp([2.0, 1, 0, -1, 0.5]).sum()
    jacobian = np.diag(s) - np.outer(s, s)
    assert np.allclose(summary["jacobian"], jacobian, rtol=1e-13, atol=1e-15)
    assert np.allclose(summary["vector_jacobian"], np.array([1, -0.5, 0.5, -0.5, 0.5]) @ jacobian)
    assert all(row["largest difference"] < 1e-9 for row in summary["checks"])
    assert "the sum of each column of J and 0" in [row["compared"] for row in summary["checks"]]
    field = figure("field")
    xs, ys = field.arrays["places"].T
    slopes = np.exp(-xs * xs - ys * ys)[:, None] * np.stack([1 - 2 * xs * xs, -2 * xs * ys], 1)
    assert np.allclose(field.arrays["arrows"], slopes)
    assert field.arrays["heights"][10, 90] == pytest.approx(1.6 * np.exp(-2 * 1.6**2))


def test_a_wrong_softmax_gradient_is_seen(tmp_path, without_figures, monkeypatch):
    right = F.softmax
    monkeypatch.setattr(gradient_field.F, "softmax", lambda z, dim: right(z, dim) + 0.1 * (z - z.detach()))
    summary, _ = run("gradient-field", tmp_path)
    assert max(row["largest difference"] for row in summary["checks"]) > 0.05


def test_a_function_of_one_variable_has_no_slope_along_the_other(tmp_path, without_figures):
    summary, _ = run("gradient-field", tmp_path, f="y*y", x="1", y="3")
    assert summary["gradient"] == [0.0, 6.0]
    assert summary["steepest_degrees"] == pytest.approx(90)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"z": "1"}, "2 to 12 numbers"), ({"f": "x*q"}, "q in it"), ({"f": "log(x)", "x": "0"}, "a finite gradient")],
)
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_what_has_no_answer_is_refused(tmp_path, without_figures, given, said):
    with pytest.raises(SettingError, match=said):
        run("gradient-field", tmp_path, **given)
