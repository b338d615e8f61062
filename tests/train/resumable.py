"""A training with everything that has a state, as a program that goes on from its checkpoint, if there is one.

python -m tests.train.resumable FOLDER OPTIMIZER EVERY_STEPS [KILL_AT_STEP]

The training loader has a seed of its own; the validation loader follows the global streams.
100 steps: 4 epochs of 25 steps of 2 batches each, the last batch smaller. Convolution, batch norm, dropout,
augmentation, two workers, accumulation, clipping, schedules by step and by epoch, an average of the weights, early
stopping, metrics.jsonl. EVERY_STEPS steps a checkpoint is written, and at no other time.
"""

import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import xdl
from xdl import nn, optim
from xdl.data import DataLoader, TensorDataset
from xdl.train import (
    Callback,
    Checkpoints,
    EarlyStopping,
    MetricsFile,
    Schedule,
    Trainer,
    WeightAverage,
    accuracy,
    load_state,
)

EPOCHS, STEPS = 4, 100
OPTIMIZERS = {
    "SGD": {"lr": 0.05, "momentum": 0.9},
    "Adagrad": {"lr": 0.02},
    "Adadelta": {"lr": 0.5},
    "RMSprop": {"lr": 0.003, "momentum": 0.5, "centered": True},
    "Adam": {"lr": 0.01, "amsgrad": True},
    "AdamW": {"lr": 0.01},
    "Adamax": {"lr": 0.01},
    "NAdam": {"lr": 0.01},
    "RAdam": {"lr": 0.01},
    "Rprop": {"lr": 0.001},
    "ASGD": {"lr": 0.05, "t0": 10.0},
    "Adafactor": {"lr": 0.02},
    "Muon": {"lr": 0.02},
}


class KillAt(Callback):
    """Kills the process after a step, when the others have done their part: it gets no chance to write anything."""

    order = 1000

    def __init__(self, step):
        self.step = step

    def on_step_end(self, trainer):
        """Kills it."""
        print(trainer.step, flush=True)
        if trainer.step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


def images(n, seed):
    """Noise with a bright column, which is the class."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, n)
    pixels = rng.normal(size=(n, 1, 4, 4)).astype("float32")
    pixels[np.arange(n), 0, :, labels] += 1
    return TensorDataset(pixels, labels, num_classes=4)


def noisy(pixels, numbers):
    """The augmentation."""
    return pixels + numbers.normal(pixels.shape) / 10


def training(folder, optimizer="Adam", every_steps=37, *more):
    """The trainer and its loaders."""
    xdl.manual_seed(5)
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3), nn.Linear(12, 4)
    )
    parameters = [p for p in model.parameters() if p.ndim == 2 or optimizer != "Muon"]
    made = getattr(optim, optimizer)(parameters, **OPTIMIZERS[optimizer])
    warm_up = optim.lr_scheduler.LinearLR(made, 0.2, total_iters=40)
    plateau = optim.lr_scheduler.ReduceLROnPlateau(made, patience=0, threshold=0.2)
    callbacks = [
        Checkpoints(folder, every_epochs=None, every_steps=every_steps, best="validation_loss"),
        Schedule(warm_up, every="step"),
        Schedule(plateau, measure="validation_loss"),
        EarlyStopping(patience=3),
        WeightAverage(model, 0.9),
        MetricsFile(SimpleNamespace(path=Path(folder), files=[])),
        *more,
    ]
    trainer = Trainer(
        model, nn.CrossEntropyLoss(), made, {"accuracy": accuracy}, callbacks, accumulate=2, clip_norm=1.0
    )
    train = DataLoader(images(197, 0), 4, shuffle=True, num_workers=2, transform=noisy, seed=9)
    return trainer, train, DataLoader(images(30, 1), 16, shuffle=True)


def resume(folder, *given):
    """Goes on from the last checkpoint in the folder, or starts, and trains to the end; the trainer."""
    trainer, train, validation = training(folder, *given)
    if (Path(folder) / Checkpoints.last).exists():
        trainer.load_state_dict(load_state(Path(folder) / Checkpoints.last))
    trainer.fit(train, validation, EPOCHS)
    return trainer


if __name__ == "__main__":
    resume(sys.argv[1], sys.argv[2], int(sys.argv[3]), KillAt(int((*sys.argv, 0)[4])))
