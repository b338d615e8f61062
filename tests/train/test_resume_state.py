"""Trainer.state_dict: from any step on, a training goes on as if it had never stopped, and a misfit changes nothing."""

import pytest

import xdl
from tests.train.around import blobs, differences
from xdl import nn, optim
from xdl.data import DataLoader
from xdl.train import (
    Callback,
    Checkpoints,
    EarlyStopping,
    Schedule,
    Trainer,
    WeightAverage,
    accuracy,
    load_state,
)

TRAIN, VALIDATION, EPOCHS = blobs(52), blobs(30, seed=1), 3  # 6 batches of 10, 3 steps of 2 batches an epoch


class StopAt(Callback):
    """Interrupts after a step, as a signal does."""

    def __init__(self, step):
        self.step = step

    def on_step_end(self, trainer):
        if trainer.step == self.step:
            raise KeyboardInterrupt


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
    broken.callbacks.members.sort(key=lambda member: isinstance(member, StopAt))  # after the checkpoint is written
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
