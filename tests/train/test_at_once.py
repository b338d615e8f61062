"""Four threads and eight processes train at once, and each ends with the bits of the training that runs alone.

Six networks, each with another optimizer: dropout, batch norm, convolution by Winograd's algorithm and by columns,
LSTM, layer norm and embedding; shuffled batches, augmentation, metrics, an evaluation after each epoch.
"""

import json
import multiprocessing
import os
import subprocess
import sys
from functools import cache
from hashlib import sha256
from threading import Thread

import numpy as np
import pytest

from tests.at_once import at_once
from tests.house.source import ROOT
from xdl import nn, optim, random
from xdl.data import DataLoader, TensorDataset
from xdl.functional import cross_entropy
from xdl.train import Trainer, accuracy

THREADS, PROCESSES = 4, 8


class Words(nn.Module):
    """The class of a sequence of words: the last state of an LSTM."""

    def __init__(self):
        self.words, self.lstm = nn.Embedding(11, 12), nn.LSTM(12, 20, batch_first=True)
        self.norm, self.out = nn.LayerNorm(20), nn.Linear(20, 3)

    def forward(self, x):
        """(N, 3) from (N, T)."""
        return self.out(self.norm(self.lstm(self.words(x))[0][:, -1]))


def wide():
    """Convolutions of 16 channels, which go by Winograd's algorithm."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU()),
        *(nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.2), nn.Linear(16 * 16, 3)),
    )


def narrow():
    """Convolutions of few channels, which go by columns."""
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3), nn.GELU(), nn.AvgPool2d(2), nn.Conv2d(4, 5, 2), nn.Dropout2d(0.3)),
        *(nn.Flatten(), nn.Linear(20, 3)),
    )


def perceptron():
    """Parameters enough for NumPy to let other threads run within an update."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 150), nn.BatchNorm1d(150), nn.Dropout(), nn.Linear(150, 3))


KINDS = {
    "wide": (wide, lambda p: optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-3, nesterov=True)),
    "narrow": (narrow, lambda p: optim.AdamW(p, lr=3e-3, amsgrad=True)),
    "perceptron": (perceptron, lambda p: optim.RMSprop(p, lr=1e-3, momentum=0.5, centered=True)),
    "words": (Words, lambda p: optim.Adam(p, lr=1e-2)),
    "perceptron by Adadelta": (perceptron, lambda p: optim.Adadelta(p, lr=1.0, weight_decay=1e-3)),
    "perceptron by NAdam": (perceptron, lambda p: optim.NAdam(p, lr=1e-3, weight_decay=1e-3)),
}


def samples(kind, seed, n=24):
    """Images (N, 1, 8, 8), or sequences of words (N, 6), of three classes."""
    draw = np.random.default_rng(seed)
    t = draw.integers(0, 3, n)
    x = draw.integers(0, 11, (n, 6)) if kind == "words" else draw.standard_normal((n, 1, 8, 8)) + t[:, None, None, None]
    return TensorDataset(x if kind == "words" else x.astype(np.float32), t, num_classes=3)


def train(kind, seed, epochs=2):
    """A digest of all that a training leaves: weights, statistics, moments, history and streams."""
    with random.own_streams(seed):
        make, optimizer = KINDS[kind]
        model = make()
        trainer = Trainer(model, cross_entropy, optimizer(model.parameters()), {"accuracy": accuracy}, clip_norm=2.0)
        data = samples(kind, seed)
        shift = None if kind == "words" else lambda x, numbers: x + numbers.uniform(x.shape, like=x)
        loader = DataLoader(data, 8, shuffle=True, transform=shift, num_workers=seed % 2)
        trainer.fit(loader, DataLoader(data, 16), epochs=epochs)
        state, digest = trainer.state_dict(), sha256()
        tensors = [*state["model"].items(), *model.named_parameters()]
        tensors += [(str(name), t) for one in state["optimizer"]["state"].values() for name, t in one.items()]
        for name, t in tensors:
            digest.update(name.encode() + (t.numpy().tobytes() if hasattr(t, "numpy") else repr(t).encode()))
        history = [{name: value for name, value in row.items() if "second" not in name} for row in trainer.history]
        digest.update(repr((history, random.get_state())).encode())
        return digest.hexdigest()


@cache
def alone(kind, seed, epochs=2):
    """`train` by itself."""
    return train(kind, seed, epochs)


@pytest.mark.parametrize("kind", KINDS)
def test_threads(kind):
    """Each the same network on other data from another seed, so that what one takes of another one shows."""
    expected = [alone(kind, seed) for seed in range(THREADS)]
    assert len(set(expected)) == THREADS
    assert at_once(lambda i: train(kind, i), THREADS) == expected


@pytest.mark.slow
@pytest.mark.parametrize("offset", range(len(KINDS)))
def test_threads_of_different_kinds_for_long(offset):
    kinds = [list(KINDS)[(offset + i) % len(KINDS)] for i in range(THREADS)]
    expected = [alone(kind, i, 12) for i, kind in enumerate(kinds)]
    for _ in range(3):
        assert at_once(lambda i: train(kinds[i], i, 12), THREADS) == expected


def work_of(process):
    """The training of a process."""
    return list(KINDS)[process % len(KINDS)], process


def train_into(pipe, process):
    """What a forked process does."""
    pipe.send(train(*work_of(process)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Python, about forks beside threads
def test_forked_processes_of_one_that_trains_in_threads():
    expected = [alone(*work_of(process)) for process in range(PROCESSES)]
    beside = ["wide", "perceptron"]
    found, context = {}, multiprocessing.get_context("fork")
    threads = [Thread(target=lambda kind=kind: found.update({kind: train(kind, 0, 4)})) for kind in beside]
    for thread in threads:
        thread.start()
    processes = []
    for process in range(PROCESSES):
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=train_into, args=(theirs, process), daemon=True)
        child.start()
        theirs.close()
        processes.append((child, ours))
    got = [pipe.recv() if pipe.poll(120) else "hangs" for _, pipe in processes]
    for child, _ in processes:
        child.join(20)
        child.kill()
    for thread in threads:
        thread.join(120)
    assert got == expected
    assert found == {kind: alone(kind, 0, 4) for kind in beside}


@pytest.mark.slow
def test_processes_of_their_own():
    code = (
        "import sys, json; from tests.train.test_at_once import *; print(json.dumps(train(*work_of(int(sys.argv[1])))))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(i)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for i in range(PROCESSES)
    ]
    found = [json.loads(process.communicate(timeout=300)[0]) for process in started]
    assert found == [alone(*work_of(i)) for i in range(PROCESSES)]
