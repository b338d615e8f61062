"""Gradients from values alone: of the bowl, of any list of arrays, which are set back; float32 is too coarse."""

import io

import pytest

import xdl
from xdl import plot
from xdl.errors import SettingError
from xdl.experiments.optimization import numerical_gradient
from xdl.experiments.optimization.numerical_gradient import network, numerical_gradients
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    plan = start(name, RunRequest(given, seed=0), out=out, stream=io.StringIO())
    summary = plan.perform()
    return summary, lambda figure: plot.load_data(plan.run.folder.path / "figures" / f"{figure}.safetensors")


def test_the_bowl_and_a_network(tmp_path, without_figures):
    summary, figure = run("numerical-gradient", tmp_path, widths="3,6")
    x, y = summary["at_a_place"]
    assert (x["by the tape"], y["by the tape"]) == pytest.approx((-2.4 / 8, 18 * 0.2))
    assert (x["its error"], y["its error"]) == pytest.approx((1e-5 / 16, 9e-5), rel=1e-3)
    assert max(x["its error "], y["its error "]) < 1e-10
    assert [row["shape"] for row in summary["arrays"]] == ["(5, 2)", "(5,)", "(3, 5)", "(3,)"]
    assert summary["largest_error"] < 1e-9
    assert max(row["from xdl.func's"] for row in summary["arrays"]) < 1e-9
    assert [(row["numbers"], row["evaluations"]) for row in summary["costs"]] == [(21, 42), (39, 78)]
    best = {name.split("3, ")[-1]: error for name, error in summary["best"].items() if name.startswith("a network")}
    assert best["float64, two-sided"] < 1e-9
    assert 1e-6 < best["float32, two-sided"] < 1e-3
    panels = figure("error").options["panels"]
    assert [curve["label"] for curve in panels[1]["curves"]] == [
        *("float64, two-sided", "float64, one-sided", "float32, two-sided", "float32, one-sided"),
    ]


def test_a_wrong_gradient_is_seen(tmp_path, without_figures, monkeypatch):
    right = numerical_gradient._by_tape
    monkeypatch.setattr(numerical_gradient, "_by_tape", lambda *given: [1.01 * g for g in right(*given)])
    summary, _ = run("numerical-gradient", tmp_path, widths="2")
    assert summary["largest_error"] > 1e-3


def test_arrays_are_set_back_and_may_have_any_shape():
    a, b = xdl.randn(2, 3, 1, dtype="float64"), xdl.tensor(1.5, dtype="float64")
    before = a.tolist()
    found = numerical_gradients(lambda: (a * a).sum() * b, [a, b], 1e-5)
    assert (a.tolist(), b.item()) == (before, 1.5)
    assert [g.shape for g in found] == [a.shape, b.shape]
    assert found[0].reshape(-1).tolist() == pytest.approx((2 * a * b).reshape(-1).tolist(), rel=1e-8)
    assert found[1].item() == pytest.approx((a * a).sum().item(), rel=1e-8)


def test_networks_of_both_dtypes_are_the_same():
    losses = []
    for dtype in ("float64", "float32"):
        xdl.manual_seed(0)
        losses.append(network(4, dtype)[1]().item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_a_function_without_a_value_at_the_place_is_refused(tmp_path):
    with pytest.raises(SettingError, match=r"f: expected a function with finite gradients at \(-2.4, 0.2\)"):
        run("numerical-gradient", tmp_path, f="log(x)")
