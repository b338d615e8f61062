"""Trainer.state_dict: from any step on, a training goes on as if it had never stopped, and a misfit changes nothing."""

import numpy as np
import pytest

import xdl
from tests.train.around import StopAt, blobs, differences, trainer_for
from xdl import nn, optim
from xdl.data import DataLoader
from xdl.errors import CheckpointError, NonFiniteError
from xdl.models import MLP
from xdl.train import (
    Checkpoints,
    EarlyStopping,
    Schedule,
    Trainer,
    WeightAverage,
    accuracy,
    load_state,
)
from xdl.train.state import copied

TRAIN, VALIDATION, EPOCHS = blobs(52), blobs(30, seed=1), 3  # 6 batches of 10, 3 steps of 2 batches an epoch


def build(folder, *more):
    """All that has a state: momentum, dropout, batch norm, shuffling, accumulation, clipping, and the callbacks."""
    xdl.manual_seed(3)
    model = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    callbacks = [
        Checkpoints(folder, every_steps=1, best="validation_loss"),
        Schedule(optim.lr_scheduler.ExponentialLR(optimizer, 0.9)),
        Schedule(optim.lr_scheduler.CosineAnnealingLR(optimizer, 9), every="step"),
        EarlyStopping(patience=3),
        WeightAverage(model, 0.8),
        *more,
    ]
    trainer = Trainer(
        model, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy}, callbacks, accumulate=2, clip_norm=0.5
    )
    return trainer, DataLoader(TRAIN, 10, shuffle=True)


def fit(trainer, loader):
    history = trainer.fit(loader, DataLoader(VALIDATION, 30), EPOCHS)
    return [{name: value for name, value in record.items() if "second" not in name} for record in history]


@pytest.mark.parametrize("step", range(1, 10))
def test_a_resume_after_any_step_equals_the_whole(tmp_path, step):
    whole, loader = build(tmp_path / "whole")
    history = fit(whole, loader)
    broken, loader = build(tmp_path, StopAt(step))
    with pytest.raises(KeyboardInterrupt):
        fit(broken, loader)
    resumed, loader = build(tmp_path)
    resumed.load_state_dict(load_state(tmp_path / "last.safetensors"))
    assert fit(resumed, loader) == history
    assert differences(resumed.state_dict(), whole.state_dict()) == []
    assert (
        differences(load_state(tmp_path / "best.safetensors"), load_state(tmp_path / "whole" / "best.safetensors"))
        == []
    )


def stopped_after(step, folder, fresh=build):
    """A trainer that was broken off after that step, and the state of then."""
    broken, loader = fresh(folder, StopAt(step))
    with pytest.raises(KeyboardInterrupt):
        fit(broken, loader)
    return broken, load_state(folder / "last.safetensors")


def test_a_state_survives_being_loaded(tmp_path):
    broken, state = stopped_after(4, tmp_path)
    fresh, _ = build(tmp_path)
    assert differences(fresh.state_dict(), state) != []
    fresh.load_state_dict(state)
    assert differences({**fresh.state_dict(), "about": {}}, state) == []
    assert (fresh.epoch, fresh.batch, fresh.step, fresh.epochs) == (2, 2, 4, 3) == (broken.epoch, 2, 4, 3)


def test_the_time_before_the_stop_counts(tmp_path):
    _, state = stopped_after(5, tmp_path)
    state["progress"]["seconds"] = 1000.0
    resumed, loader = build(tmp_path)
    resumed.load_state_dict(state)
    fit(resumed, loader)
    seconds = [record["seconds"] for record in resumed.history]
    assert seconds[1] > 1000 > seconds[2]
    assert resumed.history[1]["train_samples_per_second"] < 1


def test_a_finished_training_has_nothing_left_and_can_be_carried_on(tmp_path):
    whole, loader = build(tmp_path)
    fit(whole, loader)
    again, loader = build(tmp_path / "again")
    again.load_state_dict(load_state(tmp_path / "last.safetensors"))
    assert len(fit(again, loader)) == EPOCHS
    assert again.step == 9
    assert len(fit(again, loader)) == 2 * EPOCHS  # a second call trains for as many more


def test_more_epochs_may_be_asked_for(tmp_path):
    _, state = stopped_after(4, tmp_path)
    resumed, loader = build(tmp_path)
    resumed.load_state_dict(state)
    assert len(resumed.fit(loader, DataLoader(VALIDATION, 30), EPOCHS + 1)) == EPOCHS + 1


def test_a_resume_in_a_second_fit_does_the_rest_of_that_fit(tmp_path):
    def begin():
        xdl.manual_seed(0)
        checkpoints = Checkpoints(tmp_path, every_steps=1)
        return trainer_for(MLP((2, 3)), callbacks=[checkpoints]), DataLoader(TRAIN, 20, shuffle=True)

    whole, loader = begin()
    whole.fit(loader, epochs=2)
    whole.callbacks.members.append(StopAt(8))
    with pytest.raises(KeyboardInterrupt):
        whole.fit(loader, epochs=3)
    resumed, loader = begin()
    resumed.load_state_dict(load_state(tmp_path / "last.safetensors"))
    assert [record["step"] for record in resumed.fit(loader, epochs=3)] == [3, 6, 9, 12, 15]


