"""What batch norm does inside a network, and what of it is the noise of its statistics."""

import io
from types import SimpleNamespace

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.data import TensorDataset
from xdl.errors import SettingError
from xdl.experiments.improving.batchnorm_effect import Settings, build
from xdl.experiments.improving.batchnorm_noise import Settings as NoiseSettings
from xdl.experiments.improving.batchnorm_noise import Together
from xdl.experiments.improving.ghost_norm import GhostBatchNorm
from xdl.experiments.improving.layer_watch import LayerWatch
from xdl.plot import load_data
from xdl.runs.start import RunRequest, start


@pytest.fixture(autouse=True)
def _one_thread(without_figures):
    xdl.set_num_threads(1)


def run(name, out, **given):
    text = {key: str(value) for key, value in given.items()}
    summary = start(name, RunRequest(text), out=out, stream=io.StringIO()).perform()
    (folder,) = out.glob("*/*")
    return summary, folder


def test_batch_norm_keeps_deep_sigmoids_awake(tmp_path):
    summary, folder = run("batchnorm-effect", tmp_path, epochs=2, batch_size=128, seeds=2)
    without, with_norm = summary["trainings"]
    fading = "first layer's gradient over the last's"
    assert without[fading] < 0.01
    assert 0.3 < with_norm[fading] < 3
    told = summary["what_to_see"]
    assert told[0].startswith("before training the first layer's gradient is 0.0")
    assert "with batch norm that share is nearer to 1 (in 2 of 2 seeds)" in told
    assert (folder / "with-batch-norm-again-1" / "metrics.jsonl").is_file()
    for name in ("saturated", "std", "mean", "gradient"):
        options = load_data(folder / "figures" / f"{name}.safetensors").options
        assert options["share"] is True
        assert options["log"] is (name == "gradient")
        assert [len(panel["curves"]) for panel in options["panels"]] == [5, 5]
        assert all("low" in curve for panel in options["panels"] for curve in panel["curves"])


def test_large_weights_saturate_the_units_from_the_start(tmp_path):
    summary, _ = run("batchnorm-effect", tmp_path, epochs=1, batch_size=128, seeds=1, scale=4, layers=3)
    without, with_norm = summary["trainings"]
    assert without["saturated at the start"] > 10 * with_norm["saturated at the start"]


def test_watching_layers_changes_nothing():
    data = xdl.data.load_digits()
    model = build(Settings(layers=2, width=8), data.image_shape, 10)
    before = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    watch = LayerWatch(model, data, "sigmoid")
    watch.look()
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])
    assert all(p.grad is None for p in model.parameters())
    assert [set(row) for row in watch.epochs[0]] == [{"mean", "std", "saturated", "gradient"}] * 2


def test_all_classes_are_looked_at_also_in_sorted_data():
    labels = np.arange(10).repeat(100)
    data = SimpleNamespace(train=TensorDataset(np.zeros((1000, 1, 2, 2), np.float32), labels))
    watch = LayerWatch(nn.Sequential(nn.Flatten(), nn.Linear(4, 10)), data, "sigmoid")
    assert set(watch.labels.tolist()) == {*range(10)}


def test_a_ghost_of_the_whole_batch_is_batch_norm():
    x = xdl.randn(12, 3) * 2 + 1
    ghost, whole = GhostBatchNorm(3, 12), nn.BatchNorm1d(3)
    np.testing.assert_allclose(ghost(x).tolist(), whole(x).tolist(), atol=1e-6)
    np.testing.assert_allclose(ghost.mean.tolist(), whole.running_mean.tolist(), rtol=1e-5)
    np.testing.assert_allclose(ghost.var.tolist(), whole.running_var.tolist(), rtol=1e-5)
    np.testing.assert_allclose(ghost.eval()(x).tolist(), whole.eval()(x).tolist(), atol=1e-5)


def test_each_ghost_is_normalized_by_itself():
    x = xdl.randn(12, 3) * 2 + 1
    parts = [nn.BatchNorm1d(3)(x[i : i + 4]).tolist() for i in (0, 4, 8)]
    np.testing.assert_allclose(GhostBatchNorm(3, 4)(x).tolist(), np.concatenate(parts), atol=1e-6)


def test_values_where_the_training_loss_is_at_a_level():
    way = Together([2.0, 1.0, 0.5], [3.0, 2.0, 2.5], [0.1, 0.2, 0.3])
    assert way.at(1.5, way.validation) == pytest.approx(2.5)
    assert way.at(0.5, way.accuracy) == pytest.approx(0.3)
    assert way.at(2.5, way.validation) == 3.0
    assert np.isnan(way.at(0.1, way.validation))


def test_ghosts_divide_the_batch():
    with pytest.raises(SettingError, match="divisors of batch_size = 100"):
        NoiseSettings(ghosts=(30,))


def test_the_noise_of_small_ghost_batches_regularizes(tmp_path):
    summary, folder = run("batchnorm-noise", tmp_path, seeds=1, ghosts="5,100", epochs=20, level=1.1)
    without, small, large = summary["trainings"]
    assert without["training"] == "without batch norm"
    assert small["gap"] < large["gap"] - 0.1
    assert small["validation loss compared"] < large["validation loss compared"]
    told = summary["what_to_see"]
    assert told[0].startswith("where the training loss is 1.1, the validation loss is lower with statistics of 5 than")
    assert told[1].startswith("not seen here")
    sizes = load_data(folder / "figures" / "sizes.safetensors")
    assert [panel["title"] for panel in sizes.options["panels"]] == [
        "validation loss where the training loss is 1.1",
        "test accuracy at the end",
    ]
