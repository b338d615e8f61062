"""Training a variational autoencoder, and measuring it in nats an image (hwdong 8.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xdl
from xdl import optim
from xdl.data import DataLoader, LabelledImages, TensorDataset
from xdl.distributions import Normal
from xdl.experiments.autoencoders.pixels import tensors_of
from xdl.experiments.autoencoders.training import TrainingSettings
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.shared.generated.frames import frames_of, save_frames
from xdl.experiments.shared.images import EVALUATION_BATCH
from xdl.optim import lr_scheduler
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad
from xdl.train import EarlyStopping, Loop, Record, Schedule, Variational, bounds

AT_ONCE = 50  # images, with `bound` codes each, whose importance-weighted bound is computed together
UNUSED = 0.01  # nats: a unit of the code with less KL tells nothing of the image


@dataclass(frozen=True)
class VariationalSettings(TrainingSettings):
    """What the training of every variational autoencoder needs beside that of the others."""

    epochs: int = setting(80, "passes over the training images", low=1)
    patience: int = setting(15, "stop after so many epochs without a better validation loss", low=1)
    hidden: int = setting(200, "units of the hidden layers", low=1)
    latent: int = setting(16, "numbers of the code", low=1)
    bound: int = setting(50, "codes of an image for its importance-weighted bound", low=1)


@dataclass(frozen=True)
class Nats:
    """Means over images, in nats: the parts of the ELBO, the KL of each unit (K,), the importance-weighted bound."""

    reconstruction: float
    kl: float
    units: Tensor
    bound: float

    @property
    def negative_elbo(self) -> float:
        """-ELBO."""
        return self.reconstruction + self.kl

    @property
    def parts(self) -> tuple[float, float, float]:
        """Reconstruction, KL, and their sum."""
        return self.reconstruction, self.kl, self.negative_elbo

    @property
    def used(self) -> int:
        """How many units tell something of the image."""
        return int((self.units > UNUSED).sum())


@dataclass
class Trained:
    """A trained variational autoencoder, its history, and what it reaches on test images."""

    model: Any
    history: list[Record]
    test: Nats

    @property
    def seconds(self) -> float:
        """What the training took."""
        return sum(record["seconds"] for record in self.history)


def train_variational(
    run: Run,
    model: Any,
    data: LabelledImages,
    settings: Any,
    beta: float = 1.0,
) -> Trained:
    """Trains the model in the run's folder, or goes on where the run is resumed; keeps its best epoch's weights.

    What it makes of the same codes, of each class in turn where it is told the class, is kept in frames.
    """
    frames = frames_of(lambda _: made_of_codes(run, model), settings.epochs)
    optimizer = optim.Adam(model.parameters(), lr=settings.lr)
    rate = Schedule(lr_scheduler.ExponentialLR(optimizer, settings.lr_decay))
    stopping = EarlyStopping("validation_loss", settings.patience)
    loop = Loop(Variational(model, optimizer, beta), [rate, *watchers(run), stopping, frames])
    batches = DataLoader(data.train, settings.batch_size, shuffle=True)
    history = fit(run, loop, batches, DataLoader(data.validation, EVALUATION_BATCH), settings.epochs)
    run.folder.save_model(model, run.identity)
    save_frames(run, frames)
    trained = Trained(model.eval(), history, nats_of(model, data.test, settings.bound))
    alone = nats_of_pixels(data.train, data.test)
    if beta == 1 and trained.test.negative_elbo >= alone:
        name = f"the model {run.name}" if run.name else "the model"
        found = f"{trained.test.negative_elbo:.2f} nats an image are not below those of pixels one by one, {alone:.2f}"
        run.see(f"{name} has learned nothing: its {found}")
    return trained


def made_of_codes(run: Run, model: Any) -> Tensor:
    """(100, C, H, W): the images of codes drawn from N(0, I) by the run's seed, the same codes at each call.

    Of each class in turn, where the model is told the class.
    """
    with xdl.random.own_streams(run.about["seed"]):
        z = xdl.randn(100, model.latent)
    told = (xdl.arange(100) % model.num_classes,) if model.told else ()
    with no_grad():
        images: Tensor = model.images(z, *told)
    return images


def nats_of(model: Any, part: TensorDataset, samples: int) -> Nats:
    """Means over all images of a part. samples: of the importance-weighted bound; 1 for the ELBO again."""
    images, labels = tensors_of(part)
    sums = [0.0, 0.0]
    units = xdl.zeros(model.latent)
    with no_grad():
        for at in range(0, len(images), AT_ONCE):
            x = images[at : at + AT_ONCE]
            told = (labels[at : at + AT_ONCE],) if model.told else ()
            parts = bounds.elbo_parts(model(x, *told), x)
            units = units + parts.kl.sum(0)
            bound = bounds.importance_bound(model, x, *told, samples=samples)
            sums = [sums[0] + float(parts.reconstruction.sum()), sums[1] + float(bound.sum())]
    count = len(images)
    return Nats(sums[0] / count, float(units.sum()) / count, units / count, -sums[1] / count)


def nats_of_pixels(train: TensorDataset, part: TensorDataset) -> float:
    """-ln p of a part's images where each pixel is 1 with its share in the training images, whatever the others are."""
    shares = (tensors_of(train)[0].sum(0) + 1) / (len(train) + 2)
    images = tensors_of(part)[0]
    return -float((images * shares.log() + (1 - images) * (1 - shares).log()).sum()) / len(images)


def quantile_grid(cells: int, reach: float = 0.98) -> Tensor:
    """(cells^2, 2): codes between which equally much of N(0, I) lies, in the order of `mosaic`.

    reach: the share of the normal distribution along an axis that the grid covers
    """
    shares = (xdl.arange(cells, dtype="float32") + 0.5) / cells
    values = Normal(0.0, 1.0).icdf((1 - reach) / 2 + reach * shares).to("float32")
    up, across = xdl.meshgrid(values.flip(0), values, indexing="ij")
    return xdl.stack([across.flatten(), up.flatten()], 1)
