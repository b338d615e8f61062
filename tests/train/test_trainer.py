"""The training loop: it learns, counts, tells its callbacks, and stops where numbers end."""

from functools import partial

import numpy as np
import pytest

import xdl
from tests.train.around import blobs, trainer_for
from xdl import nn
from xdl.data import DataLoader, TensorDataset
from xdl.errors import DataError, NonFiniteError, SettingError
from xdl.models import MLP
from xdl.train import Callback, WeightAverage


class Diary(Callback):
    """Notes what it is told."""

    def __init__(self):
        self.events = []

    def on_fit_start(self, trainer):
        self.events.append(("start", trainer.epochs, trainer.batches))

    def on_log(self, trainer, measures):
        self.events.append(("log", trainer.epoch, trainer.batch, trainer.step, sorted(measures)))

    def on_epoch_end(self, _, record):
        self.events.append(("epoch", record["epoch"], record["step"]))

    def on_fit_end(self, trainer):
        self.events.append(("end", trainer.epoch))


def test_it_learns():
    trainer = trainer_for(MLP((2, 8, 3)))
    history = trainer.fit(DataLoader(blobs(), 10, shuffle=True), DataLoader(blobs(seed=1), 30), epochs=15)
    assert history[-1]["train_loss"] < history[0]["train_loss"] / 2
    assert history[-1]["validation_accuracy"] > 0.95


def test_a_record_holds_every_measure():
    trainer = trainer_for(MLP((2, 3)))
    (record,) = trainer.fit(DataLoader(blobs(), 7), DataLoader(blobs(), 60))
    measured = {f"{part}_{name}" for part in ("train", "validation") for name in ("loss", "accuracy")}
    assert set(record) == measured | {"epoch", "step", "lr", "seconds", "train_samples_per_second"}
    assert (record["epoch"], record["step"], record["lr"]) == (1, 9, 0.1)
    assert trainer.fit(DataLoader(blobs(), 7), epochs=2) is trainer.history
    assert [(r["epoch"], r["step"]) for r in trainer.history] == [(1, 9), (2, 18), (3, 27)]


def test_the_step_is_the_gradient_step():
    model = MLP((2, 3))
    dataset = blobs(6)
    x, y = (xdl.tensor(a) for a in dataset.arrays)
    before = model.state_dict()["layers.1.weight"].numpy().copy()
    (gradient,) = xdl.grad(nn.CrossEntropyLoss()(model(x), y), model.layers[1].weight)
    trainer_for(model, lr=0.5).fit(DataLoader(dataset, 6))
    after = model.state_dict()["layers.1.weight"].numpy()
    np.testing.assert_allclose(after, before - 0.5 * gradient.numpy(), atol=1e-6)


def test_callbacks_hear_of_everything_in_order():
    diary = Diary()
    trainer_for(MLP((2, 3)), callbacks=[diary], log_every=2).fit(DataLoader(blobs(30), 10), epochs=2)
    measures = ["accuracy", "loss", "lr", "samples_per_second", "seconds_per_step"]
    assert diary.events == [
        ("start", 2, 3),
        ("log", 1, 2, 2, measures),
        ("epoch", 1, 3),
        ("log", 2, 1, 4, measures),
        ("log", 2, 3, 6, measures),
        ("epoch", 2, 6),
        ("end", 2),
    ]


def test_callbacks_hear_of_the_end_however_it_comes():
    class Stop(Callback):
        def on_epoch_end(self, *_):
            raise KeyboardInterrupt

    diary = Diary()
    with pytest.raises(KeyboardInterrupt):
        trainer_for(MLP((2, 3)), callbacks=[Stop(), diary]).fit(DataLoader(blobs(), 30), epochs=5)
    assert diary.events == [("start", 5, 2), ("end", 1)]


def test_evaluation_weighs_samples_not_batches_and_changes_nothing():
    model = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5), nn.BatchNorm1d(3))
    trainer = trainer_for(model)
    before = {name: t.numpy().copy() for name, t in model.state_dict().items()}
    whole, uneven = trainer.evaluate(DataLoader(blobs(), 60)), trainer.evaluate(DataLoader(blobs(), 49))
    assert whole == pytest.approx(uneven, abs=1e-6)
    assert not model.training
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])


