"""The loop without a task of its own: what it hands on, what it counts, and trainings by a number of steps."""

import ast

import pytest

import xdl
from tests.house.source import ROOT, tree
from tests.train.around import StopAt, blobs, differences, trainer_for
from tests.train.tasks import adversarial, contrastive
from xdl import nn
from xdl.data import DataLoader
from xdl.errors import DataError, SettingError
from xdl.models import MLP
from xdl.train import Callback, Carried, Checkpoints, Loop, Measures, Task, Unchecked, load_state
from xdl.train.state import copied

CODE = tree(ROOT / "xdl/train/loop.py")


class Notes(Task):
    """Keeps what it is told and given."""

    def __init__(self, *extra):
        self.told, self.given, self.carried, self.extra = [], [], Carried(0), extra

    def parts(self):
        return {"carried": self.carried, **dict.fromkeys(self.extra, self.carried)}

    def train_step(self, *batches):
        self.given += batches
        self.told.append(len(batches))
        self.carried.value += 1
        return Measures({"size": xdl.tensor(float(len(batches)))}, len(batches))

    def evaluate_step(self, batch):
        self.given.append(batch)
        return Measures({"recording": xdl.tensor(float(xdl.is_grad_enabled()))})

    def start_epoch(self):
        self.told.append("start")

    def train(self):
        self.told.append("train")

    def eval(self):
        self.told.append("eval")


def test_it_knows_no_loss_no_target_and_no_optimizer_step():
    words = {"loss", "accuracy", "target", "model", "zero_grad", "backward"}
    names = {n.id for n in ast.walk(CODE) if isinstance(n, ast.Name)}
    names |= {n.attr for n in ast.walk(CODE) if isinstance(n, ast.Attribute)}
    assert {"task", "train_step"} <= names
    assert names & words == set()


@pytest.mark.parametrize("batch", [{"a": [1, 2], "b": None}, "text", (1, 2), [3], xdl.ones(2), 0, None])
def test_batches_of_any_kind_come_through_unharmed(batch):
    task = Notes()
    Loop(task).fit([batch, batch, batch], [batch])
    assert len(task.given) == 4
    assert all(given is batch for given in task.given)


def test_the_order_of_what_a_task_is_told():
    task = Notes()
    history = Loop(task, accumulate=2).fit([1, 2, 3], [4], epochs=2)
    assert task.told == ["start", "train", 2, 1, "eval"] * 2
    assert task.given == [1, 2, 3, 4] * 2
    assert history[0]["train_size"] == pytest.approx(5 / 3)
    assert (history[0]["validation_recording"], "lr" in history[0]) == (0, False)


def test_an_epoch_that_is_resumed_does_not_start_again():
    broken, resumed = Loop(Notes(), [StopAt(2)]), Loop(Notes())
    with pytest.raises(KeyboardInterrupt):
        broken.fit([1, 2, 3], epochs=2)
    resumed.load_state_dict(copied(broken.state_dict()))
    resumed.fit([1, 2, 3], epochs=2)
    assert resumed.task.told == ["train", 1, "start", "train", 1, 1, 1]
    assert resumed.task.carried.value == 6


def test_what_does_not_fit_is_refused():
    with pytest.raises(SettingError, match="Loop: expected log_every >= 1"):
        Loop(Notes(), log_every=0)
    with pytest.raises(SettingError, match=r"train_step\(self, \*batches\).*found ContrastiveDivergence"):
        Loop(contrastive.ContrastiveDivergence(), accumulate=2)
    for name in ("callbacks", "random", "progress", "about"):
        with pytest.raises(SettingError, match=f"parts with other names .*{name}"):
            Loop(Notes(name))
    with pytest.raises(SettingError, match=r"Silent\.evaluate_step"):
        Loop(Silent()).evaluate([1])
    with pytest.raises(DataError, match=r"Loop\.fit"):
        Loop(Silent()).fit([1])
    for steps in (-1, 1.5, "3"):
        with pytest.raises(SettingError, match=r"Loop\.fit: expected steps: 0, 1, 2"):
            Loop(Notes()).fit([1], steps=steps)


class Silent(Task):
    """Measures nothing."""

    def parts(self):
        return {}

    def train_step(self, _):
        return Measures({})


def test_a_step_that_raises_was_none():
    loop = Loop(adversarial.Adversarial())
    with pytest.raises(TypeError):
        loop.fit([xdl.ones(4, 2), xdl.ones(4, 2), None])
    assert (loop.step, loop.batch, loop.state_dict()["progress"]["step"]) == (2, 2, 2)


