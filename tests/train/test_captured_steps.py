"""A training with capture=True gives the same bits, and refuses what cannot be captured."""

import pytest

import xdl
from tests.train.around import blobs
from xdl import nn, optim
from xdl.data import DataLoader
from xdl.errors import BackendError, KindError
from xdl.train import Loop, Measures, Schedule, Task, Trainer, accuracy

SETTINGS = {
    "plain": {},
    "clipped and accumulated": {"accumulate": 2, "clip_norm": 0.5, "clip_value": 0.1},
    "penalized": {"penalty": lambda: xdl.ones(1).sum() * 0.1},
    "ignored labels": {"loss": nn.CrossEntropyLoss(ignore_index=0)},
}


def trained(capture, epochs=6, state=None, loss=None, **settings):
    """The history without times, and the state, after training on batches of 16, 16, 16, 12."""
    xdl.manual_seed(5)
    model = nn.Sequential(nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    schedule = Schedule(optim.lr_scheduler.StepLR(optimizer, 2, 0.5))
    trainer = Trainer(
        model, loss or nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy}, [schedule], capture=capture, **settings
    )
    if state is not None:
        trainer.load_state_dict(state)
    history = trainer.fit(DataLoader(blobs(), 16, shuffle=True, seed=1), DataLoader(blobs(seed=1), 30), epochs=epochs)
    shown = [{k: v for k, v in record.items() if "second" not in k} for record in history]
    return shown, trainer.state_dict(), trainer


def bits(state):
    return [t.numpy().tobytes() for t in state["model"].values()]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_captured_training_gives_the_same_bits(name):
    (ours, mine, _), (theirs, others, _) = (trained(capture, **SETTINGS[name]) for capture in (True, False))
    assert ours == theirs
    assert bits(mine) == bits(others)


@pytest.mark.parametrize("capture", [True, False])
def test_it_goes_on_from_a_state_with_the_same_bits(capture):
    _, whole, _ = trained(capture)
    _, half, _ = trained(capture, 3)
    _, resumed, _ = trained(capture, 6, half)
    assert bits(resumed) == bits(whole)


def test_a_parameter_that_is_frozen_between_makes_another_step():
    _, _, trainer = trained(True, 2)
    first = trainer.model[0].weight
    first.requires_grad_(False)
    before = first.tolist()
    trainer.fit(DataLoader(blobs(), 16, seed=1), epochs=4)
    assert first.tolist() == before
    assert trainer.model[4].weight.requires_grad


def test_parameters_and_seeds_that_change_between_are_seen():
    found = []
    for capture in (True, False):
        _, _, trainer = trained(capture, 2)
        loader = DataLoader(blobs(), 16, seed=1)
        trainer.model.double().float()
        xdl.manual_seed(9)
        trainer.fit(loader, epochs=2)
        trainer.optimizer = optim.SGD(trainer.model.parameters(), lr=0.3, momentum=0.9)
        trainer.fit(loader, epochs=2)
        found.append(bits(trainer.state_dict()))
    assert found[0] == found[1]


def test_capture_is_true_or_false():
    model = nn.Linear(2, 2)
    with pytest.raises(KindError, match="Trainer: expected capture: True or False, found 'yes'"):
        Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), capture="yes")


class Reading(Task):
    """Reads its loss in the step."""

    def __init__(self):
        self.model = nn.Linear(2, 3)
        self.optimizer = optim.SGD(self.model.parameters(), lr=0.1)

    def parts(self):
        return {"model": self.model, "optimizer": self.optimizer}

    def train_step(self, batch):
        loss = nn.functional.cross_entropy(self.model(batch[0]), batch[1])
        self.minimize(loss, self.optimizer, len(batch[1]))
        return Measures({"loss": loss.item()}, len(batch[1]))

    def evaluate_step(self, batch):
        raise NotImplementedError


def test_what_cannot_be_captured_is_refused():
    with pytest.raises(BackendError, match="no values read by the host"):
        Loop(Reading(), capture=True).fit(DataLoader(blobs(), 20))
    with pytest.raises(KindError, match="tuples of Tensors, found dict"):
        Loop(Reading(), capture=True).fit(DataLoader([{"x": 1.0}], 1))
    with pytest.raises(BackendError, match="no values read"):
        trained(True, loss=lambda output, target: nn.functional.cross_entropy(output, target) * float(output.sum()))
