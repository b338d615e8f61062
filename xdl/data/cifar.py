"""CIFAR-10: 50,000 images to train and 10,000 to test, 32x32 in three colours, in its binary version.

A. Krizhevsky, "Learning multiple layers of features from tiny images", University of Toronto, 2009. Six files of
10,000 records: one byte for the label, then 1024 bytes each for red, green and blue, in reading order.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xdl.data.fetching.sources import RemoteFile
from xdl.data.idx import check_digest, read_bytes
from xdl.data.labelled import LabelledImages, Parts, labelled_images
from xdl.data.split import stratified_split
from xdl.errors import DataError

SIDE, RECORDS, TRAIN = 32, 10000, 50000
RECORD = 1 + 3 * SIDE * SIDE  # bytes
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def load_cifar10(folder: Path, archive: RemoteFile, size: int | None) -> LabelledImages:
    """The set in its parts: the published test set, and of each class one training image in ten to validate.

    folder: holds the six files. Raises DataError, naming the file, for one that is missing, damaged or another.
    """
    hint = "Unpack cifar-10-binary.tar.gz there again, or remove the folder and run: xdl data fetch cifar10"
    records = np.concatenate([_records(folder / name, digest, hint) for name, digest in archive.contents.items()])
    labels = records[:, 0].astype(np.int64)
    kept, held_out = stratified_split(labels[:TRAIN], every=10)
    parts = Parts(kept, held_out, np.arange(TRAIN, len(labels)))
    about = f"cifar10: {len(labels)} photographs, {SIDE}x{SIDE} pixels in colour; {parts} (the published test set)"
    images = records[:, 1:].reshape(-1, 3, SIDE, SIDE)
    return labelled_images("cifar10", about, CLASS_NAMES, images, labels, parts, size)


def _records(path: Path, digest: str, hint: str) -> np.ndarray:
    content = read_bytes(path, RECORDS * RECORD, hint)
    if len(content) != RECORDS * RECORD:
        raise DataError(str(path), f"{RECORDS * RECORD} bytes", len(content), hint)
    check_digest(path, content, digest, hint)
    return np.frombuffer(content, dtype=np.uint8).reshape(RECORDS, RECORD)
