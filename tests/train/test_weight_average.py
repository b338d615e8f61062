"""Averages of weights during a training."""

import numpy as np
import pytest

import xdl
from tests.train.around import blobs, trainer_for
from xdl import nn
from xdl.data import DataLoader
from xdl.errors import CheckpointError, SettingError
from xdl.models import MLP
from xdl.train import Callback, EarlyStopping, WeightAverage


class Weights(Callback):
    """Notes the model's weights after each step."""

    def __init__(self):
        self.seen = []

    def on_step_end(self, trainer):
        self.seen.append(flat(trainer.model))


def flat(model):
    return np.concatenate([p.numpy().ravel() for p in model.parameters()])


def train(epochs=2, more=(), **options):
    xdl.manual_seed(0)
    model, weights = MLP((2, 3)), Weights()
    average = WeightAverage(model, **options)
    trainer = trainer_for(model, callbacks=[*more, average, weights])
    trainer.fit(DataLoader(blobs(), 20), DataLoader(blobs(30), 30), epochs)
    return trainer, weights.seen, average


def test_the_model_ends_with_the_mean_of_all_steps():
    trainer, seen, average = train(decay=None)
    assert (average.count, len(seen)) == (6, 6)
    np.testing.assert_allclose(flat(trainer.model), np.mean(seen, axis=0), atol=1e-6)


def test_a_moving_average():
    trainer, seen, _ = train(decay=0.6, warm_up=False)
    expected = seen[0]
    for weights in seen[1:]:
        expected = 0.6 * expected + 0.4 * weights
    np.testing.assert_allclose(flat(trainer.model), expected, atol=1e-6)


def test_a_start_and_a_stride():
    trainer, seen, average = train(decay=None, start=2, every=2)
    assert average.count == 2
    np.testing.assert_allclose(flat(trainer.model), (seen[3] + seen[5]) / 2, atol=1e-6)


def test_validation_measures_the_averages_and_training_goes_on_with_the_weights():
    trainer, _, _ = train(decay=None)
    assert trainer.history[-1]["validation_loss"] == trainer.evaluate(DataLoader(blobs(30), 30))["loss"]
    xdl.manual_seed(0)
    plain = trainer_for(MLP((2, 3)))
    plain.fit(DataLoader(blobs(), 20), DataLoader(blobs(30), 30), 2)
    assert plain.history[1]["train_loss"] == trainer.history[1]["train_loss"]
    assert plain.history[1]["validation_loss"] != trainer.history[1]["validation_loss"]


def test_before_the_start_the_model_itself_is_measured():
    trainer, seen, average = train(start=100)
    assert average.count == 0
    np.testing.assert_array_equal(flat(trainer.model), seen[-1])
    assert trainer.history[-1]["validation_loss"] == trainer.evaluate(DataLoader(blobs(30), 30))["loss"]


class Score(Callback):
    """Says that the second epoch is the best, and keeps its averages."""

    order = -1

    def on_epoch_end(self, trainer, record):
        record["score"] = (3, 1, 2, 2)[trainer.epoch - 1]
        if trainer.epoch == 2:
            self.averages = flat(trainer.evaluated).copy()


@pytest.mark.parametrize("patience", [1, 50])
def test_early_stopping_keeps_the_averages_that_were_measured(patience):
    score = Score()
    trainer, seen, _ = train(epochs=4, more=(EarlyStopping("score", patience, mode="min"), score), decay=0.9)
    assert len(trainer.history) == min(2 + patience, 4)
    np.testing.assert_array_equal(flat(trainer.model), score.averages)
    assert not np.array_equal(score.averages, seen[5])


def test_an_error_leaves_the_model_its_own_weights():
    class Break(Callback):
        def on_step_end(self, trainer):
            if trainer.step == 4:
                raise ValueError("broken")

    model, weights = MLP((2, 3)), Weights()
    trainer = trainer_for(model, callbacks=[WeightAverage(model, None), weights, Break()])
    with pytest.raises(ValueError, match="broken"):
        trainer.fit(DataLoader(blobs(), 20), epochs=2)
    np.testing.assert_array_equal(flat(model), weights.seen[-1])
    assert trainer.evaluated is model


class Statistics(Callback):
    """Notes batch norm's buffers after each step."""

    def __init__(self):
        self.means, self.counts = [], []

    def on_step_end(self, trainer):
        self.means.append(trainer.model[1].running_mean.numpy().copy())
        self.counts.append(trainer.model[1].num_batches_tracked.item())


def test_floating_buffers_are_averaged_as_the_weights_and_whole_numbers_copied():
    model, seen = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)), Statistics()
    average = WeightAverage(model, None)
    trainer_for(model, callbacks=[average, seen]).fit(DataLoader(blobs(), 20))
    norm = average.averaged.module[1]
    np.testing.assert_allclose(norm.running_mean.numpy(), np.mean(seen.means, axis=0), rtol=1e-5)
    assert norm.num_batches_tracked.item() == seen.counts[-1] == 3


def test_the_first_decays_are_smaller():
    trainer, seen, _ = train(decay=0.3)
    expected = seen[0]
    for n, weights in enumerate(seen[1:], 1):
        decay = (2 / 11, 3 / 12, 0.3, 0.3, 0.3)[n - 1]
        expected = decay * expected + (1 - decay) * weights
    np.testing.assert_allclose(flat(trainer.model), expected, atol=1e-6)


def test_settings_and_states_that_do_not_fit_are_refused():
    for options in ({"every": 0}, {"start": -1}, {"decay": 1.5}):
        with pytest.raises(SettingError, match=next(iter(options))):
            WeightAverage(MLP((2, 3)), **options)
    with pytest.raises(CheckpointError, match=r"module\.layers\.1\.weight"):
        WeightAverage(MLP((2, 3))).load_state_dict(WeightAverage(MLP((2, 4))).state_dict())
    with pytest.raises(CheckpointError, match="count and averaged"):
        WeightAverage(MLP((2, 3))).load_state_dict({"averaged": {}})
