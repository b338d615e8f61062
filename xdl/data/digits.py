"""The handwritten digits that ship with xdl: 1797 real images of 8x8 pixels (origin: files/README.md)."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from xdl.data.dataset import TensorDataset
from xdl.data.images import resize, standardize
from xdl.data.split import stratified_split
from xdl.errors import DataError

COUNT, SIDE, INK, CLASSES = 1797, 8, 16, 10
SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


@dataclass(frozen=True)
class LabelledImages:
    """A labelled set in its three parts; each holds images (N, 1, H, W) float32 and labels (N,) int64.

    description:     where the images come from and how they were split, for people
    mean, deviation: of the training pixels, subtracted from and divided out of all pixels
    """

    name: str
    description: str
    class_names: tuple[str, ...]
    train: TensorDataset
    validation: TensorDataset
    test: TensorDataset
    mean: float
    deviation: float

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(channels, height, width) of an image."""
        return tuple(self.train.arrays[0].shape[1:])


def read_digits() -> tuple[np.ndarray, np.ndarray]:
    """The file as it is: pixels (1797, 8, 8) uint8 from 0 to 16, and labels (1797,) int64.

    Raises DataError if the file is damaged.
    """
    source = files("xdl.data.files") / "digits.csv.gz"
    try:
        text = gzip.decompress(source.read_bytes())
    except (OSError, EOFError, zlib.error) as error:  # what gzip raises for missing, cut and changed files
        raise DataError("digits", f"a whole gzip file at {source}", error, "Install xdl again") from error
    found = hashlib.sha256(text).hexdigest()
    if found != SHA256:
        raise DataError("digits", f"{source} with SHA-256 {SHA256}", found, "Install xdl again")
    rows = np.loadtxt(text.decode().splitlines(), delimiter=",", dtype=np.uint8)
    return rows[:, :-1].reshape(COUNT, SIDE, SIDE), rows[:, -1].astype(np.int64)


def load_digits(size: int = SIDE) -> LabelledImages:
    """The digits in three parts, the same ones always: no chance is involved.

    Test: of each digit, one image in five, evenly over the file (359 images). Validation: one in ten of what
    remains (143). Training: the rest (1295). The same 13 people wrote all parts, so the figures say how
    well new images of known writers are read. For a size other than 8 the images are enlarged to size x size by
    bilinear interpolation (`resize`). Then pixels are standardized by the mean and deviation of the training part.
    """
    pixels, labels = read_digits()
    images = (pixels if size == SIDE else resize(pixels, size))[:, None]
    rest, test = stratified_split(labels, every=5)
    kept, held_out = stratified_split(labels[rest], every=10)
    train, validation = rest[kept], rest[held_out]
    mean = float(images[train].mean(dtype=np.float64))
    deviation = float(images[train].std(dtype=np.float64))

    def part(indices: np.ndarray) -> TensorDataset:
        return TensorDataset(standardize(images[indices], mean, deviation), labels[indices], num_classes=CLASSES)

    enlarged = "" if size == SIDE else f", enlarged to {size}x{size} (bilinear)"
    return LabelledImages(
        name="digits",
        description=(
            f"{COUNT} handwritten digits, {SIDE}x{SIDE} pixels{enlarged}; {len(train)} to train, "
            f"{len(validation)} to validate, a held-out fifth of each digit ({len(test)}) to test"
        ),
        class_names=tuple(str(digit) for digit in range(CLASSES)),
        train=part(train),
        validation=part(validation),
        test=part(test),
        mean=mean,
        deviation=deviation,
    )
