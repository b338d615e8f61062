"""Training an autoencoder on images: Adam with a decaying rate, the weights of the best epoch (hwdong 8.2.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from xdl import nn, optim
from xdl.data import DataLoader, LabelledImages
from xdl.errors import SettingError, expect
from xdl.experiments.autoencoders.pixels import one_of_each, tensors_of
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.shared.generated.frames import frames_of, save_frames
from xdl.experiments.shared.images import EVALUATION_BATCH
from xdl.optim import lr_scheduler
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import EarlyStopping, Loop, Reconstruction, Record, Schedule

MNIST = {"epochs": 20, "batch_size": 128, "hidden": (512, 256), "code": 32, "seeds": 1, "lr_decay": 0.88}


@dataclass(frozen=True)
class TrainingSettings:
    """What the training of every autoencoder needs; experiments change defaults and add fields."""

    epochs: int = setting(60, "passes over the training images", low=1)
    batch_size: int = setting(32, "images in a step", low=1)
    lr: float = setting(0.002, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(0.98, "factor of the rate after each epoch", above=0, high=1)
    patience: int = setting(10, "stop after so many epochs without a smaller validation error", low=1)
    samples: int = setting(0, "training images to use; 0: all", low=0)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


@dataclass
class Coder:
    """A trained autoencoder: its history, and its mean squared error of a pixel on the test images."""

    model: Any
    history: list[Record]
    error: float

    @property
    def curve(self) -> list[float]:
        """The validation error by epoch."""
        return [record["validation_error"] for record in self.history]

    @property
    def seconds(self) -> float:
        """What the training took."""
        return sum(record["seconds"] for record in self.history)


def check_code(name: str, code: int, data: LabelledImages) -> None:
    """Raises SettingError for a code of as many numbers as images have pixels: PCA would lose nothing."""
    pixels = prod(data.image_shape)
    expect(code < pixels, SettingError, name, f"fewer numbers than the {pixels} of an image", code)


def train_coder(
    run: Run,
    model: nn.Module,
    data: LabelledImages,
    settings: Any,
    corrupt: Callable[[Tensor], Tensor] | None = None,
    sparsity: Callable[[Tensor], Tensor] | None = None,
    weight_of_sparsity: float = 1.0,
) -> Coder:
    """Trains the model in the run's folder, or goes on where the run is resumed, and keeps its best epoch's weights.

    corrupt, sparsity: see `train.Reconstruction`

    What it makes of a test image of each class, corrupted as those of the training, is kept in frames.
    """
    shown = tensors_of(data.test)[0][one_of_each(data, data.test)]
    frames = frames_of(lambda _: model(corrupt(shown) if corrupt else shown), settings.epochs)
    optimizer = optim.Adam(model.parameters(), lr=settings.lr)
    task = Reconstruction(model, optimizer, corrupt, sparsity, weight_of_sparsity)
    rate = Schedule(lr_scheduler.ExponentialLR(optimizer, settings.lr_decay))
    stopping = EarlyStopping("validation_loss", settings.patience)
    loop = Loop(task, [rate, *watchers(run), stopping, frames])
    batches = DataLoader(data.train, settings.batch_size, shuffle=True)
    history = fit(run, loop, batches, DataLoader(data.validation, EVALUATION_BATCH), settings.epochs)
    run.folder.save_model(model, run.identity)
    save_frames(run, frames)
    error = loop.evaluate(DataLoader(data.test, EVALUATION_BATCH))["error"]
    alone = float(((tensors_of(data.test)[0] - tensors_of(data.train)[0].mean(0)) ** 2).mean())
    if error >= alone:
        name = f"the autoencoder {run.name}" if run.name else "the autoencoder"
        run.see(f"{name} has learned nothing: its error {error:.5f} is not below that of the mean image, {alone:.5f}")
    return Coder(model, history, error)
