"""One step of the trainer: batches that are accumulated, clipping, penalties."""

import numpy as np
import pytest

import xdl
from tests.train.around import blobs, trainer_for
from xdl import nn, optim
from xdl.data import DataLoader
from xdl.errors import NonFiniteError
from xdl.models import MLP
from xdl.train import Trainer


def trained(batches, seed=0, **options):
    """The weights after an epoch from equal ones."""
    xdl.manual_seed(seed)
    model = MLP((2, 5, 3))
    history = trainer_for(model, **options).fit(batches)
    return np.concatenate([t.numpy().ravel() for t in model.state_dict().values()]), history[-1]


@pytest.mark.parametrize("n", [60, 50, 53])  # whole groups, a last group of fewer batches, a last batch that is smaller
def test_accumulated_batches_are_one_large_batch(n):
    whole, record = trained(DataLoader(blobs(n), 30))
    parts, accumulated = trained(DataLoader(blobs(n), 10), accumulate=3)
    np.testing.assert_allclose(parts, whole, atol=1e-6)
    assert accumulated["step"] == record["step"] == 2
    assert accumulated["train_loss"] == pytest.approx(record["train_loss"], abs=1e-6)
    assert not np.allclose(parts, trained(DataLoader(blobs(n), 10))[0], atol=1e-4)


def test_the_step_of_an_accumulated_loss_is_the_optimizers():
    dataset = blobs(60)
    dataset.arrays[0][35] = np.nan  # in batch 4 of 6, the second of step 2
    with pytest.raises(NonFiniteError, match=r"nan at step 2\."):
        trainer_for(MLP((2, 3)), accumulate=2, log_every=100).fit(DataLoader(dataset, 10))


def gradient_of(dataset):
    xdl.manual_seed(0)
    model = MLP((2, 5, 3))
    x, y = (xdl.tensor(a) for a in dataset.arrays)
    gradients = xdl.grad(nn.CrossEntropyLoss()(model(x), y), list(model.parameters()))
    return np.concatenate([t.numpy().ravel() for t in model.state_dict().values()]), [g.numpy() for g in gradients]


def test_the_norm_is_clipped_and_measured_before():
    before, gradients = gradient_of(blobs(30))
    flat = np.concatenate([g.ravel() for g in gradients])
    norm = np.linalg.norm(flat)
    after, record = trained(DataLoader(blobs(30), 30), lr=1.0, clip_norm=norm / 2)
    np.testing.assert_allclose(after, before - flat / 2, atol=1e-5)
    assert record["train_gradient_norm"] == pytest.approx(norm, rel=1e-5)
    free, record = trained(DataLoader(blobs(30), 30), lr=1.0, clip_norm=np.inf)
    np.testing.assert_allclose(free, before - flat, atol=1e-5)
    assert record["train_gradient_norm"] == pytest.approx(norm, rel=1e-5)


def test_values_are_clipped():
    before, gradients = gradient_of(blobs(30))
    flat = np.concatenate([g.ravel() for g in gradients])
    limit = float(np.median(np.abs(flat)))
    after, record = trained(DataLoader(blobs(30), 30), lr=1.0, clip_value=limit)
    np.testing.assert_allclose(after, before - np.clip(flat, -limit, limit), atol=1e-5)
    assert "train_gradient_norm" not in record


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_gradient_that_is_not_finite_stops_though_the_loss_is():
    model = nn.Linear(1, 1, bias=False)
    model.load_state_dict({"weight": np.zeros((1, 1), np.float32)})
    batches = [(xdl.tensor([[1.0]]), xdl.tensor([[0.0]]))]
    trainer = Trainer(model, lambda y, t: (y - t).abs().sqrt().mean(), optim.SGD(model.parameters()), clip_norm=1.0)
    with pytest.raises(NonFiniteError, match=r"a finite gradient norm, found .* at step 1"):
        trainer.fit(batches)


@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize("penalty", [nn.utils.l1_penalty, nn.utils.l2_penalty])
def test_a_penalty_acts_on_the_step_and_is_not_measured(penalty, accumulate):
    before, gradients = gradient_of(blobs(30))
    pull = {nn.utils.l1_penalty: np.sign(before), nn.utils.l2_penalty: 2 * before}[penalty]
    xdl.manual_seed(0)
    model = MLP((2, 5, 3))
    trainer = trainer_for(model, lr=0.1, penalty=lambda: 0.3 * penalty(model.parameters()), accumulate=accumulate)
    (record,) = trainer.fit(DataLoader(blobs(30), 30 // accumulate))
    after = np.concatenate([t.numpy().ravel() for t in model.state_dict().values()])
    step = np.concatenate([g.ravel() for g in gradients]) + 0.3 * pull
    np.testing.assert_allclose(after, before - 0.1 * step, atol=1e-6)
    assert record["train_loss"] == pytest.approx(trained(DataLoader(blobs(30), 30))[1]["train_loss"], abs=1e-6)
