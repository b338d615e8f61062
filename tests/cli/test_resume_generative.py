"""Runs of models that generate, ended between and inside their trainings, go on to the same numbers."""

import json
import signal

import pytest

from tests.cli.command import killed
from tests.cli.test_resume import measures, run_folder, xdl

RUNS = {  # the settings, the line after which it is ended, the folders of its trainings
    "vae": (
        ("epochs=6", "patience=2", "seeds=2", "betas=0.3,4", "beta_epochs=5", "bound=5", "hidden=32", "samples=300"),
        "beta 0.3:",
        ("", "again-1", "plane", "grey", "beta-0.3", "beta-1", "beta-4"),
    ),
    "autoencoder": (("epochs=8", "seeds=2", "hidden=32", "samples=300"), "seed 0:", ("", "again-1", "plane")),
    "denoising-autoencoder": (("epochs=5", "seeds=1", "samples=300"), "gaussian, seed 0", ("", "masking")),
}
TOLD = ("test_negative_elbo", "test_bound", "models", "betas", "grey", "test_error", "codes", "plane", "noises")


def untimed(folder):
    return [{name: x for name, x in epoch.items() if not name.endswith("per_second")} for epoch in measures(folder)]


@pytest.mark.parametrize("name", RUNS)
def test_a_run_of_several_trainings_goes_on_to_the_same_numbers(tmp_path, name):
    settings, after, parts = RUNS[name]
    arguments = ("run", name, "--epochs", settings[0].partition("=")[2])
    arguments += tuple(word for setting in settings[1:] for word in ("--set", setting))
    assert xdl(*arguments, "--out", "whole", cwd=tmp_path).returncode == 0
    killed(*arguments, cwd=tmp_path, by=signal.SIGTERM, after=after)
    folder = run_folder(tmp_path, name)
    assert not (folder / "summary.json").exists()
    result = xdl("run", folder.relative_to(tmp_path), "--resume", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (other,) = (tmp_path / "whole" / name).iterdir()
    for part in parts:
        assert untimed(folder / part) == untimed(other / part)
        weights = [(run / part / "model.safetensors").read_bytes() for run in (folder, other) if not part]
        assert len(set(weights)) <= 1
    found, expected = (json.loads((run / "summary.json").read_text()) for run in (folder, other))
    compared = [key for key in TOLD if key in expected]
    assert compared
    assert {key: found[key] for key in compared} == {key: expected[key] for key in compared}
