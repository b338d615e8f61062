"""Images with values from 0, black, to 1, white: what autoencoders take and give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import xdl
from xdl import linalg
from xdl.data import LabelledImages, TensorDataset
from xdl.experiments.shared.images import HALF, images_of, part_of
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad


def pixels_of(run: Run, samples: int = 0, binary: bool = False) -> LabelledImages:
    """The run's data set with pixels between 0 and 1, black and white as in the training images.

    samples: training images that are used; 0: all
    binary:  1 where a pixel is at least one half, else 0
    """
    data = part_of(images_of(run), samples)
    pixels = data.train.arrays[0]
    low, high = float(pixels.min()), float(pixels.max())
    parts = (data.train, data.validation, data.test)
    train, validation, test = (scaled(part, low, high, binary) for part in parts)
    return replace(data, mean=0.0, std=1.0, train=train, validation=validation, test=test)


def scaled(part: TensorDataset, low: float, high: float, binary: bool = False) -> TensorDataset:
    """The images of a part with low as 0 and high as 1; binary: 1 from one half on, else 0."""
    images, labels = part.arrays
    pixels = ((images - low) / (high - low)).clip(0, 1)
    return TensorDataset((pixels > HALF).astype(images.dtype) if binary else pixels, labels)


def tensors_of(part: TensorDataset, most: int = 0) -> tuple[Tensor, Tensor]:
    """(images (N, C, H, W), labels (N,)) of a part, or of its first images."""
    images, labels = (array[: most or len(part)] for array in part.arrays)
    return xdl.tensor(images), xdl.tensor(labels)


def one_of_each(data: LabelledImages, part: TensorDataset) -> list[int]:
    """The place of the first image of each class that the part has."""
    labels = part.arrays[1].tolist()
    return [labels.index(k) for k in range(len(data.class_names)) if k in labels]


@dataclass(frozen=True)
class Plane:
    """Principal components of images, as a code: mean (D,), directions (D, K), the one of most variance first."""

    mean: Tensor
    directions: Tensor

    @classmethod
    def of(cls, part: TensorDataset, most: int) -> Plane:
        """The first `most` components, or as many as images have pixels, by the covariance of all images of a part."""
        x = tensors_of(part)[0].flatten(1)
        mean = x.mean(0)
        moved = x - mean
        values, vectors = linalg.eigh((moved.T @ moved).to("float64"))
        order = values.argsort(descending=True)[: min(most, x.shape[1])]
        return cls(mean, vectors[:, order].to(x.dtype))

    def encode(self, images: Tensor, k: int) -> Tensor:
        """Codes (N, k) of images (N, C, H, W)."""
        return (images.flatten(1) - self.mean) @ self.directions[:, :k]

    def restored(self, images: Tensor, k: int) -> Tensor:
        """The images (N, C, H, W) that their codes of k numbers stand for."""
        again: Tensor = self.encode(images, k) @ self.directions[:, :k].T + self.mean
        return again.reshape(images.shape)

    def error(self, images: Tensor, k: int) -> float:
        """Mean squared error of a pixel with k numbers."""
        return float((self.restored(images, k) - images).square().mean())


def in_batches(function: Any, images: Tensor, size: int = 512) -> Tensor:
    """What a function makes of images, a batch at a time, off the tape."""
    with no_grad():
        return xdl.cat([function(images[at : at + size]) for at in range(0, len(images), size)])
