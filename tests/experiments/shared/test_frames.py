"""What makes samples leaves its training in slow motion, from noise that stays the same."""

import io

import numpy as np
import pytest

import xdl
from xdl.experiments.shared.generated.frames import frames_of
from xdl.runs.start import RunRequest, start
from xdl.train import load_state

FEW = {"samples": "200", "seeds": "1"}
TINY = {
    "conv-autoencoder": FEW | {"epochs": "3"},
    "denoising-autoencoder": FEW | {"epochs": "3"},
    "sparse-autoencoder": FEW | {"epochs": "3"},
    "pca-vs-autoencoder": FEW | {"epochs": "3", "codes": "2,4", "steps": "5"},
    "conditional-vae": FEW | {"epochs": "3", "bound": "2"},
    "rbm": FEW | {"epochs": "3", "hidden": "4", "steps": "5", "chains": "10"},
    "dbn": FEW | {"passes": "3", "steps": "3", "few_steps": "3", "chain": "3"},
    "diffusion-points": {"seeds": "1", "points": "500", "steps": "20", "samples": "100", "sampling": "5"},
}
SHAPES = {"conditional-vae": (100, 1, 8, 8), "rbm": (20, 64), "dbn": (20, 64), "diffusion-points": (200, 2)}


@pytest.mark.parametrize("name", TINY)
def test_each_training_keeps_frames(name, tmp_path, without_figures):
    start(name, RunRequest(TINY[name], seed=0), out=tmp_path, stream=io.StringIO()).perform()
    found = sorted(tmp_path.rglob("frames.safetensors"))
    assert found
    for path in found:
        frames = load_state(path, kind="frames")
        assert frames["steps"][0] == 0 < frames["steps"][-1]
        shapes = {samples.shape for samples in frames["samples"]}
        assert shapes == {SHAPES.get(name, (10, 1, 8, 8))}
        assert not np.array_equal(frames["samples"][0], frames["samples"][-1])


def test_frames_are_of_the_same_noise_and_leave_the_random_numbers_of_the_training_alone():
    class Watched:
        epoch, step = 0, 0

        class evaluation:
            @staticmethod
            def eval():
                pass

    frames = frames_of(lambda _: xdl.randn(3), 1)
    xdl.manual_seed(5)
    expected = xdl.randn(4).numpy()
    xdl.manual_seed(5)
    frames.on_fit_start(Watched())
    np.testing.assert_array_equal(xdl.randn(4).numpy(), expected)
    frames.on_epoch_end(Watched(), {})
    np.testing.assert_array_equal(*frames.samples)
