"""SIGTERM within a validation: it ends between two batches, and a resume begins it anew with the same results."""

import os
import signal

import numpy as np
import pytest

import xdl
from tests.train.around import differences
from xdl.data import DataLoader
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


def shifted(points, numbers):
    """An augmentation."""
    return points + numbers.normal(points.shape)


LOADERS = {
    "lists": lambda: tuple([xdl.ones(n, 1) for _ in range(3)] for n in (2, 4)),
    "shuffled and transformed": lambda: tuple(
        DataLoader(np.arange(float(3 * n), dtype=np.float32).reshape(-1, 1), n, shuffle=True, transform=shifted)
        for n in (2, 4)
    ),
}


@pytest.mark.parametrize("length", [{"epochs": 3}, {"steps": 8}], ids=str)
@pytest.mark.parametrize("evaluated", [5, 8])
@pytest.mark.parametrize("kind", LOADERS)
def test_a_signal_within_a_validation_ends_it_and_a_resume_begins_it_anew(kind, evaluated, length, tmp_path):
    def end(loop, train, validation):
        loop.fit(train, validation, **length)
        loop.fit(train, validation, epochs=1)  # the next fit begins a pass of its own
        return loop

    xdl.manual_seed(7)
    whole = end(Loop(Counting()), *LOADERS[kind]())

    xdl.manual_seed(7)
    cut = Loop(Counting(signal_at=evaluated), [Checkpoints(tmp_path)])
    train, validation = LOADERS[kind]()
    step = {5: 6, 8: length.get("steps", 9)}[evaluated]  # of the second and the third epoch's end
    with pytest.raises(Interrupted, match=f"SIGTERM after step {step}"):
        cut.fit(train, validation, **length)
    assert cut.task.evaluated == evaluated
    resumed = Loop(Counting(), [Checkpoints(tmp_path)])
    resumed.load_state_dict(load_state(tmp_path / "last.safetensors"))
    end(resumed, *LOADERS[kind]())
    for name in ("step", "train_loss", "validation_loss"):
        assert [record[name] for record in resumed.history] == [record[name] for record in whole.history]
    assert differences(resumed.state_dict()["model"], whole.state_dict()["model"]) == []
