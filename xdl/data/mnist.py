"""MNIST and Fashion-MNIST: 60,000 images to train and 10,000 to test, 28x28, each in four IDX files.

LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the IEEE
86, 1998. Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
algorithms", arXiv 1708.07747, 2017.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np

from xdl.data.fetching.places import data_folder, is_mnist, stored
from xdl.data.fetching.sources import FASHION_MNIST, Source
from xdl.data.idx import check_digest, read_bytes, read_idx
from xdl.data.labelled import LabelledImages, Parts, hold_out_fifth, labelled_images
from xdl.data.split import stratified_split
from xdl.errors import DataError

SIDE, TRAIN, TEST = 28, 60000, 10000
CLASS_NAMES = {
    "mnist": tuple("0123456789"),
    "fashion-mnist": (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
}
FEW = "fashion900_from_sprite.npz"  # 90 images of each class, cut from the picture that shows the set
FEW_BYTES = 1 << 20  # at most
FEW_SHA256 = "2ad6f3acbf9e01e33e4aebe0b6ea53c0123786960b2103e55e96f26e8c99e446"


def read_part(source: Source, folder: Path, train: bool) -> tuple[np.ndarray, np.ndarray]:
    """The published training or test set in the order of its files: images (N, 28, 28) and labels (N,), both uint8.

    Raises DataError, naming the file, for one that is missing, damaged or another.
    """
    hint = f"Replace it by the published file, or remove it and run: xdl data fetch {source.name}"
    if source is FASHION_MNIST and is_mnist(folder):
        raise DataError(str(folder), "the files of Fashion-MNIST", "MNIST's, which have the same names", hint)
    files, count = (source.files[:2], TRAIN) if train else (source.files[2:], TEST)
    paths = [stored(folder, file) or folder / file.name for file in files]
    images = read_idx(paths[0], files[0], (count, SIDE, SIDE), hint)
    labels = read_idx(paths[1], files[1], (count,), hint)
    if (largest := int(labels.max())) > 9:
        raise DataError(str(paths[1]), "labels from 0 to 9", f"a label {largest}", hint)
    return images, labels


def load_four_files(source: Source, folder: Path, size: int | None) -> LabelledImages:
    """The set in its parts: the published test set, and of each class one training image in twelve to validate.

    Raises DataError as `read_part`.
    """
    both = [read_part(source, folder, train) for train in (True, False)]
    images, labels = (np.concatenate(parts) for parts in zip(*both, strict=True))
    labels = labels.astype(np.int64)
    kept, held_out = stratified_split(labels[:TRAIN], every=12)
    parts = Parts(kept, held_out, np.arange(TRAIN, TRAIN + TEST))
    kind = "handwritten digits" if source.name == "mnist" else "photographs of clothes"
    about = f"{source.name}: {TRAIN + TEST} {kind}, {SIDE}x{SIDE} pixels; {parts} (the published test set)"
    return labelled_images(source.name, about, CLASS_NAMES[source.name], images[:, None], labels, parts, size)


def find_fashion_900(source: Source, data_dir: str | os.PathLike[str] | None) -> Path | None:
    """The file of 900 images in the data folder, for those who have no more of Fashion-MNIST; None without it."""
    base = data_folder(data_dir) if source is FASHION_MNIST else None
    return base / source.name / FEW if base is not None and (base / source.name / FEW).exists() else None


def load_fashion_900(path: Path, size: int | None) -> LabelledImages:
    """900 images of Fashion-MNIST, split as the digits are. Raises DataError where it is another file."""
    hint = "Replace it, or put the four files of the whole set beside it"
    content = read_bytes(path, FEW_BYTES, hint)
    check_digest(path, content, FEW_SHA256, hint)
    with np.load(io.BytesIO(content)) as arrays:
        images, labels = arrays["x"], arrays["y"].astype(np.int64)
    parts = hold_out_fifth(labels)
    about = (
        f"fashion-mnist: only {len(images)} of its 70000 images, {SIDE}x{SIDE} pixels; {parts}, a held-out fifth of "
        f"each class; figures say nothing about the whole set"
    )
    return labelled_images("fashion-mnist", about, CLASS_NAMES["fashion-mnist"], images[:, None], labels, parts, size)
