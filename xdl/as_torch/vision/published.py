"""MNIST, FashionMNIST and CIFAR10 as torchvision has them: all pixels in the order of the files.

The files of a set are looked for below `root` in torchvision's folders, there also other files of the same form, then
where `xdl.data.load_images` looks. `download=True` puts them into xdl's cache, not below root.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

import xdl
from xdl.as_torch.vision.dataset import Transform, VisionDataset
from xdl.as_torch.vision.pillow import pillow
from xdl.data import cifar
from xdl.data.fetching.places import locate, pickles, searched, stored
from xdl.data.fetching.sources import CIFAR10 as CIFAR10_FILES
from xdl.data.fetching.sources import FASHION_MNIST as FASHION_MNIST_FILES
from xdl.data.fetching.sources import MNIST as MNIST_FILES
from xdl.data.fetching.sources import Source
from xdl.data.idx import own_shape, read_idx
from xdl.data.image_sets import raw_images
from xdl.data.mnist import CLASS_NAMES
from xdl.errors import DataError

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
Arrays = tuple[np.ndarray, np.ndarray]


def _published(source: Source, root: Any, train: bool, download: bool) -> Arrays:
    """The set's arrays from the data folder or the cache, after a download where that is wanted."""
    if not download and locate(source) is None:
        below = Path(root) if Path(root).is_dir() else None
        looked = ", ".join(map(str, [Path(root), *searched(source)]))
        hint = f"Write download=True, or: xdl data fetch {source.name}. Looked into: {looked}"
        note = "" if below is None else pickles(source, below)
        raise DataError(source.name, "its files", "none", f"{hint}. {note}" if note else hint)
    return raw_images(source.name, train)


def read_own(images: Path, labels: Path, hint: str) -> Arrays:
    """The arrays of two IDX files, whatever their number. Raises DataError, which ends with the hint."""
    pictures, classes = (
        read_idx(path, None, own_shape(path, dimensions, hint), hint) for path, dimensions in ((images, 3), (labels, 1))
    )
    if len(pictures) != len(classes):
        raise DataError(str(labels), f"labels of {len(pictures)} images", len(classes), hint)
    return pictures, classes


class Published(VisionDataset):
    """A set of `source`: its files below root, or else as xdl has them; the part to train, or to test."""

    source: ClassVar[Source]

    def __init__(
        self,
        root: Any,
        train: bool = True,
        transform: Transform = None,
        target_transform: Transform = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        self.take(*(self.own() or _published(self.source, root, train, download)))

    def own(self) -> Arrays | None:
        """The arrays of the files below root, None without any."""
        raise NotImplementedError(f"{type(self).__name__} has no own method")

    def take(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Keeps the arrays as torchvision does."""
        raise NotImplementedError(f"{type(self).__name__} has no take method")


class MNIST(Published):
    """Pictures of digits, 28x28 grey. data: uint8 (N, 28, 28); targets: int64 (N,).

    Raises DataError where its files are missing, damaged or something else.
    """

    source = MNIST_FILES
    classes: ClassVar = [f"{i} - {name}" for i, name in enumerate(DIGITS)]

    def take(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Keeps them as Tensors."""
        self.data, self.targets = xdl.tensor(images), xdl.tensor(labels, dtype="int64")

    def own(self) -> Arrays | None:
        """The arrays of the files below root, None without any."""
        files = self.source.files[:2] if self.train else self.source.files[2:]
        paths = [stored(Path(str(self.root)) / self.source.folders[0], file) for file in files]
        hint = f"Replace it, or remove it to take the published one: xdl data fetch {self.source.name}"
        return None if paths[0] is None or paths[1] is None else read_own(paths[0], paths[1], hint)

    @property
    def train_data(self) -> xdl.Tensor:
        """The older name of `data`, of both sets."""
        return self.data

    @property
    def train_labels(self) -> xdl.Tensor:
        """The older name of `targets`, of both sets."""
        return self.targets

    test_data, test_labels = train_data, train_labels

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The label of each class."""
        return {name: i for i, name in enumerate(self.classes)}

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if not -len(self) <= index < len(self):  # ends `for sample in dataset`
            raise IndexError(f"{type(self).__name__}: expected an index below {len(self)}, found {index}")
        picture = pillow().Image.fromarray(self.data[index].numpy())
        return self.changed(picture, int(self.targets[index]))


class FashionMNIST(MNIST):
    """The same of clothes."""

    source = FASHION_MNIST_FILES
    classes: ClassVar = list(CLASS_NAMES["fashion-mnist"])


class CIFAR10(Published):
    """Photographs, 32x32 in colour. data: uint8 (N, 32, 32, 3), an array; targets: a list of ints.

    Its files are those of the binary version, below root in cifar-10-batches-bin/. Raises as MNIST.
    """

    source = CIFAR10_FILES
    classes: ClassVar = list(cifar.CLASS_NAMES)

    def take(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Keeps the images as an array, colours last, and the labels as a list."""
        self.data, self.targets = np.ascontiguousarray(images.transpose(0, 2, 3, 1)), labels.tolist()
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}

    def own(self) -> Arrays | None:
        """The arrays of the files below root, None without any."""
        folder = Path(str(self.root)) / self.source.files[0].unpacked
        return cifar.read_part(folder, None, self.train) if folder.is_dir() else None

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.changed(pillow().Image.fromarray(self.data[index]), self.targets[index])


__all__ = ["CIFAR10", "MNIST", "FashionMNIST"]
