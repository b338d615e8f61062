"""An optimizer that evaluates the loss several times a step, in the trainer."""

import numpy as np
import pytest

import xdl
from tests.train.around import StopAt, blobs, differences
from tests.train.tasks.test_data_parallel import batches
from xdl import nn, optim
from xdl.data import DataLoader
from xdl.errors import SettingError
from xdl.models import MLP
from xdl.train import Checkpoints, Measures, Task, Trainer, accuracy, load_state


def trainer(**options):
    """A trainer with LBFGS of 3 iterations a step, which learns the three clouds."""
    xdl.manual_seed(0)
    model = MLP((2, 5, 3))
    optimizer = optim.LBFGS(model.parameters(), max_iter=3, line_search_fn="strong_wolfe")
    return Trainer(model, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy}, **options)


def weights(trained):
    return np.concatenate([t.numpy().ravel() for t in trained.model.state_dict().values()])


def test_it_learns_and_measures_before_each_step():
    data, trained = blobs(60), trainer(log_every=1)
    x, y = (xdl.tensor(part) for part in data.arrays)
    before = nn.CrossEntropyLoss()(trained.model(x), y).item()
    history = trained.fit(DataLoader(data, 60), epochs=5)
    assert history[0]["train_loss"] == pytest.approx(before, rel=1e-6)
    assert history[-1]["train_loss"] < 0.05 < before
    assert history[-1]["train_accuracy"] > 0.98
    assert trained.optimizer.func_evals > 5


def test_its_step_is_that_of_a_loop_with_a_closure():
    data, trained = blobs(60), trainer()
    other = trainer()
    trained.fit(DataLoader(data, 60), epochs=3)
    x, y = (xdl.tensor(part) for part in data.arrays)

    def closure():
        other.optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(other.model(x), y)
        loss.backward()
        return loss

    for _ in range(3):
        other.optimizer.step(closure)
    np.testing.assert_array_equal(weights(trained), weights(other))


def test_accumulated_batches_and_a_penalty_are_in_every_evaluation():
    found = []
    for size, parts in ((60, 1), (20, 3)):
        trained = trainer(accumulate=parts)
        trained.task.penalty = lambda model=trained.model: 0.01 * nn.utils.l2_penalty(model.parameters())
        trained.fit(DataLoader(blobs(60), size), epochs=3)
        found.append(weights(trained))
    np.testing.assert_allclose(found[1], found[0], atol=1e-4)
    trained = trainer()
    trained.fit(DataLoader(blobs(60), 60), epochs=3)
    assert np.abs(weights(trained) - found[0]).max() > 0.1


def test_every_evaluation_is_exchanged_with_its_loss():
    told, trained = [], trainer()

    def exchange(tensors, weight):
        told.append(([t.shape for t in tensors], float(weight)))
        return tensors

    trained.task.exchange = exchange
    trained.fit(batches(), epochs=1)
    shapes = [t.shape for t in trained.model.parameters()]
    assert told[0::2] == [(shapes, 10.0)] * trained.optimizer.func_evals
    assert told[1::2] == [([()], 10.0)] * trained.optimizer.func_evals


def test_it_goes_on_where_it_stopped(tmp_path):
    whole, data = trainer(), DataLoader(blobs(60), 20)
    whole.fit(data, epochs=4)
    stopped = trainer(callbacks=[Checkpoints(tmp_path, every_steps=1), StopAt(5)])
    with pytest.raises(KeyboardInterrupt):
        stopped.fit(data, epochs=4)
    resumed = trainer(callbacks=[Checkpoints(tmp_path / "resumed", every_steps=1)])
    resumed.load_state_dict(load_state(tmp_path / Checkpoints.last))
    resumed.fit(data, epochs=4)
    assert differences(whole.state_dict()["model"], resumed.state_dict()["model"]) == []
    assert differences(whole.state_dict()["optimizer"], resumed.state_dict()["optimizer"]) == []


@pytest.mark.parametrize("limit", ["clip_norm", "clip_value"])
def test_clipped_gradients_are_refused(limit):
    with pytest.raises(SettingError, match=f"Trainer: expected no {limit} with LBFGS, found 1.0"):
        trainer(**{limit: 1.0})
    assert trainer(clip_norm=float("inf")).fit(DataLoader(blobs(60), 60))[0]["train_gradient_norm"] > 0


class OneGradient(Task):
    """A task whose step has one gradient."""

    def __init__(self):
        self.model = MLP((2, 3))
        self.optimizer = optim.LBFGS(self.model.parameters())

    def parts(self):
        return {"model": self.model, "optimizer": self.optimizer}

    def train_step(self, batch):
        loss = nn.CrossEntropyLoss()(self.model(batch[0]), batch[1])
        self.minimize(loss, self.optimizer, len(batch[0]))
        return Measures({"loss": loss.detach()})


def test_a_task_with_one_gradient_a_step_says_what_to_do():
    with pytest.raises(SettingError, match=r"OneGradient.minimize: .* found LBFGS. Call optimizer.step\(closure\)"):
        OneGradient().train_step(batches()[0])
