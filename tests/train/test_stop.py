"""SIGINT and SIGTERM: the step in progress is finished, a checkpoint written, and the program can go on later."""

import os
import pickle
import signal
import subprocess
import sys
from threading import Thread

import pytest

from tests.house.source import ROOT
from tests.train.around import blobs, differences, trainer_for
from xdl.data import DataLoader
from xdl.errors import Interrupted
from xdl.models import MLP
from xdl.train import Callback, Checkpoints, load_state
from xdl.train.stop import Stop

SIGNALS = [signal.SIGINT, signal.SIGTERM]


def handlers():
    return [signal.getsignal(number) for number in SIGNALS]


class Send(Callback):
    """Sends this process a signal at an event of an epoch."""

    def __init__(self, number, event, epoch=2):
        self.number, self.event, self.epoch, self.told = number, event, epoch, []

    def note(self, trainer, event):
        self.told.append((event, trainer.step))
        if event == self.event and trainer.epoch == self.epoch:
            self.event = None
            os.kill(os.getpid(), self.number)

    def on_step_end(self, trainer):
        self.note(trainer, "step")

    def on_epoch_end(self, trainer, _):
        self.note(trainer, "epoch")

    def on_interrupt(self, trainer):
        self.note(trainer, "interrupt")

    def on_fit_end(self, trainer):
        self.note(trainer, "end")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_training_after_the_step_and_restores_the_handlers(tmp_path, number):
    before, send = handlers(), Send(number, "step")
    trainer = trainer_for(MLP((2, 3)), callbacks=[Checkpoints(tmp_path), send])
    with pytest.raises(Interrupted, match=f"{signal.Signals(number).name} after step 4") as caught:
        trainer.fit(DataLoader(blobs(), 20), epochs=5)
    assert (caught.value.signal, caught.value.exit_code) == (number, 128 + number)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert send.told == [*[("step", n) for n in (1, 2, 3)], ("epoch", 3), ("step", 4), ("interrupt", 4), ("end", 4)]
    assert differences({**trainer.state_dict(), "about": {}}, load_state(tmp_path / "last.safetensors")) == []
    assert handlers() == before


def test_a_signal_at_the_end_of_an_epoch_is_heard_there(tmp_path):
    send = Send(signal.SIGTERM, "epoch")
    trainer = trainer_for(MLP((2, 3)), callbacks=[Checkpoints(tmp_path), send])
    with pytest.raises(Interrupted, match="after step 6"):
        trainer.fit(DataLoader(blobs(), 20), epochs=5)
    assert len(load_state(tmp_path / "last.safetensors")["progress"]["history"]) == len(trainer.history) == 2


def test_a_signal_in_the_last_moments_is_not_lost():
    trainer = trainer_for(MLP((2, 3)), callbacks=[Send(signal.SIGTERM, "end", epoch=1)])
    with pytest.raises(Interrupted, match="SIGTERM after the last step"):
        trainer.fit(DataLoader(blobs(), 20))
    assert len(trainer.history) == 1


def test_an_error_is_not_hidden_by_a_signal():
    class Break(Callback):
        def on_interrupt(self, _):
            raise OSError("full")

    before = handlers()
    with pytest.raises(OSError, match="full"):
        trainer_for(MLP((2, 3)), callbacks=[Send(signal.SIGTERM, "step"), Break()]).fit(
            DataLoader(blobs(), 20), epochs=3
        )
    assert handlers() == before


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_is_obeyed_at_once(number):
    before, reached = handlers(), []

    def wait():
        with Stop() as stop:
            os.kill(os.getpid(), signal.SIGTERM)
            reached.append(stop.signal)
            os.kill(os.getpid(), number)
            reached.append("too far")

    with pytest.raises(Interrupted, match="for the second time"):
        wait()
    assert reached == [signal.SIGTERM]
    assert handlers() == before


def test_ignored_signals_stay_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Stop() as stop:
            os.kill(os.getpid(), signal.SIGINT)
        assert stop.signal is None
    finally:
        signal.signal(signal.SIGINT, before)


def test_training_in_another_thread_leaves_signals_alone():
    before, seen = handlers(), []

    class Look(Callback):
        def on_step_end(self, _):
            seen.append(handlers())

    thread = Thread(target=trainer_for(MLP((2, 3)), callbacks=[Look()]).fit, args=(DataLoader(blobs(), 60),))
    thread.start()
    thread.join()
    assert seen == [before]


def test_it_can_be_pickled():
    copy = pickle.loads(pickle.dumps(Interrupted(signal.SIGTERM, "after step 3")))
    assert (str(copy), copy.signal, copy.exit_code) == ("SIGTERM after step 3", signal.SIGTERM, 143)


SCRIPT = """
import sys, time
import xdl
from tests.train.around import blobs, trainer_for
from xdl.data import DataLoader
from xdl.errors import Interrupted
from xdl.models import MLP
from xdl.train import Callback, Checkpoints, load_state

class Slow(Callback):
    def on_step_end(self, trainer):
        print("step", trainer.step, flush=True)
        time.sleep(0.02 * slow)

    def on_interrupt(self, trainer):
        print("interrupt", flush=True)
        time.sleep(100 * hang)

folder, slow, hang = sys.argv[1], "slow" in sys.argv, "hang" in sys.argv
xdl.manual_seed(1)
trainer = trainer_for(MLP((2, 3)), callbacks=[Slow(), Checkpoints(folder)])
if "resume" in sys.argv:
    trainer.load_state_dict(load_state(folder + "/last.safetensors"))
try:
    trainer.fit(DataLoader(blobs(), 4, shuffle=True, num_workers=1), DataLoader(blobs(), 60), epochs=4)
except Interrupted as stop:
    print(stop, flush=True)
    sys.exit(stop.exit_code)
"""


def start(*args):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *map(str, args)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDL_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def read_to(process, line):
    """Waits until the process says so."""
    for found in process.stdout:
        if found.strip() == line:
            return
    raise AssertionError(f"it never said {line!r}")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_real_signal_to_a_process_that_goes_on_later(tmp_path, number, code):
    process = start(tmp_path / "broken", "slow")
    read_to(process, "step 20")
    process.send_signal(number)
    said = process.communicate(timeout=60)[0].split("\n")
    assert process.returncode == code
    step = load_state(tmp_path / "broken" / "last.safetensors")["progress"]["step"]
    assert 20 <= step < 60
    assert f"{signal.Signals(number).name} after step {step}" in said
    for args in (("broken", "resume"), ("whole",)):
        process = start(tmp_path / args[0], *args[1:])
        process.communicate(timeout=60)
        assert process.returncode == 0
    states = [load_state(tmp_path / name / "last.safetensors") for name in ("broken", "whole")]
    assert states[0]["progress"]["step"] == 60
    assert differences(*states) == []


def test_a_second_ctrl_c_does_not_wait(tmp_path):
    process = start(tmp_path, "slow", "hang")
    read_to(process, "step 2")
    process.send_signal(signal.SIGINT)
    read_to(process, "interrupt")
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[0]
    assert (process.returncode, said.strip()) == (130, "SIGINT for the second time")
    assert os.listdir(tmp_path) == []
