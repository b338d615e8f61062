"""Kills trainings at random moments, again and again, until each has come to its end, and compares what they leave.

python -m tests.train.resuming.stress [--kills 1000] [--seed 0]

Each training draws its settings from its seed: optimizer, schedule, accumulation, workers, batches, steps between
checkpoints; all callbacks watch. It is trained once without a kill, then killed by SIGKILL, SIGTERM or SIGINT and
resumed, up to 8 times, and must leave the same bits. Children are forked, which spares them the imports.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import xdl
from tests.train.around import blobs, differences
from tests.train.resuming.callback_cases import (
    CASES,
    SimpleNamespace,
    checkpoints,
    pictures,
    told,
    without_times,
)
from xdl import nn, optim, plot
from xdl.data import DataLoader
from xdl.optim import lr_scheduler as rates
from xdl.train import Checkpoints, Schedule, Trainer, accuracy, load_state, read_trace, save_state

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
ENDED = {-signal.SIGKILL, -signal.SIGTERM, 0, 130, 143}  # killed, at the end, or interrupted between two steps
MOST = 8  # kills of one training
EPOCHS = 3
OPTIMIZERS = {
    "SGD": {"lr": 0.05, "momentum": 0.9},
    "Adam": {"lr": 0.02, "amsgrad": True},
    "RMSprop": {"lr": 0.003, "centered": True},
    "NAdam": {"lr": 0.01},
    "Rprop": {"lr": 0.001},
}
SCHEDULES = {
    "exponential": lambda o: Schedule(rates.ExponentialLR(o, 0.9)),
    "cosine by step": lambda o: Schedule(rates.CosineAnnealingLR(o, 30), "step"),
    "plateau": lambda o: Schedule(rates.ReduceLROnPlateau(o, patience=0, threshold=0.1), measure="validation_loss"),
    "one after the other": lambda o: Schedule(
        rates.SequentialLR(o, [rates.LinearLR(o, 0.2, total_iters=5), rates.StepLR(o, 2, 0.7)], [5]), "step"
    ),
    "restarts": lambda o: Schedule(rates.CosineAnnealingWarmRestarts(o, 4), "step"),
}


def shifted(points, numbers):
    """The augmentation."""
    return points + numbers.normal(points.shape) / 10


def train(folder, seed):
    """The training of a seed, from its last checkpoint on, to its end; leaves its state there."""
    draw = random.Random(seed)
    xdl.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 6), nn.BatchNorm1d(6), nn.Sigmoid(), nn.Dropout(0.2), nn.Linear(6, 3))
    name = draw.choice([*OPTIMIZERS])
    optimizer = getattr(optim, name)(model.parameters(), **OPTIMIZERS[name])
    to = SimpleNamespace(folder=folder, model=model, optimizer=optimizer)
    watching = [make(to) for kind, (make, _) in CASES.items() if kind is not Schedule]
    watching += [draw.choice([*SCHEDULES.values()])(optimizer), Checkpoints(folder, every_steps=draw.randint(1, 7))]
    accumulate, batch, samples, workers = (draw.randint(*ends) for ends in ((1, 4), (5, 9), (60, 90), (0, 2)))
    samples += samples % batch == 1  # batch norm refuses a batch of one
    trainer = Trainer(
        model, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy}, watching, 2, accumulate=accumulate
    )
    loader = DataLoader(blobs(samples), batch, shuffle=True, num_workers=workers, transform=shifted)
    if (folder / Checkpoints.last).exists():
        trainer.load_state_dict(load_state(folder / Checkpoints.last))
    trainer.fit(loader, DataLoader(blobs(30, seed=1), 10, shuffle=True), EPOCHS)
    save_state(folder / "end", trainer.state_dict())


def child(folder, seed):
    """The number of a forked process that trains."""
    sys.stdout.flush()
    number = os.fork()
    if number:
        return number
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        train(folder, seed)
        code = 0
    except KeyboardInterrupt as stop:
        code = getattr(stop, "exit_code", 130)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def left(folder):
    """All that a training has left, but for times."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_bytes().splitlines()]
    best = load_state(folder / Checkpoints.last)["callbacks"]["Checkpoints"]
    return {
        "end": load_state(folder / "end"),
        "best": [load_state(folder / "more" / Checkpoints.best), best],
        "more": checkpoints(folder, None),
        "metrics": without_times(lines),
        "trace": read_trace(folder / "trace.jsonl"),
        "events": [event for event in told(folder, None) if event["phase"] in ("train", "validation")],
        "pictures": list(pictures(folder, None)[0]),
    }


def kill_and_resume(root, seed, most, counts):
    """One training: whole, and killed up to `most` times; what differs between them."""
    moments = random.Random(-seed - 1)
    for name in ("whole", "killed"):
        (root / name).mkdir()
    started = time.perf_counter()
    if os.waitpid(child(root / "whole", seed), 0)[1]:
        return ["the whole training failed"]
    takes = time.perf_counter() - started
    for _ in range(most):
        number = child(root / "killed", seed)
        by = moments.choice(SIGNALS)
        time.sleep(moments.uniform(0, takes * 0.7))  # at first much is left to be done, later little
        os.kill(number, by)
        code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        if code not in ENDED:
            return [f"{by.name}: the process ended with {code}"]
        if code == 0:  # it was at its end before
            break
        counts[by.name] += 1
    code = os.waitstatus_to_exitcode(os.waitpid(child(root / "killed", seed), 0)[1])
    return [f"the last process ended with {code}"] if code else differences(left(root / "killed"), left(root / "whole"))


def run(kills, seed=0):
    """Trainings until there were so many kills: (how often each signal came, {seed: what differs})."""
    counts: Counter[str] = Counter()
    wrong = {}
    plot.draw = lambda *_: None  # the strip's data are enough
    with tempfile.TemporaryDirectory() as root:
        train(Path(root), seed)  # so that children find everything imported
    while (done := sum(counts[by.name] for by in SIGNALS)) < kills:
        with tempfile.TemporaryDirectory() as root:
            found = kill_and_resume(Path(root), seed, min(MOST, kills - done), counts)
        counts["trainings"] += 1
        if found:
            wrong[seed] = found
        seed += 1
    return counts, wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="of the first training")
    given = parser.parse_args()
    xdl.set_num_threads(1)
    started = time.perf_counter()
    counts, wrong = run(given.kills, given.seed)
    print(", ".join(f"{count} {name}" for name, count in counts.items()), f"in {time.perf_counter() - started:.0f} s")
    for seed, found in wrong.items():
        print(f"training {seed} differs: {found[:5]}")
    sys.exit(bool(wrong))
