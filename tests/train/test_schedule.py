"""Learning-rate schedules as part of a training."""

import pytest

from tests.train.around import blobs, trainer_for
from xdl.data import DataLoader
from xdl.errors import CheckpointError, SettingError
from xdl.models import MLP
from xdl.optim import lr_scheduler
from xdl.train import Callback, Schedule


class Rates(Callback):
    """Notes the rate of each step."""

    def __init__(self):
        self.rates = []

    def on_step_end(self, trainer):
        self.rates.append(trainer.lr)


def train(make, every="epoch", measure=None, epochs=3):
    rates = Rates()
    trainer = trainer_for(MLP((2, 3)), lr=0.8, callbacks=[rates])
    trainer.callbacks.members.append(Schedule(make(trainer.optimizer), every, measure))
    trainer.fit(DataLoader(blobs(20), 10), DataLoader(blobs(20), 20), epochs)
    return trainer, rates.rates


def test_a_rate_that_changes_every_epoch():
    trainer, rates = train(lambda optimizer: lr_scheduler.ExponentialLR(optimizer, 0.5))
    assert rates == pytest.approx([0.8, 0.8, 0.4, 0.4, 0.2, 0.2])
    assert [record["lr"] for record in trainer.history] == pytest.approx([0.8, 0.4, 0.2])
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(0.1)


def test_a_rate_that_changes_every_step():
    trainer, rates = train(lambda optimizer: lr_scheduler.StepLR(optimizer, 3, 0.5), "step")
    assert rates == pytest.approx([0.8, 0.8, 0.8, 0.4, 0.4, 0.4])
    assert [record["lr"] for record in trainer.history] == pytest.approx([0.8, 0.4, 0.4])


def test_a_rate_that_follows_a_measure():
    def make(optimizer):  # a threshold that no loss reaches: after the first epoch nothing is an improvement
        return lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, threshold=1e9, threshold_mode="abs")

    trainer, rates = train(make, measure="validation_loss")
    assert rates == pytest.approx([0.8, 0.8, 0.8, 0.8, 0.4, 0.4])
    assert trainer.callbacks.members[-1].scheduler.best == trainer.history[0]["validation_loss"]


def test_what_does_not_fit_is_refused():
    optimizer = trainer_for(MLP((2, 3))).optimizer
    plateau, step = lr_scheduler.ReduceLROnPlateau(optimizer), lr_scheduler.StepLR(optimizer, 3)
    with pytest.raises(SettingError, match="Did you mean 'epoch'"):
        Schedule(step, "epochs")
    for scheduler, options in ((plateau, {}), (plateau, {"every": "step", "measure": "x"}), (step, {"measure": "x"})):
        with pytest.raises(SettingError, match="a measure for ReduceLROnPlateau, and no measure for others"):
            Schedule(scheduler, **options)
    with pytest.raises(SettingError, match=r"'validation_los'.*Did you mean 'validation_loss'"):
        train(lr_scheduler.ReduceLROnPlateau, measure="validation_los")


def test_the_state_is_the_schedulers_and_one_of_another_is_refused():
    optimizer = trainer_for(MLP((2, 3))).optimizer
    step = Schedule(lr_scheduler.StepLR(optimizer, 3))
    step.scheduler.step()
    assert step.state_dict() == step.scheduler.state_dict()
    with pytest.raises(CheckpointError, match="step_size"):
        Schedule(lr_scheduler.ExponentialLR(optimizer, 0.5)).load_state_dict(step.state_dict())
