"""What a GAN minimizes: divergences against closed forms, and the experiment that checks the theorems by numbers."""

import io
from math import log

import numpy as np
import pytest

import xdl
from xdl import plot
from xdl.distributions import Normal, kl_divergence
from xdl.experiments.adversarial.divergences import grid, integral, js, kl, normal
from xdl.runs.start import RunRequest, start


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def test_divergences_are_those_of_the_formulas():
    x = grid()
    p, q = normal(x, 0.3, 1.2), normal(x, -1.0, 0.7)
    closed = [Normal(*(xdl.tensor(value, dtype="float64") for value in pair)) for pair in ((0.3, 1.2), (-1.0, 0.7))]
    assert integral(p).item() == pytest.approx(1, abs=1e-12)
    assert kl(p, q).item() == pytest.approx(kl_divergence(*closed).item(), abs=1e-9)
    assert kl(q, p).item() == pytest.approx(kl_divergence(*closed[::-1]).item(), abs=1e-9)
    assert js(p, q).item() == pytest.approx(js(q, p).item(), abs=1e-12)
    assert js(p, p).item() == pytest.approx(0, abs=1e-12)
    apart = js(normal(x, -7.0, 0.3), normal(x, 7.0, 0.3)).item()
    assert apart == pytest.approx(log(2), abs=1e-9)


def test_the_critic_its_value_and_what_generators_minimize(tmp_path, without_figures):
    request = RunRequest({"steps": "800", "fit_steps": "400"})
    summary = start("gan-theory", request, out=tmp_path, stream=io.StringIO()).perform()
    (folder,) = (tmp_path / "gan-theory").iterdir()
    critics = plot.load_data(folder / "figures" / "critics.safetensors")
    assert critics.options["caption"] == summary["what_to_see"][0]  # the title names the experiment, which has no data
    assert critics.options["share"]  # D is between 0 and 1 in every panel
    equal, *others = summary["critics"]
    assert equal["value reached"] == pytest.approx(-log(4), abs=0.01)
    assert equal["JS"] == pytest.approx(0, abs=1e-9)
    for row in others:
        assert row["value reached"] == pytest.approx(row["2 JS - ln 4"], abs=0.02)
        assert row["value reached"] > -log(4)
    assert max(row["largest |D - D*|"] for row in summary["critics"]) < 0.15
    assert all(row["JS"] <= log(2) for row in summary["divergences"])
    assert all(row["KL(p|q)"] > row["KL(q|p)"] for row in summary["divergences"])
    covers, seeks, _ = summary["fits"]
    assert covers["std"] > 2 > 1 > seeks["std"]
    assert covers["mean ln q of the data"] == max(row["mean ln q of the data"] for row in summary["fits"])
    for row in summary["gradients"]:
        np.testing.assert_allclose(row["its gradient"], row["that one's gradient"], rtol=1e-9)