def test_a_metric_of_a_trainer_may_say_that_it_may_be_nan():
    def undefined(output, _):
        return output.sum() * float("nan")

    trainer = trainer_for(MLP((2, 3)))
    trainer.task = type(trainer.task)(trainer.model, trainer.loss, trainer.optimizer, {"f": Unchecked(undefined)})
    (record,) = trainer.fit(DataLoader(blobs(20), 10))
    assert record["train_f"] != record["train_f"]
    trainer.metrics["g"] = undefined
    with pytest.raises(ArithmeticError, match="a finite g, found nan at step 3"):
        trainer.fit(DataLoader(blobs(20), 10))


def by_steps(folder, *more, write_at=1000):
    """A trainer and a loader of 5 batches, 3 steps of up to 2 batches an epoch."""
    xdl.manual_seed(3)
    model = nn.Sequential(nn.Linear(2, 6), nn.Dropout(0.2), nn.Linear(6, 3))
    trainer = trainer_for(model, callbacks=[Checkpoints(folder, None, write_at), *more], accumulate=2)
    return trainer, DataLoader(blobs(50), 10, shuffle=True)


def records(trainer):
    return [(record["epoch"], record["step"]) for record in trainer.history]


def test_a_training_by_steps_cuts_its_last_epoch_and_the_next_begins_a_new_one(tmp_path):
    trainer, loader = by_steps(tmp_path)
    trainer.fit(loader, [*loader], steps=7)
    assert records(trainer) == [(1, 3), (2, 6), (3, 7)]
    assert (trainer.epochs, trainer.batch, trainer.done) == (3, 2, True)
    assert "validation_loss" in trainer.history[2]
    assert records_after(trainer, loader, steps=3) == [(4, 10)]
    assert records_after(trainer, loader, epochs=1) == [(5, 13)]
    assert records_after(trainer, loader, steps=0) == []


def records_after(trainer, loader, **how):
    before = len(trainer.history)
    trainer.fit(loader, **how)
    return records(trainer)[before:]


@pytest.mark.parametrize("step", range(1, 12))
def test_a_training_by_steps_is_resumed_from_any_step(tmp_path, step):
    """Two trainings of 5 and 7 steps: the first ends within an epoch, and so does the second."""
    whole, loader = by_steps(tmp_path / "whole")
    whole.fit(loader, steps=5)
    whole.fit(loader, steps=7)
    assert records(whole) == [(1, 3), (2, 5), (3, 8), (4, 11), (5, 12)]
    broken, loader = by_steps(tmp_path, StopAt(step), write_at=step)
    if step > 5:
        broken.fit(loader, steps=5)
    with pytest.raises(KeyboardInterrupt):
        broken.fit(loader, steps=5 if step <= 5 else 7)
    resumed, loader = by_steps(tmp_path)
    resumed.load_state_dict(load_state(tmp_path / "last.safetensors"))
    assert differences(resumed.state_dict()["progress"], broken.state_dict()["progress"]) == []
    if step <= 5:
        resumed.fit(loader, steps=5)
    resumed.fit(loader, steps=7)
    assert differences(resumed.state_dict(), whole.state_dict()) == []


def test_an_epoch_whose_last_step_takes_fewer_batches_is_resumed_after_that_step(tmp_path):
    whole, loader = by_steps(tmp_path / "whole")
    whole.fit(loader, epochs=2)
    broken, loader = by_steps(tmp_path, StopAt(3), write_at=3)
    with pytest.raises(KeyboardInterrupt):
        broken.fit(loader, epochs=2)
    resumed, loader = by_steps(tmp_path)
    resumed.load_state_dict(load_state(tmp_path / "last.safetensors"))
    resumed.fit(loader, epochs=2)
    assert records(resumed) == [(1, 3), (2, 6)]
    assert differences(resumed.state_dict(), whole.state_dict()) == []


@pytest.mark.parametrize(
    ("steps", "after"), [(4, [(1, 3), (2, 4), (3, 7), (4, 9)]), (6, [(1, 3), (2, 6), (3, 9), (4, 11)])]
)
def test_a_training_that_had_come_to_its_end_goes_on_with_a_new_epoch(tmp_path, steps, after):
    """Within an epoch, and with it."""
    whole, loader = by_steps(tmp_path / "whole")
    whole.fit(loader, steps=steps)
    state = load_state(tmp_path / "whole" / "last.safetensors")
    whole.fit(loader, steps=5)
    again, loader = by_steps(tmp_path)
    again.load_state_dict(state)
    assert len(again.fit(loader, steps=steps)) == 2  # nothing is left of it
    again.fit(loader, steps=5)
    assert records(again) == after
    assert differences(again.state_dict(), whole.state_dict()) == []


def test_a_callback_ends_a_training_by_steps_after_its_epoch(tmp_path):
    class Enough(Callback):
        def on_step_end(self, trainer):
            if trainer.step == 4:
                trainer.stop()

    trainer, loader = by_steps(tmp_path, Enough())
    trainer.fit(loader, steps=100)
    assert (records(trainer), trainer.done) == ([(1, 3), (2, 6)], True)
