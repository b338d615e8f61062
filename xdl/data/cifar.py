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
FILES = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def load_cifar10(folder: Path, archive: RemoteFile, size: int | None) -> LabelledImages:
    """The set in its parts: the published test set, and of each class one training image in ten to validate.

    folder: holds the six files. Raises DataError, naming the file, for one that is missing, damaged or another.
    """
    both = [read_part(folder, archive, train) for train in (True, False)]
    images, labels = (np.concatenate(parts) for parts in zip(*both, strict=True))
    labels = labels.astype(np.int64)
    kept, held_out = stratified_split(labels[:TRAIN], every=10)
    parts = Parts(kept, held_out, np.arange(TRAIN, len(labels)))
    about = f"cifar10: {len(labels)} photographs, {SIDE}x{SIDE} pixels in colour; {parts} (the published test set)"
    return labelled_images("cifar10", about, CLASS_NAMES, images, labels, parts, size)


def read_part(folder: Path, archive: RemoteFile | None, train: bool) -> tuple[np.ndarray, np.ndarray]:
    """The training or test set in the order of its files: images (N, 3, 32, 32) and labels (N,), both uint8.

    archive: what was published; None for somebody's own files, which may have any number of records

    Raises DataError as `load_cifar10`.
    """
    hint = "Unpack cifar-10-binary.tar.gz there again, or remove the folder and run: xdl data fetch cifar10"
    names = FILES[:-1] if train else FILES[-1:]
    digests = [None if archive is None else archive.contents[name] for name in names]
    parts = [_records(folder / name, digest, hint) for name, digest in zip(names, digests, strict=True)]
    records = np.concatenate(parts)
    return records[:, 1:].reshape(-1, 3, SIDE, SIDE), records[:, 0]


def _records(path: Path, digest: str | None, hint: str) -> np.ndarray:
    content = read_bytes(path, RECORDS * RECORD, hint)
    if digest is not None:
        if len(content) != RECORDS * RECORD:
            raise DataError(str(path), f"{RECORDS * RECORD} bytes", len(content), hint)
        check_digest(path, content, digest, hint)
    elif len(content) % RECORD or max(content[::RECORD], default=0) > 9:
        raise DataError(str(path), f"records of {RECORD} bytes that begin with a label up to 9", "others", hint)
    return np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD)
