"""What callbacks cost: a training of a convolutional network with all of them beside the bare loop.

    python bench/callbacks.py [--rounds 6] [--steps 50] [--json FILE]

The network is the books' CNN on 28x28 images (5x5x32, pool, 5x5x64, pool, 512, 10; Adam, batches of 32) on random
data. Blocks of steps alternate between a loop of five lines and `Trainer.fit` with every callback that watches, and
the accuracy as a measure. What callbacks do at the end of an epoch is timed apart and spread over the 1875 steps of an
epoch of MNIST; what they do once a training, such as the last figure, is printed beside.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # xdl of this checkout

from networks import book_cnn

from xdl import data, nn, optim, random, train, zeros
from xdl.optim.lr_scheduler import ExponentialLR

BATCH, EPOCH_STEPS = 32, 1875  # of 60000 images


class Clock(train.Callback):
    """Reads the clock when it is told something: before all others (order -1000) or after them (1000)."""

    def __init__(self, order: int) -> None:
        self.order = order  # type: ignore[misc]
        self.started = self.epoch_ended = 0.0

    def on_fit_start(self, trainer: train.Loop) -> None:  # noqa: ARG002
        """The first step comes next."""
        self.started = perf_counter()

    def on_epoch_end(self, trainer: train.Loop, record: train.Record) -> None:  # noqa: ARG002
        """All steps are done."""
        self.epoch_ended = perf_counter()


def watching(optimizer: optim.Optimizer, folder: Path) -> list[train.Callback]:
    """Every callback that watches a training and does not change it; tests count what they do in a step."""
    return [
        train.Schedule(ExponentialLR(optimizer, 0.9)),
        train.EarlyStopping("train_loss"),
        train.MetricsFile(train.RunFolder(folder, "bench")),
        train.Progress(io.StringIO()),
        train.Events(train.EventStream(folder / "events.jsonl")),
        train.TensorBoard(folder / "events"),
        train.ParameterTrace(folder / "trace.jsonl"),
        train.WeightSnapshots(folder / "weights"),
        train.SampleMeasures(lambda _: {"count": 1}),
        train.Collapse("samples_count", 1),
        train.Divergence(1e9),
        train.SampleFrames(lambda _: zeros(1)),
        train.Checkpoints(folder / "checkpoints", best="train_loss"),
    ]


def bare_seconds(loader: data.DataLoader) -> float:
    """The time of one pass of a new network over the data."""
    model, loss = book_cnn(nn), nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters())
    started = perf_counter()
    for images, labels in loader:
        optimizer.zero_grad()
        loss(model(images), labels).backward()
        optimizer.step()
    return perf_counter() - started


def watched_seconds(loader: data.DataLoader, folder: Path) -> tuple[float, float, float]:
    """The times of the steps, of the epoch's end, and of start and end, for the same with callbacks."""
    model = book_cnn(nn)
    optimizer = optim.Adam(model.parameters())
    before, after = Clock(-1000), Clock(1000)
    callbacks = [before, *watching(optimizer, folder), after]
    metrics = {"accuracy": train.accuracy}
    trainer = train.Trainer(model, nn.CrossEntropyLoss(), optimizer, metrics, callbacks)
    started = perf_counter()
    trainer.fit(loader)
    ended = perf_counter()
    steps, epoch_end = before.epoch_ended - after.started, after.epoch_ended - before.epoch_ended
    return steps, epoch_end, ended - started - steps - epoch_end


def measure(rounds: int, steps: int) -> dict[str, float]:
    """Medians in seconds, and the ratio of the steps and of a whole epoch of MNIST."""
    rng = np.random.default_rng(0)
    images = rng.standard_normal((steps * BATCH, 1, 28, 28), dtype=np.float32)
    dataset = data.TensorDataset(images, rng.integers(0, 10, len(images)), num_classes=10)
    bare: list[float] = []
    watched: list[tuple[float, float, float]] = []
    for i in range(rounds + 1):
        for kind in ("bare", "watched") if i % 2 else ("watched", "bare"):
            random.manual_seed(0)
            loader = data.DataLoader(dataset, BATCH, shuffle=True)
            if kind == "bare":
                bare.append(bare_seconds(loader) / steps)
            else:
                with TemporaryDirectory() as folder:
                    watched.append(watched_seconds(loader, Path(folder)))
    bare, watched = bare[1:], watched[1:]  # the first round warms up
    step = [seconds / steps for seconds, _, _ in watched]
    epoch_end = median(seconds for _, seconds, _ in watched)
    return {
        "bare_step": median(bare),
        "watched_step": median(step),
        "ratio_of_steps": median(a / b for a, b in zip(step, bare, strict=True)),
        "epoch_end": epoch_end,
        "ratio_of_an_epoch": median((a + epoch_end / EPOCH_STEPS) / b for a, b in zip(step, bare, strict=True)),
        "start_and_end": median(seconds for _, _, seconds in watched),
    }


def main() -> None:
    """Measures, prints, and writes JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = measure(given.rounds, given.steps)
    print(f"a step: bare {found['bare_step'] * 1e3:.2f} ms, with callbacks {found['watched_step'] * 1e3:.2f} ms")
    print(f"ratio of the steps: {found['ratio_of_steps']:.4f}")
    print(f"the end of an epoch: {found['epoch_end'] * 1e3:.0f} ms; start and end: {found['start_and_end']:.2f} s")
    print(f"ratio of an epoch of {EPOCH_STEPS} steps (aim: at most 1.03): {found['ratio_of_an_epoch']:.4f}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