def test_training_mode_is_on_in_every_epoch():
    seen = []

    class Watch(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(2, 3)

        def forward(self, x):
            seen.append(self.training)
            return self.linear(x)

    trainer_for(Watch()).fit(DataLoader(blobs(20), 20), DataLoader(blobs(20), 20), epochs=2)
    assert seen == [True, False, True, False]


def test_predict_keeps_the_order_and_needs_no_target():
    trainer = trainer_for(MLP((2, 3)))
    dataset = blobs(25)
    with_targets = trainer.predict(DataLoader(dataset, 10))
    without = trainer.predict(DataLoader(TensorDataset(dataset.arrays[0]), 25))
    assert with_targets.shape == (25, 3)
    assert not with_targets.requires_grad
    np.testing.assert_allclose(with_targets.numpy(), without.numpy(), atol=1e-6)


@pytest.mark.parametrize("log_every", [1, 3, 100])
def test_a_loss_that_is_not_finite_stops_and_names_its_step(log_every):
    dataset = blobs(60)
    dataset.arrays[0][35] = np.nan  # sample 35 comes in step 4 of batches of 10
    model = MLP((2, 3))
    trainer = trainer_for(model, log_every=log_every)
    with pytest.raises(NonFiniteError, match=r"Trainer\.fit: expected a finite loss, found nan at step 4"):
        trainer.fit(DataLoader(dataset, 10), epochs=3)
    assert trainer.epoch == 1


def test_evaluation_refuses_a_loss_that_is_not_finite():
    dataset = blobs(60)
    dataset.arrays[0][59] = np.nan
    with pytest.raises(NonFiniteError, match=r"Trainer\.evaluate"):
        trainer_for(MLP((2, 3))).evaluate(DataLoader(dataset, 60))


def test_a_loader_without_batches_is_refused():
    trainer = trainer_for(MLP((2, 3)))
    with pytest.raises(DataError, match="at least one batch"):
        trainer.fit(DataLoader(blobs(5), 10, drop_last=True))
    with pytest.raises(DataError, match="at least one batch"):
        trainer.evaluate([])


def test_equal_seeds_give_equal_runs():
    def run(seed):
        xdl.manual_seed(seed)
        model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
        history = trainer_for(model).fit(DataLoader(blobs(), 10, shuffle=True), epochs=2)
        return [record["train_loss"] for record in history], model.state_dict()["0.weight"].tolist()

    assert run(5) == run(5) != run(6)


def test_training_never_looks_at_values_on_the_device(strict, no_synchronization):
    xdl.use("array_api_strict")
    model = MLP((2, 4, 3))
    batches = list(DataLoader(blobs(20), 10))
    options = {"accumulate": 2, "clip_norm": 1.0, "clip_value": 0.1, "log_every": 1000}
    penalty = partial(nn.utils.l2_penalty, list(model.parameters()))
    trainer = trainer_for(model, callbacks=[WeightAverage(model), Diary()], penalty=penalty, **options)
    with no_synchronization():
        trainer._train_step(batches)
        trainer.callbacks.tell("on_step_end", trainer)
    assert trainer.step == 1
    history = trainer.fit(batches, batches, epochs=2)
    assert history[1]["train_loss"] < history[0]["train_loss"]


@pytest.mark.parametrize("setting", [{"log_every": 0}, {"accumulate": 0}, {"clip_norm": 0.0}, {"clip_value": -1.0}])
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(SettingError, match=f"Trainer: expected {next(iter(setting))} >"):
        trainer_for(MLP((2, 3)), **setting)


@pytest.mark.parametrize("epochs", [-1, 1.5, "3"])
def test_epochs_are_a_whole_number(epochs):
    trainer = trainer_for(MLP((2, 3)))
    with pytest.raises(SettingError, match="expected epochs: 0, 1, 2"):
        trainer.fit([], epochs=epochs)


def test_callbacks_are_told_by_their_order_and_all_of_them_of_the_end():
    told = []

    class Named(Callback):
        def __init__(self, name, order, breaks=False):
            self.name, self.order, self.breaks = name, order, breaks

        def on_epoch_end(self, *_):
            told.append(self.name)

        def on_fit_end(self, _):
            told.append(self.name)
            if self.breaks:
                raise ValueError(self.name)

    members = [Named("c", 5), Named("a", 0, breaks=True), Named("b", 0), Named("first", -1)]
    with pytest.raises(ValueError, match="a"):
        trainer_for(MLP((2, 3)), callbacks=members).fit(DataLoader(blobs(), 30))
    assert told == ["first", "a", "b", "c"] * 2


def test_the_others_hear_of_the_end_though_one_cannot_start():
    class Broken(Callback):
        def on_fit_start(self, _):
            raise ValueError

    diary = Diary()
    with pytest.raises(ValueError):  # noqa: PT011
        trainer_for(MLP((2, 3)), callbacks=[diary, Broken()]).fit(DataLoader(blobs(), 30))
    assert diary.events == [("start", 1, 2), ("end", 0)]


def test_a_callback_ends_the_training_after_its_epoch():
    class Enough(Callback):
        def on_step_end(self, trainer):
            if trainer.step == 3:
                trainer.stop()

    trainer = trainer_for(MLP((2, 3)), callbacks=[Enough()])
    trainer.fit(DataLoader(blobs(), 30))
    assert [r["epoch"] for r in trainer.fit(DataLoader(blobs(), 30), epochs=5)] == [1, 2]
    assert trainer.done
    assert len(trainer.fit(DataLoader(blobs(), 30), epochs=2)) == 4  # a new fit is a new training


def test_step_ends_are_told_after_logs_and_see_the_step_done():
    steps = []

    class Steps(Callback):
        def on_log(self, *_):
            steps.append("log")

        def on_step_end(self, trainer):
            steps.append((trainer.epoch, trainer.batch, trainer.step))

    trainer_for(MLP((2, 3)), callbacks=[Steps()], log_every=2).fit(DataLoader(blobs(30), 10), epochs=2)
    assert steps == [(1, 1, 1), "log", (1, 2, 2), (1, 3, 3), "log", (2, 1, 4), (2, 2, 5), "log", (2, 3, 6)]
