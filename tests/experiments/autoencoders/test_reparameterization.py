"""The gradient through a sample: right in the mean, of the known variance, and wrong for a step."""

import io
from math import exp, pi, sqrt

import pytest

import xdl
from xdl.distributions import Normal
from xdl.experiments.autoencoders.reparameterization import WAYS, check, gradients, parabola, step
from xdl.runs.start import RunRequest, start


def draws(way, d=1, count=40_000, function=parabola):
    xdl.manual_seed(1)
    mean, deviation = (xdl.full((count, d), value, dtype="float64") for value in (0.2, 0.5))
    return [g.numpy() for g in gradients(function, way, mean, deviation)]


@pytest.mark.parametrize("way", WAYS)
def test_all_are_right_in_the_mean(way):
    of_mean, of_deviation = draws(way)
    for found, exact in ((of_mean, 2 * (0.2 - 1)), (of_deviation, 2 * 0.5)):
        assert found.mean() == pytest.approx(exact, abs=4 * found.std() / len(found) ** 0.5)


def test_variances_are_those_of_the_formula():
    """Of f'(z) 4 s^2, whatever the other elements are; the score function's grows with them."""
    assert draws(WAYS[0])[0].var() == pytest.approx(4 * 0.25, rel=0.05)
    assert draws(WAYS[0], d=16, count=5000)[0][:, 0].var() == pytest.approx(1, rel=0.1)
    cases = ((WAYS[1], 1), (WAYS[1], 16), (WAYS[2], 16))
    one, many, with_mean = (draws(way, d, 20_000)[0][:, 0].var() for way, d in cases)
    assert many > 20 * one > 20 * draws(WAYS[0])[0].var()
    assert with_mean < many / 4


def test_of_a_step_only_the_score_function_is_right():
    exact = exp(-((0.8 / 0.5) ** 2) / 2) / (0.5 * sqrt(2 * pi))
    assert draws(WAYS[0], function=step)[0].max() == 0
    found = draws(WAYS[1], function=step)[0]
    assert found.mean() == pytest.approx(exact, abs=4 * found.std() / len(found) ** 0.5)


def test_the_gradient_check_would_see_a_wrong_gradient(monkeypatch):
    assert check() < 1e-6

    def half_on_the_tape(z, shape):
        return z.loc + (z.scale.detach() + z.scale) * 0.5 * xdl.randn(*shape, 2, dtype="float64")

    monkeypatch.setattr(Normal, "rsample", half_on_the_tape)
    assert check() > 0.1


def test_the_experiment(tmp_path, without_figures):
    given = {"draws": "2000", "dimensions": "1,16", "steps": "150", "seeds": "2"}
    stream = io.StringIO()
    summary = start("reparameterization", RunRequest(given, seed=0), out=tmp_path, stream=stream).perform()
    said = stream.getvalue()
    assert "more than ten times the reparameterized one's" in said
    assert "comes at least twice as near to the best one" in said
    assert "not seen here" not in said
    assert summary["gradient_error"] < 1e-6
    through, score = summary["descent"]
    assert through["distance at the end"] < score["distance at the end"] / 2
    assert summary["step"][0]["mean gradient"] == 0
    names = {path.stem for path in (tmp_path / "reparameterization").glob("*/figures/*")}
    assert names == {"variance", "descent"}
