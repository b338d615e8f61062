"""A small classifier, trained by xdl on the same images, that scores generated ones.

Its classes tell what samples show and how evenly, its probabilities how clear they are, and the layer before its last
gives the features in which the Frechet distance is taken. That is on a scale of its own: it stands between the distance
of real images to real ones, the floor, and that of noise, the ceiling, all of as many images.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Any

import xdl
from xdl import nn, optim
from xdl.creation import tensor
from xdl.data import DataLoader, LabelledImages
from xdl.experiments.shared.images import EVALUATION_BATCH
from xdl.functional import cat
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad
from xdl.train import Trainer, accuracy, load_model, save_model
from xdl.train.metrics.samples import class_shares, entropy_of, frechet_distance

FILE = "scorer.safetensors"
FEATURES = 64  # units before the last layer
EPOCHS, LATER = 20, 4  # of a small set, and of one with more than MANY images
MANY = 10_000
MOST = 1000  # images that are compared


def build(shape: tuple[int, ...], classes: int) -> nn.Sequential:
    """Two convolutions with pooling and two linear layers, for images (C, H, W)."""
    channels, height, width = shape
    return nn.Sequential(
        nn.Conv2d(channels, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * (height // 4) * (width // 4), FEATURES),
        nn.ReLU(),
        nn.Linear(FEATURES, classes),
    )


@dataclass
class Scores:
    """What is told of images. shares: of each class; classes: those that have 4 % at least; frechet: to real images.

    confidence: the mean of the largest probability; entropy: of the shares, in nats, ln K where they are even
    """

    shares: list[float]
    confidence: float
    entropy: float
    frechet: float

    @property
    def classes(self) -> int:
        """See the class."""
        return sum(share >= 0.04 for share in self.shares)

    def measures(self) -> dict[str, float]:
        """All that is one number."""
        names = ("classes", "confidence", "entropy", "frechet")
        return {name: float(getattr(self, name)) for name in names}


class Scorer:
    """A trained classifier, and the features of real images. Images are standardized, as those of the data set.

    test_accuracy: of the classifier; count: how many images are compared; floor, ceiling: see the module
    """

    def __init__(self, model: nn.Sequential, data: LabelledImages) -> None:
        self.model, self.num_classes = model.eval(), len(data.class_names)
        train, test = data.train.arrays[0], data.test.arrays[0]
        self.count = min(MOST, len(test), len(train))
        self._reference = self.features(tensor(train[: 2 * MOST]))
        logits = self.logits(tensor(test))
        self.test_accuracy = float(accuracy(logits, tensor(data.test.arrays[1])).item())
        self.floor = self.scores(tensor(test[: self.count]))
        with xdl.random.own_streams(0):
            places = xdl.rand(self.count, *data.image_shape)
        low, high = float(train.min()), float(train.max())
        self.ceiling = self.scores(low + (high - low) * places)
        self.even = log(self.num_classes)

    def logits(self, images: Tensor) -> Tensor:
        """(N, K)."""
        return self._last(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """(N, FEATURES): what the layer before the last says."""
        with no_grad():
            parts = images.split(EVALUATION_BATCH)
            return cat([self._before(part) for part in parts])

    def scores(self, images: Tensor) -> Scores:
        """What is told of images (N, C, H, W)."""
        found = self.features(images)
        with no_grad():
            shares = self._last(found).softmax(1)
        classes = class_shares(shares.argmax(1), self.num_classes)
        apart = frechet_distance(found, self._reference)
        return Scores(classes, float(shares.max(1).values.mean().item()), entropy_of(classes), apart)

    def labels(self, images: Tensor) -> Tensor:
        """The likeliest class of each image, (N,)."""
        return self.logits(images).argmax(1)

    def _before(self, images: Tensor) -> Tensor:
        found: Tensor = self.model[:-1](images)
        return found

    def _last(self, features: Tensor) -> Tensor:
        with no_grad():
            found: Tensor = self.model[-1](features)
        return found


def scorer_of(run: Run, data: LabelledImages, epochs: int | None = None) -> Scorer:
    """Trains a scorer on the set's training images, or takes the one that a resumed run has left.

    epochs: None: 20, or 4 of a set with more than 10,000 images. The run's folder holds scorer.safetensors then.
    """
    model, path = build(data.image_shape, len(data.class_names)), run.folder.path / FILE
    if run.resumed and path.is_file():
        load_model(model, path)
    else:
        run.reseed()
        model = build(data.image_shape, len(data.class_names))
        trainer = Trainer(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.002), log_every=1000)
        many = len(data.train) > MANY
        trainer.fit(
            DataLoader(data.train, 64 if many else 32, shuffle=True), epochs=epochs or (LATER if many else EPOCHS)
        )
        save_model(model, path, {"what": "scorer", "data": data.name})
    scorer = Scorer(model, data)
    run.say(
        f"scorer: a classifier of test accuracy {scorer.test_accuracy:.4f}; Frechet distance of {scorer.count} real "
        f"images to others {scorer.floor.frechet:.2f}, of noise {scorer.ceiling.frechet:.1f}"
    )
    return scorer


def score_table(run: Run, rows: dict[str, Scores]) -> list[dict[str, Any]]:
    """Shows the scores of several sets of images: of samples, of real images and of noise."""
    shown = [
        (name, one.classes, min(one.shares), one.entropy, one.confidence, one.frechet) for name, one in rows.items()
    ]
    return run.table(("images", "classes of 4 %", "least share", "class entropy", "confidence", "Frechet"), shown)
