"""Wasserstein GANs: critics on the line beside the exact distance, and generators of points."""

import io

import pytest

import xdl
from xdl.experiments.adversarial import line_critics
from xdl.experiments.adversarial.line_critics import WAYS
from xdl.runs.start import RunRequest, start

TINY = {"width": 16, "batch_size": 16}


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    request = RunRequest({key: str(value) for key, value in given.items()})
    summary = start(name, request, out=out, stream=io.StringIO()).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").iterdir()}


def test_critics_on_the_line_and_clipped_weights(tmp_path, monkeypatch, without_figures):
    monkeypatch.setattr(line_critics, "DISTANCES", (1.0, 3.0))
    summary, figures = run("wgan-points", tmp_path, steps=300, line_steps=300, **TINY)
    assert figures == {"distance", "training", "measures"}
    penalty, narrow, wide = (way.name for way in WAYS)
    for row in summary["line"]:
        assert row["exact"] == pytest.approx(row["distance of the means"], abs=0.1)
        assert row[penalty] == pytest.approx(row["exact"], rel=0.1)
        assert row[narrow] < 0.9 * row["exact"] < 3 * row["exact"] < row[wide]
    assert summary["samples_near"] > 0.02


def test_a_penalty_covers_a_grid(tmp_path, without_figures):
    given = {"side": 2, "steps": 300}
    summary, figures = run("wgan-gp", tmp_path, **TINY | given | {"width": 32, "batch_size": 32})
    assert figures == {"comparison", "training", "measures"}
    assert [row["training"] for row in summary["trainings"]] == ["WGAN-GP", "plain GAN"]
    assert summary["samples_modes"] == 4
    assert summary["samples_near"] > 0.3
