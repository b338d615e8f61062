"""What the figures of the hand-made numbers show: jumps, leaks, losses far out, the V of the gradient check."""

import io
from math import isnan, nan

import pytest

from xdl import plot
from xdl.experiments.networks import activations, gradient_check
from xdl.experiments.regression import loss_curves
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    stream = io.StringIO()
    summary = start(name, RunRequest({key: str(value) for key, value in given.items()}), out=out, stream=stream)
    summary = summary.perform()
    (folder,) = (out / name).iterdir()
    return summary, folder / "figures", stream.getvalue()


def curves_of(data, panel):
    """{label: (look, x values, y values)} of a panel."""
    (found,) = (p for p in data.options["panels"] if p["title"] == panel)
    return {
        curve["label"]: (curve["look"], data.arrays[curve["x"]].tolist(), data.arrays[curve["y"]].tolist())
        for curve in found["curves"]
    }


def test_jumps_have_a_gap_and_dots(tmp_path, without_figures):
    summary, figures, said = run("activations", tmp_path, points=21)
    data = plot.load_data(figures / "activations.safetensors")
    assert data.options["share"]
    step = curves_of(data, "step")
    assert [x for x, y in zip(*step["value"][1:], strict=True) if isnan(y)] == [0]
    assert step["limits of the value"] == ("circles", [0, 0], [0, 1])
    assert step["value at 0"] == ("dots", [0], [0.5])
    assert step["derivative"][0] == "dashed"
    relu = curves_of(data, "relu")
    assert not any(map(isnan, relu["value"][2]))
    assert relu["limits of the derivative"] == ("circles", [0], [1])
    assert relu["derivative at 0"] == ("dots", [0], [0])
    assert set(curves_of(data, "tanh")) == {"value", "derivative"}
    assert min(curves_of(data, "leaky relu, slope 0.1")["value"][2]) == pytest.approx(-0.3)
    assert "tanh is 4 times as steep at 0 as sigmoid (1 and 0.25)" in said
    assert "sigmoid'(-100) = 3.72e-44 and sigmoid'(100) = 0, though the curve is symmetric" in said
    assert summary["what_to_see"]


def test_without_a_cancelling_slope_nothing_is_said_of_it(monkeypatch):
    monkeypatch.setattr(activations.F, "sigmoid", activations.F.tanh)
    assert activations.sentences()[1] == "sigmoid'(-100) = 0 and sigmoid'(100) = 0."


def test_losses_near_by_and_far_out(tmp_path, without_figures):
    _, figures, said = run("losses", tmp_path)
    data = plot.load_data(figures / "losses.safetensors")
    slopes = curves_of(data, "its gradient d loss/d z")
    assert slopes["hinge: limits"] == ("circles", [1], [-1])
    assert slopes["squared"][2][0] == pytest.approx(-8)
    far = curves_of(data, "far out: its gradient")
    assert far["of the logit"][2][0] == pytest.approx(-1)
    assert far["of the probability"][2][0] == 0
    assert "squared pulls an example back that is right" in said
    assert "from z = -33 down less than a hundredth of the gradient is left" in said
    (headings,) = (line for line in said.splitlines() if "d/dz1" in line)
    assert headings.split() == ["d/dz1", "d/dz2", "d/dz3"]
    assert "\ndp1  " in said


def test_gradients_of_a_loss_far_out_that_stay_are_told_so():
    far = {"of the logit": ([1.0, 0.5], [-1.0, -1.0]), "of the probability": ([1.0, 0.5], [-1.0, -1.0])}
    kept = {name: (ys * 81, slopes * 81) for name, (ys, slopes) in far.items()}
    cut = {name: (ys[:161], slopes[:161]) for name, (ys, slopes) in kept.items()}
    assert loss_curves._far(cut) == "At z = -150 the gradient is -1 by the probability, and -1 by the logit."


def test_the_error_of_a_numerical_derivative_is_a_v(tmp_path, without_figures):
    summary, figures, said = run("gradient-check", tmp_path, directions=1, sweep=5)
    data = plot.load_data(figures / "error.safetensors")
    curves = curves_of(data, "relative error, median of 5 directions")
    assert (data.options["log"], data.options["x_log"]) == (True, True)
    for way, low, high in (("one-sided", 1e-10, 1e-7), ("two-sided", 1e-8, 1e-5)):
        assert low < summary["best_eps"][way] < high
        _, eps, errors = curves[way]
        least = min(errors)
        assert errors[eps.index(1e-3)] > 100 * least
        assert errors[eps.index(1e-12)] > 100 * least
    assert "two-sided: the least error" in said
    assert summary["largest_error"] < 1e-6


def test_both_sides_of_the_v_are_measured():
    errors = [eps**2 + 1e-16 / eps for eps in gradient_check.EPS]
    said = gradient_check.explained("two-sided", errors)
    assert "goes as eps**2.00, the formula's own (expected 2), below it as eps**-1.00" in said
    assert gradient_check.best_eps([nan, *errors[1:]]) == pytest.approx(10**-5.5)
    assert isnan(gradient_check.steepness([(1.0, 2.0)]))


def test_the_check_leaves_the_parameters_as_they_were():
    model, x, u = gradient_check.case("Linear")
    before = [p.tolist() for p in model.parameters()]
    assert gradient_check.error(model, x, u, 1e-6) < 1e-7
    assert [p.tolist() for p in model.parameters()] == before


def test_the_network_is_drawn_with_its_numbers(tmp_path, without_figures):
    summary, figures, said = run("forward-by-hand", tmp_path)
    data = plot.load_data(figures / "network.safetensors")
    labels = data.options["labels"]
    assert labels[:3] == ["x1\n1", "x2\n2", "hidden 1, bias 0.1\nz = 0.1\nsigmoid(z) = 0.525"]
    assert labels[-1].endswith(f"softmax(z) = {summary['outputs']['multi-class'][0][2]:.4g}")
    assert len(data.arrays["edges"]) == 2 * 3 + 3 * 3
    assert data.options["edge_labels"][:4] == ["0.5", "-0.25", "1", "0.75"]
    assert data.arrays["marked"].tolist()[:2] == [1, 4]
    assert "1*0.5 + 2*-0.25 + 0.1 = 0.1" in said
