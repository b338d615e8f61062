"""Labelled images in their three parts, as every image set is handed out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xdl.data.dataset import TensorDataset
from xdl.data.images import resize, standardize
from xdl.data.split import stratified_split

SLICE = 4096  # images that are worked on at a time, to keep memory small


@dataclass(frozen=True)
class LabelledImages:
    """A labelled set in its three parts; each holds images (N, C, H, W) float32 and labels (N,) int64.

    description:     where the images come from and how they were split, for people
    mean, std: of the training pixels, subtracted from and divided out of all pixels
    """

    name: str
    description: str
    class_names: tuple[str, ...]
    train: TensorDataset
    validation: TensorDataset
    test: TensorDataset
    mean: float
    std: float

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(channels, height, width) of an image."""
        return tuple(self.train.arrays[0].shape[1:])


@dataclass(frozen=True)
class Parts:
    """Which images are for what: indices, int64."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def __str__(self) -> str:
        return f"{len(self.train)} to train, {len(self.validation)} to validate, {len(self.test)} to test"


def hold_out_fifth(labels: np.ndarray) -> Parts:
    """Of each class one image in five to test, one in ten of what remains to validate; no chance is involved."""
    rest, test = stratified_split(labels, every=5)
    kept, held_out = stratified_split(labels[rest], every=10)
    return Parts(rest[kept], rest[held_out], test)


def labelled_images(
    name: str,
    description: str,
    class_names: tuple[str, ...],
    images: np.ndarray,
    labels: np.ndarray,
    parts: Parts,
    size: int | None = None,
) -> LabelledImages:
    """Enlarges or shrinks images (N, C, H, W) uint8 to size x size, standardizes them and cuts them into parts.

    size: None keeps the images as they are; others are interpolated (`resize`)

    Pixels are standardized by the mean and std of the training part, over all channels.
    """
    if size is not None and images.shape[2:] != (size, size):
        height, width = images.shape[2:]
        flat = resize(images.reshape(-1, height, width), size)
        images = flat.reshape(*images.shape[:2], size, size)
        description += f"; resized from {height}x{width} to {size}x{size} (bilinear)"
    mean, std = moments(images, parts.train)
    values = standardize(np.arange(256), mean, std)

    def part(indices: np.ndarray) -> TensorDataset:
        scaled = np.empty((len(indices), *images.shape[1:]), dtype=np.float32)
        for piece in _slices(len(indices)):
            few = images[indices[piece]]
            scaled[piece] = values[few] if few.dtype == np.uint8 else standardize(few, mean, std)
        return TensorDataset(scaled, labels[indices], num_classes=len(class_names))

    kept = (part(parts.train), part(parts.validation), part(parts.test))
    return LabelledImages(name, description, class_names, *kept, mean, std)


def moments(images: np.ndarray, indices: np.ndarray) -> tuple[float, float]:
    """Mean and std of the pixels of some images, in float64."""
    total = squares = 0.0
    for piece in _slices(len(indices)):
        few = images[indices[piece]]
        wide = np.uint16 if few.dtype == np.uint8 else np.float64
        total += float(few.sum(dtype=np.float64))
        squares += float(np.square(few, dtype=wide).sum(dtype=np.float64))
    count = len(indices) * int(np.prod(images.shape[1:]))
    mean = total / count
    return mean, (squares / count - mean**2) ** 0.5


def _slices(n: int) -> Iterator[slice]:
    return (slice(start, min(start + SLICE, n)) for start in range(0, n, SLICE))
