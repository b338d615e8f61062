"""The iris flowers that ship with xdl: 150 of three species, four lengths each (origin: files/README.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from xdl.data.dataset import TensorDataset
from xdl.data.labelled import hold_out_fifth
from xdl.errors import DataError

COUNT, FEATURES, CLASSES = 150, 4, 3
FEATURE_NAMES = ("sepal length", "sepal width", "petal length", "petal width")
CLASS_NAMES = ("setosa", "versicolor", "virginica")
SHA256 = "cdf459dcf51753a4f3f56e59a9c81d8c2aaf68889c0ce19ab347e46ff542e6f4"


@dataclass(frozen=True)
class LabelledFeatures:
    """A labelled set of feature vectors in its three parts; each holds (N, D) float32 and labels (N,) int64.

    mean, std: (D,) of each feature over the training part, subtracted from and divided out of all samples
    """

    name: str
    description: str
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    train: TensorDataset
    validation: TensorDataset
    test: TensorDataset
    mean: np.ndarray
    std: np.ndarray


def read_iris() -> tuple[np.ndarray, np.ndarray]:
    """The file as it is: lengths (150, 4) float64 in centimetres, and species (150,) int64.

    Raises DataError if the file is damaged.
    """
    source = files("xdl.data.files") / "iris.csv"
    try:
        text = source.read_bytes()
    except OSError as error:
        raise DataError("iris", f"a file at {source}", error, "Install xdl again") from error
    found = hashlib.sha256(text).hexdigest()
    if found != SHA256:
        raise DataError("iris", f"{source} with SHA-256 {SHA256}", found, "Install xdl again")
    rows = np.loadtxt(text.decode().splitlines(), delimiter=",", skiprows=1)
    return rows[:, :FEATURES], rows[:, FEATURES].astype(np.int64)


def load_iris() -> LabelledFeatures:
    """The flowers in three parts, the same ones always: no chance is involved.

    Test: of each species one flower in five (30). Validation: one in ten of what remains (12). Training: the rest
    (108). Each feature is standardized by the mean and std of the training part.
    """
    lengths, species = read_iris()
    parts = hold_out_fifth(species)
    mean, std = lengths[parts.train].mean(0), lengths[parts.train].std(0)
    scaled = ((lengths - mean) / std).astype(np.float32)
    about = f"{COUNT} iris flowers of {CLASSES} species, {FEATURES} lengths each; {parts}, a held-out fifth of each"

    def part(indices: np.ndarray) -> TensorDataset:
        return TensorDataset(scaled[indices], species[indices], num_classes=CLASSES)

    train, validation, test = map(part, (parts.train, parts.validation, parts.test))
    return LabelledFeatures("iris", about, CLASS_NAMES, FEATURE_NAMES, train, validation, test, mean, std)
