"""What callbacks may do: in a step where nothing is due they are told, and that is all; at logs, values are read once.

Calls of Python and of C are counted, and transfers from a device, by the callbacks of bench/callbacks.py, which
measures times.
"""

import gc
import inspect
import sys
from contextlib import ExitStack
from functools import partial

import pytest

import xdl
from tests import strict_backend
from xdl import nn, optim, train
from xdl.train import Callback, Trainer, WeightAverage

STEPS = 29
QUIET = range(12, 19)  # steps in which nothing is due: logs come with steps 10 and 20, a trace with step 50
TOLD = {"call": 1, "c_call": 1}  # in a step: on_step_end, its own or the empty one, which `tell` looks up by getattr
AVERAGE = 165  # calls of Python for a WeightAverage that is due, of the two tensors of a linear layer
READS = [
    9,
    0,
    19,
]  # transfers before the quiet steps (a picture, five rows of a strip of weights, a frame of samples, a
# log of two measures), in them, and after them: a log, the epoch's measures, a picture, two rows of the strip, a
# frame, whether all is finite, and two checkpoints of five arrays


class At(Callback):
    """Does something after the other callbacks in a step."""

    order = 10**6

    def __init__(self, step, act):
        self.step, self.act = step, act

    def on_step_end(self, trainer):
        if trainer.step == self.step:
            self.act()


def fit(make, opened, closed, backend="numpy"):
    """Trains with the callbacks of make(optimizer, model); opened() and closed() are called around the quiet steps."""
    xdl.use(backend)
    xdl.manual_seed(0)
    model = nn.Linear(4, 3)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    around = [At(QUIET[0] - 1, opened), At(QUIET[-1], closed)]
    metrics = {"accuracy": train.accuracy}
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, metrics, [*make(optimizer, model), *around])
    trainer.fit([(xdl.randn(3, 4), xdl.tensor([0, 1, 2]))] * STEPS)


def calls(make):
    """Calls in a quiet step beyond those of a training without these callbacks."""
    totals = []
    for each in (lambda *_: [], make):
        counts = {"call": 0, "c_call": 0}

        def note(_, event, __, counts=counts):
            if event in counts:
                counts[event] += 1

        gc.disable()  # whose callbacks would be counted, too
        try:
            fit(each, partial(sys.setprofile, note), partial(sys.setprofile, None))
        finally:
            sys.setprofile(None)
            gc.enable()
        totals.append(counts)
    bare, watched = totals
    return {event: (watched[event] - bare[event]) / len(QUIET) for event in bare}


@pytest.fixture
def watching(bench, tmp_path):
    """watching(optimizer): the benchmark's callbacks."""
    return lambda optimizer, *_: bench("callbacks").watching(optimizer, tmp_path)


def test_every_callback_is_counted(watching):
    here = {type(callback) for callback in watching(optim.SGD(nn.Linear(2, 3).parameters()))}
    offered = {value for value in vars(train).values() if inspect.isclass(value) and issubclass(value, Callback)}
    assert here | {WeightAverage, Callback} == offered


def test_a_callback_is_told_of_a_quiet_step_and_does_nothing_more(watching):
    made = watching(optim.SGD(nn.Linear(2, 3).parameters()))
    if calls(watching) != {event: len(made) * count for event, count in TOLD.items()}:
        each = {
            type(callback).__name__: calls(lambda *given, i=i: [watching(*given)[i]]) for i, callback in enumerate(made)
        }
        assert each == dict.fromkeys(each, TOLD)
        raise AssertionError("together they do more than one by one")


def test_an_average_costs_as_much_as_committed_where_it_is_due_and_nothing_elsewhere():
    assert calls(lambda _, model: [WeightAverage(model)])["call"] <= AVERAGE
    assert calls(lambda _, model: [WeightAverage(model, every=1000)]) == TOLD


class Careless(Callback):
    """Does in every step what is for the steps where it is due."""

    def __init__(self, act):
        self.on_step_end = act


CARELESS = {
    "walks over the parameters": lambda trainer: [None for _ in trainer.task.module().parameters()],
    "asks for the parts": lambda trainer: trainer.task.parts(),
    "makes a copy": lambda trainer: trainer.model.weight.array.copy(),
    "makes a state": lambda trainer: trainer.state_dict(),
}


@pytest.mark.parametrize("act", CARELESS.values(), ids=CARELESS)
def test_a_callback_that_does_more_is_seen(act):
    assert calls(lambda *_: [Careless(act)]) != TOLD


def reads(make):
    """Transfers from the device before, in and after the quiet steps, in which none is possible."""
    counts, plain = [0], strict_backend.StrictBackend.to_numpy

    def counted(self, x):
        counts[-1] += 1
        return plain(self, x)

    with pytest.MonkeyPatch.context() as patch, ExitStack() as forbidden:
        patch.setattr(strict_backend.StrictBackend, "to_numpy", counted)

        def opened():
            counts.append(0)
            forbidden.enter_context(strict_backend.no_synchronization())

        def closed():
            forbidden.close()
            counts.append(0)

        fit(make, opened, closed, "array_api_strict")
    return counts


def test_values_are_read_only_where_something_is_due(strict, watching):
    assert reads(lambda *_: []) == [2, 0, 4]
    assert [found - most for found, most in zip(reads(watching), READS, strict=True) if found > most] == []


def test_a_look_at_a_value_in_a_quiet_step_is_seen(strict):
    with pytest.raises(AssertionError, match="a value was read from the device"):
        reads(lambda *_: [Careless(lambda trainer: float(trainer.model.weight.sum()))])


def test_the_benchmark_measures(bench, monkeypatch):
    small = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    monkeypatch.setattr(bench("callbacks"), "book_cnn", lambda _: small)
    found = bench("callbacks").measure(rounds=1, steps=2)
    assert min(found.values()) > 0
    assert found["ratio_of_an_epoch"] > found["ratio_of_steps"]
