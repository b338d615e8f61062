"""SIGTERM within a validation: it ends between two batches, and a resume begins it anew with the same results."""

import os
import signal

import pytest

import xdl
from tests.train.around import differences
from xdl.errors import Interrupted
from xdl.nn import Linear
from xdl.optim import SGD
from xdl.train import Carried, Checkpoints, Loop, Measures, Task, load_state


class Counting(Task):
    """The mean of a parameter and of chance; it carries how many training batches there were."""

    def __init__(self, signal_at=None):
        self.model, self.seen, self.evaluated, self.signal_at = Linear(1, 1), Carried(0), 0, signal_at
        self.optimizer = SGD(self.model.parameters(), 0.1)

    def parts(self):
        return {"model": self.model, "optimizer": self.optimizer, "seen": self.seen}

    def _loss(self, batch):
        self.seen.value += 1
        return self.model(batch).square().mean() + self.seen.value + xdl.rand(1).sum()

    def train_step(self, batch):
        loss = self._loss(batch)
        self.minimize(loss, self.optimizer, len(batch))
        return Measures({"loss": loss}, len(batch))

    def evaluate_step(self, batch):
        self.evaluated += 1
        if self.evaluated == self.signal_at:
            os.kill(os.getpid(), signal.SIGTERM)
        return Measures({"loss": self._loss(batch)}, len(batch))


def test_a_signal_within_a_validation_ends_it_and_a_resume_begins_it_anew(tmp_path):
    train, validation = ([xdl.ones(n, 1) for _ in range(3)] for n in (2, 4))
    xdl.manual_seed(7)
    whole = Loop(Counting())
    whole.fit(train, validation, epochs=3)

    xdl.manual_seed(7)
    cut = Loop(Counting(signal_at=5), [Checkpoints(tmp_path)])
    with pytest.raises(Interrupted, match="SIGTERM after step 6"):
        cut.fit(train, validation, epochs=3)
    assert cut.task.evaluated == 5
    resumed = Loop(Counting(), [Checkpoints(tmp_path)])
    resumed.load_state_dict(load_state(tmp_path / "last.safetensors"))
    resumed.fit(train, validation, epochs=3)
    for name in ("train_loss", "validation_loss"):
        assert [record[name] for record in resumed.history] == [record[name] for record in whole.history]
    assert differences(resumed.state_dict()["model"], whole.state_dict()["model"]) == []
