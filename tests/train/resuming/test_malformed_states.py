"""Trainer.load_state_dict with a state that is wrong in one place: refused, and nothing changes, or else valid."""

from contextlib import suppress

import pytest

from tests.train.around import StopAt, differences
from tests.train.resuming.mutations import OPTIMIZERS, build, mutants, places
from xdl.errors import CheckpointError, NonFiniteError
from xdl.train import load_state, save_state
from xdl.train.state import copied

SPREAD = 29  # of the places, every so many are tried where there is no time for all
OTHER_KINDS = {"None", "word", "list", "shape", "dtype", "words"}


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch):
    for name in ("draw", "save_data", "save_tiles"):
        monkeypatch.setattr(f"xdl.plot.{name}", lambda *_: None)


def real_state(folder, optimizer):
    """The state after 5 steps, as a file gives it back."""
    trainer, loader = build(folder, optimizer)
    trainer.callbacks.members.append(StopAt(5))
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(loader, epochs=4)
    save_state(folder / "state", trainer.state_dict())
    return load_state(folder / "state")


def load(trainer, loader, before, wrong):
    """Whether a state was taken; where it was not, that nothing has changed."""
    position = loader.state_dict()
    try:
        trainer.load_state_dict(wrong)
    except CheckpointError:
        assert differences(trainer.state_dict(), before) == []
        assert loader.state_dict() == position
        return False
    loaded = trainer.state_dict()
    lost = differences(loaded, {name: wrong[name] for name in loaded})
    kept = ("param_groups", "['momentum_buffer', 'step']")  # what schedules left there stays; PyTorch's SGD has no step
    assert [words for words in lost if not any(word in words for word in kept)] == []
    return True


def back(trainer, state):
    """Goes back to a state; the next fit is a new one."""
    trainer.load_state_dict(state)
    trainer._resumed = None


def test_a_state_that_is_wrong_anywhere_changes_nothing(tmp_path):
    state = real_state(tmp_path, "Adam")
    trainer, loader = build(tmp_path / "other")
    trainer.fit(loader, epochs=1)
    before = copied(trainer.state_dict())
    taken = refused = 0
    for i, path in enumerate([*places(state)][::SPREAD]):
        for name, wrong in [*mutants(state, path)][i % 4 :: 4]:
            if load(trainer, loader, before, wrong):
                taken += 1
                about_loader = path[:2] == ("progress", "loader")  # which fit looks at
                assert about_loader or name not in OTHER_KINDS, (path, name)
                back(trainer, before)
            else:
                refused += 1
    assert refused > 2 * taken > 0


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_place_and_mutation(tmp_path, optimizer):
    """What was taken trains to the end, or is refused by `fit` for what it says of the loader."""
    state = real_state(tmp_path, optimizer)
    trainer, loader = build(tmp_path / "other", optimizer)
    trainer.fit(loader, epochs=1)
    before = copied(trainer.state_dict())
    for path in places(state):
        for _, wrong in mutants(state, path):
            if load(trainer, loader, before, wrong):
                with suppress(CheckpointError, NonFiniteError):  # rates of 1e21 are numbers too
                    trainer.fit(build(tmp_path / "loader", optimizer)[1], epochs=3)
                trainer, loader = build(tmp_path / "other", optimizer)
                back(trainer, before)
                before = copied(trainer.state_dict())


def test_the_check_sees_a_part_that_changes_before_another_refuses(tmp_path, monkeypatch):
    def hasty(_operation, parts, state, _problems):
        for name, part in parts.items():
            part.load_state_dict(state[name])

    state = real_state(tmp_path, "SGD")
    trainer, loader = build(tmp_path / "other", "SGD")
    before = copied(trainer.state_dict())
    monkeypatch.setattr("xdl.train.loop.load_all", hasty)
    state["optimizer"]["state"][0]["step"] = -1
    with pytest.raises(AssertionError):
        load(trainer, loader, before, state)


def test_a_loader_whose_state_is_wrong_anywhere_stays_where_it_is(tmp_path):
    """Or goes to another place that exists."""
    state = real_state(tmp_path, "SGD")["progress"]["loader"]
    loader = build(tmp_path / "other", "SGD")[1]
    next(iter(loader))
    before, refused = loader.state_dict(), 0
    for path in places(state):
        for name, wrong in mutants({"loader": state}, ("loader", *path)):
            try:
                loader.load_state_dict(wrong.get("loader"))
            except CheckpointError:
                refused += 1
                assert loader.state_dict() == before, (path, name)
            else:
                assert loader.state_dict() == wrong["loader"], (path, name)
                loader.load_state_dict(before)
    assert refused > 100
