"""100 steps equal 37, a kill, a resume and 63 more, bit for bit: weights, optimizer, history and metrics.jsonl."""

import json
import random
import subprocess
import sys
from time import sleep

import pytest

from tests.house.source import ROOT
from tests.train.around import differences
from tests.train.resumable import EPOCHS, OPTIMIZERS, STEPS, KillAt, resume, training
from xdl import optim
from xdl.train import EarlyStopping, load_state


class Killed(Exception):  # noqa: N818 (no error)
    """In the place of a kill, where the test's own process has to live on."""


class Leave(KillAt):
    """Leaves the training after a step."""

    def on_step_end(self, trainer):
        if trainer.step == self.step:
            raise Killed


def measures(folder):
    """The lines of metrics.jsonl without times, letter for letter."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_bytes().splitlines()]
    return [json.dumps({name: value for name, value in line.items() if "second" not in name}) for line in lines]


def assert_same(folder, whole):
    """What two trainings left is equal: all of the last state, the best one, and the measures."""
    assert load_state(whole / "last.safetensors")["progress"]["step"] == STEPS
    for name in ("last.safetensors", "best.safetensors"):
        assert differences(load_state(folder / name), load_state(whole / name)) == []
    assert len(measures(whole)) == EPOCHS
    assert measures(folder) == measures(whole)


def start(folder, every_steps, kill_at=0):
    """The training as a process of its own."""
    command = [sys.executable, "-m", "tests.train.resumable", folder, "Adam", every_steps, kill_at]
    return subprocess.Popen([str(word) for word in command], cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a training with Adam that nothing interrupted, in a process of its own."""
    folder = tmp_path_factory.mktemp("whole")
    with start(folder, every_steps=37) as process:
        steps = process.stdout.read().split()
    assert steps == [str(step) for step in range(1, STEPS + 1)]
    return folder


def test_every_optimizer_is_here():
    found = {name for name in vars(optim) if isinstance(getattr(optim, name), type)}
    steps = {name for name in found if issubclass(getattr(optim, name), optim.Optimizer)}
    assert steps == {*OPTIMIZERS, "Optimizer", "LBFGS"}  # LBFGS evaluates a closure: tests/optim/test_lbfgs.py


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_37_steps_a_resume_and_63_more(tmp_path, optimizer):
    expected = resume(tmp_path / "whole", optimizer)
    with pytest.raises(Killed):
        resume(tmp_path / "broken", optimizer, 37, Leave(40))
    assert load_state(tmp_path / "broken" / "last.safetensors")["progress"]["step"] == 37
    resumed = resume(tmp_path / "broken", optimizer)
    assert differences(resumed.state_dict(), expected.state_dict()) == []
    assert_same(tmp_path / "broken", tmp_path / "whole")


@pytest.mark.parametrize("kill_at", [37, 45, 60])  # at the checkpoint, behind it, and in the next epoch
def test_a_killed_process_and_a_new_one(tmp_path, whole, kill_at):
    with start(tmp_path, 37, kill_at) as process:
        steps = process.stdout.read().split()
    assert (process.returncode, steps[-1]) == (-9, str(kill_at))
    with start(tmp_path, 37) as process:
        steps = process.stdout.read().split()
    assert (process.returncode, steps[0], steps[-1]) == (0, "38", "100")
    assert_same(tmp_path, whole)


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_a_process_killed_at_any_moments_again_and_again(tmp_path, whole, kills):
    moments = random.Random(1)
    for _ in range(kills):
        with start(tmp_path, 1) as process:
            process.stdout.readline()  # a step is made
            sleep(moments.uniform(0, 0.1))
            process.kill()
        assert process.returncode in (-9, 0)
    with start(tmp_path, 1) as process:
        process.stdout.read()
    assert process.returncode == 0
    assert_same(tmp_path, whole)


def test_early_stopping_comes_in_the_same_epoch(tmp_path):
    def impatient():
        return EarlyStopping(patience=2, min_delta=100)  # nothing is so much better than the first epoch

    expected = resume(tmp_path / "whole", "Adam", 37, impatient())
    with pytest.raises(Killed):
        resume(tmp_path / "broken", "Adam", 37, Leave(70), impatient())
    resumed = resume(tmp_path / "broken", "Adam", 37, impatient())
    assert (len(expected.history), len(resumed.history), resumed.step) == (3, 3, 75)
    assert differences(resumed.state_dict(), expected.state_dict()) == []


def test_the_comparison_sees_what_a_resume_loses(tmp_path, whole):
    """Here a step of one of the random streams."""
    with pytest.raises(Killed):
        resume(tmp_path, "Adam", 37, Leave(40))
    trainer, train, validation = training(tmp_path)
    state = load_state(tmp_path / "last.safetensors")
    state["random"]["steps"]["dropout"] += 1
    trainer.load_state_dict(state)
    trainer.fit(train, validation, EPOCHS)
    ours, expected = (load_state(folder / "last.safetensors") for folder in (tmp_path, whole))
    assert differences(ours["model"], expected["model"]) != []
