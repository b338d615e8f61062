"""Checkpoints: when they are written, what they hold, and what keeps them from being written."""

import os

import numpy as np
import pytest

import xdl
from tests.train.around import blobs, differences, trainer_for
from xdl import nn, optim
from xdl.data import DataLoader
from xdl.errors import CheckpointError, NonFiniteError, SettingError, StorageError
from xdl.models import MLP
from xdl.train import Callback, Checkpoints, Trainer, load_state


class Score(Callback):
    """Writes given values into the records as "score"."""

    def __init__(self, *scores):
        self.scores = scores

    def on_epoch_end(self, trainer, record):
        record["score"] = self.scores[trainer.epoch - 1]


def written(monkeypatch):
    """(file, epoch, step) of every writing from now on."""
    from xdl.train.callbacks import checkpoints

    log, save = [], checkpoints.save_state

    def noted(path, state, *rest):
        log.append((path.stem, state["progress"]["epoch"], state["progress"]["step"]))
        save(path, state, *rest)

    monkeypatch.setattr(checkpoints, "save_state", noted)
    return log


def train(folder, *more, epochs=4, **options):
    trainer = trainer_for(MLP((2, 3)), callbacks=[Checkpoints(folder, **options), *more], log_every=1000)
    trainer.fit(DataLoader(blobs(), 20), DataLoader(blobs(), 60), epochs)
    return trainer


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [(1, 3), (2, 6), (3, 9), (4, 12)]),
        ({"every_epochs": 3}, [(3, 9), (4, 12)]),  # the last epoch always
        ({"every_epochs": None}, [(4, 12)]),
        ({"every_epochs": 2, "every_steps": 5}, [(2, 5), (2, 6), (4, 10), (4, 12)]),
    ],
)
def test_when_the_last_is_written(tmp_path, monkeypatch, options, expected):
    log = written(monkeypatch)
    train(tmp_path / "new" / "folder", **options)
    assert log == [("last", *place) for place in expected]
    assert os.listdir(tmp_path / "new" / "folder") == ["last.safetensors"]


def test_the_best_is_written_when_it_is_better(tmp_path, monkeypatch):
    log = written(monkeypatch)
    trainer = train(tmp_path, Score(2, 3, 3, 1), best="score", mode="max", every_epochs=4)
    assert log == [("best", 1, 3), ("best", 2, 6), ("last", 4, 12)]
    best, last = (load_state(tmp_path / f"{name}.safetensors") for name in ("best", "last"))
    assert best["callbacks"]["Checkpoints"]["best"] == {"measure": "score", "mode": "max", "value": 3, "epoch": 2}
    assert last["callbacks"] == best["callbacks"]
    assert differences(last["model"], trainer.model.state_dict()) == []
    assert differences(last["model"], best["model"]) != []


def test_the_best_so_far_is_known_after_a_resume(tmp_path, monkeypatch):
    train(tmp_path, Score(5, 4), best="score", mode="max", epochs=2)
    log = written(monkeypatch)
    again = trainer_for(MLP((2, 3)), callbacks=[Checkpoints(tmp_path, best="score", mode="max"), Score(5, 4, 4.5, 6)])
    again.load_state_dict(load_state(tmp_path / "last.safetensors"))
    again.fit(DataLoader(blobs(), 20), epochs=4)
    assert log == [("last", 3, 9), ("best", 4, 12), ("last", 4, 12)]


def test_it_is_told_last_so_that_it_holds_what_others_learned(tmp_path):
    class Count(Callback):
        epochs = 0

        def on_epoch_end(self, *_):
            self.epochs += 1

        def state_dict(self):
            return {"epochs": self.epochs}

    train(tmp_path, Count(), epochs=2)
    assert load_state(tmp_path / "last.safetensors")["callbacks"]["Count"] == {"epochs": 2}


def test_what_else_it_shall_say(tmp_path):
    train(tmp_path, epochs=1, about={"settings": {"lr": 0.5}})
    assert load_state(tmp_path / "last.safetensors")["about"] == {"settings": {"lr": 0.5}}


@pytest.mark.parametrize("log_every", [1, 1000])
def test_the_last_good_checkpoint_stays_where_losses_are_not_finite(tmp_path, log_every):
    dataset = blobs(60)
    dataset.arrays[0][45] = np.nan  # the batch of step 5
    trainer = trainer_for(MLP((2, 3)), callbacks=[Checkpoints(tmp_path, every_steps=2)], log_every=log_every)
    with pytest.raises(NonFiniteError, match="at step 5"):
        trainer.fit(DataLoader(dataset, 10))
    state = load_state(tmp_path / "last.safetensors")
    assert state["progress"]["step"] == 4
    assert all(np.isfinite(value).all() for value in state["model"].values())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_weights_that_are_not_finite_after_a_finite_loss_are_not_written(tmp_path):
    model = nn.Linear(1, 1)
    at_the_root = {"weight": np.zeros((1, 1), np.float32), "bias": np.ones(1, np.float32)}
    model.load_state_dict(at_the_root)
    batches = [(xdl.tensor([[1.0]]), xdl.tensor([[0.0]])), (xdl.tensor([[1.0]]), xdl.tensor([[1.0]]))]

    class Root(Callback):
        """At step 2 the output is the target, where the root has no slope."""

        def on_step_end(self, trainer):
            if trainer.step == 1:
                trainer.model.load_state_dict(at_the_root)

    trainer = Trainer(
        model,
        lambda y, t: (y - t).abs().sqrt().mean(),
        optim.SGD(model.parameters(), lr=0.1),
        callbacks=[Root(), Checkpoints(tmp_path, every_steps=1)],
    )
    with pytest.raises(NonFiniteError, match="nan or infinity in weight, bias after step 2"):
        trainer.fit(batches)
    assert load_state(tmp_path / "last.safetensors")["progress"]["step"] == 1


def test_folders_that_cannot_be_made_are_refused_before_the_first_step(tmp_path):
    (tmp_path / "file").write_text("")
    trainer = trainer_for(MLP((2, 3)), callbacks=[Checkpoints(tmp_path / "file" / "inside")])
    with pytest.raises(StorageError, match="file"):
        trainer.fit(DataLoader(blobs(), 20))
    assert trainer.step == 0


def test_settings_and_states_that_do_not_fit_are_refused(tmp_path):
    for options in ({"every_epochs": 0}, {"every_steps": 0}, {"best": "score"}):
        with pytest.raises(SettingError, match="Checkpoints: expected"):
            Checkpoints(tmp_path, **options)
    plain, following = Checkpoints(tmp_path), Checkpoints(tmp_path, best="validation_loss")
    for callback, state in ((plain, following.state_dict()), (following, plain.state_dict())):
        with pytest.raises(CheckpointError, match="Checkpoints: expected a state with best="):
            callback.load_state_dict(state)
