"""Early stopping and the measure that it follows."""

import numpy as np
import pytest

from tests.train.around import blobs, trainer_for
from xdl import nn
from xdl.data import DataLoader
from xdl.errors import CheckpointError, SettingError
from xdl.models import MLP
from xdl.train import Best, Callback, EarlyStopping


class Script(Callback):
    """Writes given values into the records as "score", and keeps the weights of every epoch."""

    order = -1

    def __init__(self, *scores):
        self.scores, self.weights = scores, []

    def on_epoch_end(self, trainer, record):
        record["score"] = self.scores[trainer.epoch - 1]
        self.weights.append(trainer.model.state_dict()["layers.1.weight"].numpy().copy())


def run(scores, epochs=None, **options):
    """Trains with these scores; the trainer, the script, and the callback."""
    script, stopping = Script(*scores), EarlyStopping("score", mode="min", **options)
    trainer = trainer_for(MLP((2, 3)), callbacks=[stopping, script])
    trainer.fit(DataLoader(blobs(), 30), epochs=epochs or len(scores))
    return trainer, script, stopping


def weights(trainer):
    return trainer.model.state_dict()["layers.1.weight"].numpy()


def test_it_stops_after_patience_epochs_and_brings_back_the_best():
    trainer, script, stopping = run([5, 3, 4, 3, 3.5, 1, 0], patience=3)
    assert len(trainer.history) == 5
    assert (stopping.best.value, stopping.best.epoch) == (3, 2)
    np.testing.assert_array_equal(weights(trainer), script.weights[1])
    assert not np.array_equal(weights(trainer), script.weights[-1])


def test_the_best_comes_back_also_where_all_epochs_were_made():
    trainer, script, _ = run([5, 3, 4], patience=3)
    assert len(trainer.history) == 3
    np.testing.assert_array_equal(weights(trainer), script.weights[1])


def test_a_new_fit_is_waited_for_anew():
    trainer, script, _ = run([1, 2, 2, 3, 3, 3], epochs=4, patience=2)
    assert len(trainer.history) == 3
    assert len(trainer.fit(DataLoader(blobs(), 30), epochs=3)) == 5
    np.testing.assert_array_equal(weights(trainer), script.weights[0])


def test_a_resume_goes_on_waiting():
    first, script, stopping = run([3, 1, 2], patience=3)
    state = first.state_dict()
    again = trainer_for(MLP((2, 3)), callbacks=[EarlyStopping("score", 3, mode="min"), Script(3, 1, 2, 2, 2, 2)])
    again.load_state_dict(state)
    again.callbacks.members[0].weights = script.weights
    assert len(again.fit(DataLoader(blobs(), 30), epochs=6)) == 5
    np.testing.assert_array_equal(weights(again), script.weights[1])
    assert stopping.waiting == 1


def test_without_restoring_the_last_stays():
    trainer, script, _ = run([5, 3, 4], patience=1, restore_best=False)
    np.testing.assert_array_equal(weights(trainer), script.weights[2])


def test_too_small_a_gain_counts_as_none():
    assert len(run([5, 4.6, 4.2, 4.0], patience=2, min_delta=0.5)[0].history) == 4
    assert len(run([5, 4.6, 4.6, 4.0], patience=2, min_delta=0.5)[0].history) == 3


def test_buffers_come_back_too():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))

    class Keep(Script):
        def on_epoch_end(self, trainer, record):
            record["score"] = self.scores[trainer.epoch - 1]
            self.weights.append(trainer.model[1].running_mean.numpy().copy())

    script = Keep(1, 2, 2)
    trainer_for(model, callbacks=[EarlyStopping("score", 2, mode="min"), script]).fit(DataLoader(blobs(), 30), epochs=3)
    np.testing.assert_array_equal(model[1].running_mean.numpy(), script.weights[0])
    assert not np.array_equal(script.weights[0], script.weights[2])


def test_an_error_leaves_the_weights_as_they_are():
    class Break(Callback):
        def on_epoch_end(self, trainer, _):
            if trainer.epoch == 2:
                raise ValueError("broken")

    script = Script(1, 2)
    trainer = trainer_for(MLP((2, 3)), callbacks=[EarlyStopping("score", 5, mode="min"), script, Break()])
    with pytest.raises(ValueError, match="broken"):
        trainer.fit(DataLoader(blobs(), 30), epochs=3)
    np.testing.assert_array_equal(weights(trainer), script.weights[1])


def test_it_really_stops_overfitting():
    """Labels of noise: validation gets worse while training gets better."""
    train, validation = blobs(30), blobs(30, seed=1)
    np.random.default_rng(0).shuffle(train.arrays[1])
    trainer = trainer_for(MLP((2, 64, 3)), lr=0.5, callbacks=[EarlyStopping(patience=4)])
    history = trainer.fit(DataLoader(train, 30), DataLoader(validation, 30), epochs=200)
    losses = [record["validation_loss"] for record in history]
    assert len(losses) < 200
    assert trainer.evaluate(DataLoader(validation, 30))["loss"] == min(losses) < losses[-1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patience": 0}, "patience >= 1"),
        ({"mode": "least"}, r"mode: min or max, found 'least'"),
        ({"min_delta": -1.0}, "min_delta >= 0"),
        ({"measure": "validation_perplexity"}, 'mode="min" or mode="max"'),
    ],
)
def test_settings_out_of_range_are_refused(options, words):
    with pytest.raises(SettingError, match=f"EarlyStopping: expected {words}"):
        EarlyStopping(**options)


def test_a_measure_that_is_not_there_is_refused_with_the_nearest():
    trainer = trainer_for(MLP((2, 3)), callbacks=[EarlyStopping("validation_loss")])
    with pytest.raises(SettingError, match=r"found 'validation_loss'.*train_loss.*fit\(train, validation\)"):
        trainer.fit(DataLoader(blobs(), 30))


def test_the_best_of_a_loss_is_small_and_of_an_accuracy_large():
    loss, accuracy = Best("test", "validation_loss"), Best("test", "validation_accuracy")
    records = [
        {"epoch": e, "validation_loss": v, "validation_accuracy": v} for e, v in enumerate((2, 3, 1, float("nan")), 1)
    ]
    assert [loss.improves(record) for record in records] == [True, False, True, False]
    assert [accuracy.improves(record) for record in records] == [True, True, False, False]
    assert (loss.value, loss.epoch, accuracy.value, accuracy.epoch) == (1, 3, 3, 2)


def test_the_state_of_another_measure_is_refused():
    best = Best("EarlyStopping", "validation_loss")
    with pytest.raises(CheckpointError, match="validation_accuracy"):
        best.load_state_dict(Best("EarlyStopping", "validation_accuracy").state_dict())
    assert best.epoch == 0
