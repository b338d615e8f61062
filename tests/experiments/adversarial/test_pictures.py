"""Generators of images: scores, what their runs leave, a planted collapse, pictures from seeds."""

import io
import json
from math import log, pi

import numpy as np
import pytest

import xdl
from xdl.data import load_digits
from xdl.errors import CollapseError, SettingError
from xdl.experiments.adversarial.images import pictures
from xdl.experiments.adversarial.images.checkerboard import checkerboard
from xdl.experiments.shared.generated.scorer import Scorer, build
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.registry import find
from xdl.runs.resume import resume
from xdl.runs.saved_run import read_run
from xdl.runs.start import RunRequest, start
from xdl.train import load_state

FIGURES = {"training", "measures", "nearest"}
TINY = {"epochs": 2, "scorer_epochs": 3}
SMALL = {
    "gan-mnist": {"hidden": "32,32"},
    "conditional-gan": {"hidden": "32,32"},
    "wgan-mnist": {"width": 4, "epochs": 3},
    "dcgan": {"width": 4},
}


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    request = RunRequest({key: str(value) for key, value in (TINY | SMALL[name] | given).items()})
    summary = start(name, request, out=out, stream=io.StringIO()).perform()
    (folder,) = (out / name).iterdir()
    return summary, folder


@pytest.mark.parametrize("name", SMALL)
def test_a_run_scores_its_samples_and_leaves_a_generator(tmp_path, without_figures, name):
    summary, folder = run(name, tmp_path)
    assert {path.stem for path in (folder / "figures").iterdir()} == FIGURES
    assert summary["frechet_real"] < summary["samples_frechet"] < 2 * summary["frechet_untrained"]
    assert summary["scorer_accuracy"] > 0.85
    assert sum(summary["class_shares"]) == pytest.approx(1)
    assert summary["least_share"] == min(summary["class_shares"])
    assert ("samples_obeyed" in summary) == (name == "conditional-gan")
    assert ("tracks" in summary) == (name == "wgan-mnist")
    found = evaluate(folder)
    assert found["samples_frechet"] == pytest.approx(summary["samples_frechet"], rel=1e-5)
    made = predict(folder, ["3"], {"number": "2", "to": "4", "label": "7"})["samples"][0]
    assert np.shape(made["pictures"]) == (2, 8, 8)
    assert made["label"] == (7 if name == "conditional-gan" else None)


def test_a_batch_of_more_images_than_there_are_names_the_setting(tmp_path):
    with pytest.raises(SettingError, match=r"--set batch_size.*at most the 1295 training images, found 2000"):
        run("dcgan", tmp_path, batch_size=2000)


def test_the_rates_fall_in_the_last_share_of_the_steps(tmp_path, without_figures):
    _, folder = run("dcgan", tmp_path, epochs=4, decay=0.5, lr=0.0008)
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    steps = records[0]["step"]
    assert [record["lr"] for record in records] == pytest.approx([0.0008, 0.0008, 0.0004, 0.0], abs=0.0008 / steps)


def test_a_digit_can_be_asked_for(tmp_path, without_figures):
    _, folder = run("conditional-gan", tmp_path)
    with pytest.raises(SettingError, match="a class below 10, found 10"):
        predict(folder, ["3"], {"label": "10"})
    one, other = (predict(folder, ["3"], {"label": label})["samples"][0]["pictures"] for label in "17")
    assert one != other