def test_a_broken_epoch_starts_anew_without_a_state():
    trainer = trainer_for(MLP((2, 3)), callbacks=[StopAt(5)])
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(DataLoader(TRAIN, 20), epochs=3)
    assert [(r["epoch"], r["step"]) for r in trainer.fit(DataLoader(TRAIN, 20), epochs=1)] == [(1, 3), (2, 8)]


def test_loaders_that_do_not_know_where_they_stand_skip_what_was_done(tmp_path):
    batches = list(DataLoader(TRAIN, 20))

    def begin(*more):
        xdl.manual_seed(0)
        return trainer_for(MLP((2, 3)), callbacks=[Checkpoints(tmp_path, every_steps=1), *more])

    whole = begin()
    whole.fit(batches, epochs=2)
    broken = begin()
    broken.callbacks.members.append(StopAt(5))
    with pytest.raises(KeyboardInterrupt):
        broken.fit(batches, epochs=2)
    resumed = begin()
    resumed.load_state_dict(load_state(tmp_path / "last.safetensors"))
    resumed.fit(batches, epochs=2)
    assert differences(resumed.state_dict(), whole.state_dict()) == []


@pytest.mark.parametrize(
    ("loader", "words"),
    [
        (list(DataLoader(TRAIN, 10)), "a loader with state_dict and load_state_dict.*found list"),
        (DataLoader(TRAIN, 20, shuffle=True), "a loader of 6 batches, as before, found 3"),
        (DataLoader(blobs(59, seed=4), 10, shuffle=True), "DataLoader"),
    ],
)
def test_another_loader_is_refused_before_the_first_step(tmp_path, loader, words):
    _, state = stopped_after(4, tmp_path)
    resumed, right = build(tmp_path)
    resumed.load_state_dict(state)
    with pytest.raises(CheckpointError, match=words):
        fit(resumed, loader)
    assert resumed.step == 4
    fit(resumed, right)  # with the right one it goes on
    assert resumed.step == 9


def other(folder):
    """A trainer of another model, optimizer and callbacks."""
    last = nn.Linear(8, 3).to("float64")
    model = nn.Sequential(nn.Linear(2, 9), nn.BatchNorm1d(9, affine=False), nn.ReLU(), nn.Linear(9, 8), last)
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
    callbacks = [Checkpoints(folder), EarlyStopping("train_loss")]
    return Trainer(model, nn.CrossEntropyLoss(), optimizer, callbacks=callbacks)


def test_all_problems_are_listed_and_nothing_changes(tmp_path):
    _, state = stopped_after(4, tmp_path)
    state["progress"]["epoch"] = "two"
    del state["progress"]["means"]
    trainer = other(tmp_path)
    before = copied(trainer.state_dict())
    with pytest.raises(CheckpointError) as caught:
        trainer.load_state_dict(state)
    for problem in (
        "0.weight is float32 (8, 2) in place of float32 (9, 2)",
        "1.weight is unexpected",
        "3.weight is missing",
        "4.bias is float32 (3,) in place of float64 (3,)",
        "optimizer: group",
        "callbacks: ",
        "Schedule has a state and is no callback here",
        "progress: means is missing",
        "progress: epoch is 'two'",
    ):
        assert problem in str(caught.value)
    assert differences(trainer.state_dict(), before) == []
    assert trainer.fit(DataLoader(TRAIN, 26), epochs=0) == []  # it does not take itself for resumed


@pytest.mark.parametrize("spoil", ["model", "optimizer", "callbacks", "random", "progress"])
def test_parts_that_fit_go_back_where_another_does_not(tmp_path, spoil):
    _, state = stopped_after(4, tmp_path)
    trainer, loader = build(tmp_path)
    fit(trainer, loader)
    before = copied(trainer.state_dict())
    for nonsense in (None, {"a": 1}, [1, 2], "text"):
        with pytest.raises(CheckpointError, match=spoil):
            trainer.load_state_dict({**state, spoil: nonsense})
        assert differences(trainer.state_dict(), before) == []
    with pytest.raises(CheckpointError, match=f"{spoil} is missing"):
        trainer.load_state_dict({name: part for name, part in state.items() if name != spoil})
    with pytest.raises(CheckpointError, match="model is missing"):
        trainer.load_state_dict([state])
    assert differences(trainer.state_dict(), before) == []


def test_a_state_is_not_given_away_after_a_loss_that_is_not_finite(tmp_path):
    _, state = stopped_after(4, tmp_path)
    dataset = blobs(52)
    dataset.arrays[0][:] = np.nan
    trainer, _ = build(tmp_path)
    with pytest.raises(NonFiniteError, match="at step 1"):
        fit(trainer, DataLoader(dataset, 10))
    with pytest.raises(NonFiniteError, match="at step 1"):
        trainer.state_dict()
    trainer.load_state_dict(state)  # and back to the good state
    assert differences({**trainer.state_dict(), "about": {}}, state) == []
