"""load_images: every labelled image set by its name."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from xdl.data import cifar, mnist
from xdl.data.cifar import load_cifar10
from xdl.data.digits import SIDE, load_digits
from xdl.data.fetching.download import fetch, is_offline, unpack
from xdl.data.fetching.places import locate, stored
from xdl.data.fetching.sources import CIFAR10, SOURCES, Source
from xdl.data.labelled import LabelledImages
from xdl.data.mnist import find_fashion_900, load_fashion_900, load_four_files
from xdl.errors import SettingError, nearest

IMAGE_SETS = ("digits", *SOURCES)


def load_images(
    name: str,
    size: int | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    offline: bool | None = None,
) -> LabelledImages:
    """A labelled image set in three parts, standardized by the training part.

    name:     digits (ships with xdl), mnist, fashion-mnist or cifar10
    size:     pixels of a side; others than the set's own (8, 28, 28, 32) are interpolated
    data_dir: a folder that holds mnist/, fashion-mnist/, cifar10/; without it XDL_DATA_DIR
    offline:  True never downloads; without it XDL_OFFLINE decides

    The set is looked for in the data folder, then in the cache; if it is in neither it is downloaded into the cache.
    Where the data folder has 900 images of Fashion-MNIST and the whole set is nowhere, the 900 are given, and the
    description says so.
    Raises SettingError for an unknown name, DataError for files that are missing, damaged or something else.
    """
    if name not in IMAGE_SETS:
        raise SettingError("load_images", "a known image set", repr(name), nearest(name, IMAGE_SETS))
    if name == "digits":
        return load_digits(SIDE if size is None else size)
    source = SOURCES[name]
    few = find_fashion_900(source, data_dir)
    if few is not None and locate(source, data_dir) is None:
        return load_fashion_900(few, size)
    folder = find_files(source, data_dir, offline)
    return load_cifar10(folder, source.files[0], size) if source is CIFAR10 else load_four_files(source, folder, size)


def raw_images(
    name: str,
    train: bool,
    data_dir: str | os.PathLike[str] | None = None,
    offline: bool | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The published training or test set as its files have it, in their order: nothing is standardized or split.

    name: mnist, fashion-mnist or cifar10; data_dir, offline: as of `load_images`

    Images (N, 28, 28) or (N, 3, 32, 32), labels (N,), both uint8. Raises as `load_images`.
    """
    if name not in SOURCES:
        raise SettingError("raw_images", "a published image set", repr(name), nearest(name, SOURCES))
    source = SOURCES[name]
    folder = find_files(source, data_dir, offline)
    if source is CIFAR10:
        return cifar.read_part(folder, source.files[0], train)
    return mnist.read_part(source, folder, train)


def find_files(source: Source, data_dir: str | os.PathLike[str] | None, offline: bool | None) -> Path:
    """The folder with the files of a published set, downloaded or unpacked if need be."""
    folder = fetch(source, data_dir, is_offline(offline)).folder
    archive = source.files[0]
    path = stored(folder, archive) if archive.is_archive else folder
    if path is not None and path.is_file():
        path = unpack(path, source, archive)
    return path or folder / archive.unpacked
