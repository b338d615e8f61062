"""WeightSnapshots: pictures of the right weights at the right steps, and the strip of all."""

import sys

import numpy as np
import pytest

import xdl
from tests.train.around import blobs, trainer_for
from xdl import nn
from xdl.data import DataLoader, TensorDataset
from xdl.errors import CheckpointError, SettingError, ShapeError, XdlError
from xdl.models import MLP
from xdl.train import WeightSnapshots
from xdl.train.callbacks import weight_snapshots


def images(n=12):
    rng = np.random.default_rng(0)
    return TensorDataset(rng.normal(size=(n, 1, 6, 6)).astype(np.float32), np.arange(n) % 3, num_classes=3)


def convolution():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(64, 3))


def fit(folder, model=None, epochs=2, data=None, **options):
    callback = WeightSnapshots(folder, **options)
    trainer = trainer_for(model or convolution(), callbacks=[callback])
    trainer.fit(DataLoader(data or images(), 4), epochs=epochs)
    return trainer, callback


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_picture_before_training_and_after_each_epoch_and_the_strip(tmp_path):
    fit(tmp_path / "deep" / "weights")
    pictures = ["step-0000000.png", "step-0000003.png", "step-0000006.png"]
    assert names(tmp_path / "deep" / "weights") == [*pictures, "strip.png", "strip.safetensors"]
    assert len({(tmp_path / "deep" / "weights" / name).read_bytes() for name in pictures}) == 3


def test_steps_and_no_strip(tmp_path):
    fit(tmp_path, every_epochs=None, every_steps=2, strip=False)
    assert names(tmp_path) == [f"step-000000{step}.png" for step in (0, 2, 4, 6)]


def test_the_strip_gets_the_weights_of_the_steps(tmp_path):
    trainer, _ = fit(tmp_path)
    data = xdl.plot.load_data(tmp_path / "strip.safetensors")
    assert (data.kind, data.arrays["steps"].tolist()) == ("snapshots", [0, 1, 2, 5, 6])
    weights = data.arrays["weights"]
    np.testing.assert_array_equal(weights[-1], trainer.model[0].weight.numpy()[:, 0])
    assert not np.array_equal(weights[0], weights[-1])
    xdl.plot.draw(data, tmp_path / "again.png")
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "strip.png").read_bytes()


def test_a_linear_layers_rows_are_images(tmp_path):
    _, callback = fit(tmp_path / "square", parameter="2.weight")
    assert callback._weights[0].shape == (3, 8, 8)
    _, callback = fit(tmp_path / "channels", parameter="2.weight", shape=(4, 4, 4))
    assert callback._weights[0].shape == (3, 4, 4, 4)


def test_the_rows_of_the_strip_lie_at_log_spaced_steps(tmp_path):
    trainer, callback = fit(tmp_path, epochs=18)
    assert callback._steps == [0, 1, 2, 5, 10, 20, 50, 54]
    np.testing.assert_array_equal(callback._weights[-1], trainer.model[0].weight.numpy())
    assert len(names(tmp_path)) == 19 + 2  # all pictures, and the strip with its data


def test_a_million_steps_keep_twenty_rows():
    assert sum(map(weight_snapshots._is_of_the_strip, range(1_000_001))) == 20


def test_the_strip_is_named(tmp_path):
    fit(tmp_path, title="lenet on digits", names=("a", "b", "c", "d"))
    data = xdl.plot.load_data(tmp_path / "strip.safetensors")
    assert (data.title, data.options["names"]) == ("lenet on digits: 4 filters during training", ["a", "b", "c", "d"])


def test_a_resumed_training_goes_on_with_the_strip(tmp_path):
    trainer, callback = fit(tmp_path, epochs=1)
    again = WeightSnapshots(tmp_path)
    resumed = trainer_for(convolution(), callbacks=[again])
    resumed.load_state_dict(trainer.state_dict())
    resumed.fit(DataLoader(images(), 4), epochs=3)
    assert callback._steps == [0, 1, 2, 3]
    assert again._steps == [0, 1, 2, 5, 9]  # 3, the end of the first fit, has made way
    np.testing.assert_array_equal(again._weights[0], callback._weights[0])
    with pytest.raises(CheckpointError):
        again.load_state_dict({"steps": [1], "weights": []})


def test_refusals(tmp_path):
    with pytest.raises(SettingError, match="every_steps >= 1"):
        WeightSnapshots(tmp_path, every_steps=0)
    with pytest.raises(SettingError, match=r"0\.weight"):
        fit(tmp_path, parameter="0.weigth")
    with pytest.raises(ShapeError, match=r"images of \(1, 1\).*shape="):
        fit(tmp_path, MLP((2, 3)), data=blobs())
    with pytest.raises(SettingError, match="none in the model"):
        WeightSnapshots(tmp_path).chosen(nn.ReLU())


def test_a_missing_matplotlib_is_named_before_training(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(XdlError, match="pip install"):
        fit(tmp_path)
    fit(tmp_path, strip=False)