def test_a_resumed_run_is_the_one_that_was_not_interrupted(tmp_path, without_figures):
    whole, folder = run("dcgan", tmp_path / "whole", epochs=3)
    _, broken = run("dcgan", tmp_path / "broken", epochs=2)
    (broken / "summary.json").unlink()
    about = json.loads((broken / "run.json").read_text())
    about["settings"]["epochs"] = 3
    (broken / "run.json").write_text(json.dumps(about))
    resumed = resume(read_run(broken), RunRequest({}), stream=io.StringIO()).perform()
    assert resumed["class_shares"] == whole["class_shares"]
    assert resumed["samples_frechet"] == whole["samples_frechet"]
    for name in ("model.safetensors", "scorer.safetensors", "frames.safetensors"):
        assert (broken / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("name", SMALL)
def test_a_generator_that_makes_one_class_ends_the_run(tmp_path, monkeypatch, without_figures, name):
    """Planted: from the fourth look on it gives the same image for any noise. The scorer tells by the entropy."""
    looks = []

    class Stuck(pictures.PictureLook):
        def standardized(self, task):
            looks.append(0)
            made = super().standardized(task)
            real = xdl.tensor(load_digits().train.arrays[0][: len(made)])
            return real if len(looks) < 4 else real[:1].expand(len(made), -1, -1, -1)

    monkeypatch.setattr(pictures, "PictureLook", Stuck)
    with pytest.raises(CollapseError, match=r"entropy to stay at 1\.15.* found 0 after epoch 3, step"):
        run(name, tmp_path, epochs=4)
    (folder,) = (tmp_path / name).iterdir()
    kept, model = load_state(folder / "last.safetensors"), read_run(folder)
    assert kept["progress"]["epoch"] == 2
    made = pictures.Kind.task(find(name).load().KIND, model.settings, (1, 8, 8), 10).generator
    weights = model.trained(made).state_dict()
    assert all(np.array_equal(weights[key].numpy(), kept["generator"][key]) for key in weights)
    assert np.shape(predict(folder, ["3"], {})["samples"][0]["pictures"]) == (1, 8, 8)


def test_a_generator_of_noise_has_nothing_to_lose(tmp_path, monkeypatch, without_figures):
    """Planted: images that the scorer sorts into many classes, but which are as far from real ones as noise."""
    looks = []

    class Hardly(pictures.PictureLook):
        def standardized(self, task):
            looks.append(0)
            made = super().standardized(task)
            real = xdl.tensor(load_digits().train.arrays[0][: len(made)])
            return 3 * real if len(looks) < 4 else real[:1].expand(len(made), -1, -1, -1)

    monkeypatch.setattr(pictures, "PictureLook", Hardly)
    summary, folder = run("gan-mnist", tmp_path, epochs=4)
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    entropy = [record["samples_entropy"] for record in records if "samples_entropy" in record]
    assert max(entropy) > 0.5 * log(10)
    assert entropy[-1] == 0
    assert summary["samples_entropy"] == 0


def test_scores_of_real_images_noise_and_one_image():
    data = load_digits()
    xdl.manual_seed(0)
    scorer = Scorer(build(data.image_shape, 10), data)  # untrained: features all the same
    real = xdl.tensor(data.test.arrays[0])
    assert scorer.count == 359
    assert scorer.floor.frechet < 0.2 * scorer.ceiling.frechet
    assert scorer.scores(real[:1].expand(50, -1, -1, -1)).entropy == 0
    assert scorer.scores(real).entropy <= log(10)
    assert scorer.logits(real).shape == (359, 10)
    assert scorer.features(real).shape == (359, 64)


def test_the_checkerboard_measure():
    board = xdl.tensor([[1.0, -1.0] * 4, [-1.0, 1.0] * 4] * 4)
    assert checkerboard(board[None]) == pytest.approx(1)
    assert checkerboard(xdl.tensor([[1.0, -1.0] * 4] * 8)[None]) == pytest.approx(1)
    wave = (xdl.arange(8).to("float32") * (pi / 4)).sin()
    assert checkerboard((wave.reshape(-1, 1) + wave)[None]) < 1e-9
    xdl.manual_seed(0)
    assert checkerboard(xdl.randn(4000, 8, 8)) == pytest.approx(3 / 64, rel=0.1)
    assert checkerboard(xdl.ones(2, 8, 8)) == 0
