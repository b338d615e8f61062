"""Every callback, killed before and after a state was saved in the same step: nothing is done twice or lost."""

from importlib import import_module
from pkgutil import walk_packages
from types import SimpleNamespace

import pytest

import xdl
from tests.train.around import blobs, differences
from tests.train.resuming.callback_cases import CASES
from xdl import experiments, nn, optim
from xdl.data import DataLoader
from xdl.errors import CheckpointError, SettingError
from xdl.train import Callback, Checkpoints, Trainer, accuracy, callbacks, load_state
from xdl.train.state import copied

EPOCHS, STEPS = 3, 4  # of an epoch; a log comes after every second step


class Kill(Callback):
    """Leaves the training in one of its events: told before Checkpoints it writes nothing of it, or else all."""

    def __init__(self, event, step, order):
        self.event, self.step, self.order = event, step, order

    def on_step_end(self, trainer):
        if self.event == "step" and trainer.step == self.step:
            raise KeyboardInterrupt

    def on_epoch_end(self, trainer, _):
        if self.event == "epoch" and trainer.step == self.step:
            raise KeyboardInterrupt


MOMENTS = {
    "before a step was saved": ("step", 2, 99),
    "after a step was saved": ("step", 2, 1000),
    "after the last step of an epoch was saved": ("step", 4, 1000),
    "in that epoch's end, before it was saved": ("epoch", 4, 99),
    "after an epoch's end was saved": ("epoch", 8, 1000),
    "before the training's end was saved": ("epoch", 12, 99),
    "after the training's end was saved": ("epoch", 12, 1000),
}


def build(folder, *more, kinds=CASES):
    """A trainer with these callbacks and checkpoints of every step, and its loaders."""
    xdl.manual_seed(3)
    model = nn.Sequential(nn.Linear(2, 6), nn.BatchNorm1d(6), nn.Sigmoid(), nn.Linear(6, 3))
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    to = SimpleNamespace(folder=folder, model=model, optimizer=optimizer)
    watching = [*(CASES[kind][0](to) for kind in kinds), Checkpoints(folder, every_steps=1), *more]
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy}, watching, 2, accumulate=2)
    return trainer, DataLoader(blobs(70), 10, shuffle=True), DataLoader(blobs(30, seed=1), 30)


def fit(trainer, train, validation):
    trainer.fit(train, validation, EPOCHS)
    return trainer


def resume(folder):
    trainer, train, validation = build(folder)
    trainer.load_state_dict(load_state(folder / Checkpoints.last))
    return fit(trainer, train, validation)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """moment -> (the trainer with all callbacks that was killed then and resumed, its folder); None: of no kill."""
    made = {}

    def by(moment):
        if moment not in made:
            folder = tmp_path_factory.mktemp("trained")
            if moment is None:
                made[None] = fit(*build(folder)), folder
            else:
                with pytest.raises(KeyboardInterrupt):
                    fit(*build(folder, Kill(*MOMENTS[moment])))
                made[moment] = resume(folder), folder
        return made[moment]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xdl.plot.draw", lambda *_: None)  # the strip's data are enough
        yield by


def test_every_callback_has_a_case():
    for package in (callbacks, experiments):
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(found.name)
    kinds, rest = set(), [Callback]
    while rest:
        known = rest.pop().__subclasses__()
        rest += known
        kinds |= {kind for kind in known if kind.__module__.startswith("xdl.")}
    assert kinds == {*CASES}


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_a_callback_has_a_state_from_the_start_or_never(trained, kind, tmp_path):
    fresh, whole = build(tmp_path, kinds=[kind])[0], trained(None)[0]
    one, other = (next(m for m in t.callbacks.members if type(m) is kind) for t in (fresh, whole))
    assert bool(one.state_dict()) == bool(other.state_dict())


def test_a_state_that_is_refused_says_why_and_leaves_every_callback_as_it_was(trained, tmp_path):
    state = load_state(trained(None)[1] / Checkpoints.last)
    fresh = build(tmp_path)[0]
    before = copied(fresh.state_dict())
    with pytest.raises(CheckpointError, match="batch is 8 of 7"):
        fresh.load_state_dict({**state, "progress": {**state["progress"], "batch": 8, "epoch": 4}})
    assert differences(fresh.state_dict(), before) == []


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_a_resume_does_nothing_twice_and_leaves_nothing_out(trained, kind, moment):
    (whole, expected), (resumed, folder) = trained(None), trained(moment)
    one, other = (next(m for m in t.callbacks.members if type(m) is kind) for t in (resumed, whole))
    assert differences(one.state_dict(), other.state_dict()) == []
    if CASES[kind][1] is not None:
        assert differences(CASES[kind][1](folder, one), CASES[kind][1](expected, other)) == []
    assert differences(resumed.state_dict(), whole.state_dict()) == []


def test_two_checkpoints_take_in_the_same_epochs_whichever_is_gone_on_from(tmp_path):
    """The first writes before the second has looked at the epoch."""

    def pair(folder):
        trainer, *loaders = build(folder, kinds=[Checkpoints])
        trainer.callbacks.members.reverse()
        return trainer, *loaders

    def no_time(*_):
        raise KeyboardInterrupt

    whole = fit(*pair(tmp_path / "whole"))
    cut, *loaders = pair(tmp_path / "cut")
    cut.callbacks.members[1].on_epoch_end = no_time
    with pytest.raises(KeyboardInterrupt):
        fit(cut, *loaders)
    resumed, *loaders = pair(tmp_path / "cut")
    resumed.load_state_dict(load_state(tmp_path / "cut" / Checkpoints.last))
    assert len(resumed.history) == 1
    resumed.fit(*loaders, epochs=1)
    (best,) = (tmp_path / "cut" / "more").glob(Checkpoints.best)
    assert load_state(best)["progress"]["epoch"] == 1
    again, *loaders = pair(tmp_path / "cut")
    again.load_state_dict(load_state(tmp_path / "cut" / Checkpoints.last))
    assert differences(fit(again, *loaders).state_dict(), whole.state_dict()) == []


def test_a_callback_with_a_state_that_would_be_told_after_its_file_is_written_is_refused(tmp_path):
    class Late(Callback):
        order = 101

        def state_dict(self):
            return {"seen": 1}

    trainer, *loaders = build(tmp_path, Late(), kinds=[])
    with pytest.raises(SettingError, match="an order below 100, or before it, found Late"):
        fit(trainer, *loaders)
