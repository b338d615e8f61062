"""Pictures in folders, one for each class: root/class/.../picture.png."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import walk
from pathlib import Path
from typing import Any

from xdl.as_torch.vision.dataset import Transform, VisionDataset
from xdl.as_torch.vision.pillow import pillow
from xdl.errors import DataError, SettingError, expect

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def pil_loader(path: Any) -> Any:
    """The picture of a file in colour (RGB)."""
    with Path(path).open("rb") as file:
        return pillow().Image.open(file).convert("RGB")


default_loader = pil_loader


def has_file_allowed_extension(filename: str, extensions: str | Sequence[str]) -> bool:
    """Whether the name ends in one of them, in small or capital letters."""
    return filename.lower().endswith(extensions if isinstance(extensions, str) else tuple(extensions))


def is_image_file(filename: str) -> bool:
    """Whether the name ends as a picture's does."""
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def find_classes(directory: Any) -> tuple[list[str], dict[str, int]]:
    """The folders in it in the order of their names, and their numbers. Raises DataError for none."""
    folder = Path(directory)
    expect(folder.is_dir(), DataError, "ImageFolder", "a folder with one folder for each class", directory)
    classes = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    expect(bool(classes), DataError, "ImageFolder", "a folder for each class", f"none in {directory}")
    return classes, {name: i for i, name in enumerate(classes)}


def make_dataset(
    directory: Any,
    class_to_idx: dict[str, int] | None = None,
    extensions: str | Sequence[str] | None = None,
    is_valid_file: Callable[[str], bool] | None = None,
    allow_empty: bool = False,
) -> list[tuple[str, int]]:
    """(path, label) of the files with one of the extensions, or that are valid, class by class, by their names.

    Raises DataError for a class without any, unless allow_empty; SettingError unless one of both says what is taken.
    """
    one = (extensions is None) != (is_valid_file is None)
    expect(one, SettingError, "DatasetFolder", "extensions or is_valid_file", "both or none")
    labels = find_classes(directory)[1] if class_to_idx is None else class_to_idx
    found: list[tuple[str, int]] = []
    for name in sorted(labels):
        paths = [
            str(Path(at) / file)
            for at, _, files in sorted(walk(Path(directory) / name, followlinks=True))
            for file in sorted(files)
        ]
        taken = [
            path
            for path in paths
            if (is_valid_file(path) if is_valid_file else has_file_allowed_extension(path, extensions or ()))
        ]
        expect(bool(taken) or allow_empty, DataError, "DatasetFolder", f"files of the class {name!r}", "none")
        found += [(path, labels[name]) for path in taken]
    return found


class DatasetFolder(VisionDataset):
    """Samples (loader(path), label) of the files below root/class/. samples: (path, label); targets: the labels."""

    def __init__(
        self,
        root: Any,
        loader: Callable[[str], Any],
        extensions: Sequence[str] | None = None,
        transform: Transform = None,
        target_transform: Transform = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.classes, self.class_to_idx = self.find_classes(self.root)
        self.loader, self.extensions = loader, extensions
        self.samples = make_dataset(self.root, self.class_to_idx, extensions, is_valid_file, allow_empty)
        self.targets = [label for _, label in self.samples]

    def find_classes(self, directory: Any) -> tuple[list[str], dict[str, int]]:
        """The classes and their labels; a class of one's own may choose others."""
        return find_classes(directory)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        path, label = self.samples[index]
        return self.changed(self.loader(path), label)


class ImageFolder(DatasetFolder):
    """The same of pictures. imgs: the samples."""

    def __init__(
        self,
        root: Any,
        transform: Transform = None,
        target_transform: Transform = None,
        loader: Callable[[str], Any] = default_loader,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        endings = IMG_EXTENSIONS if is_valid_file is None else None
        super().__init__(root, loader, endings, transform, target_transform, is_valid_file, allow_empty)
        self.imgs = self.samples


__all__ = ["IMG_EXTENSIONS", "DatasetFolder", "ImageFolder", "default_loader", "find_classes"]
__all__ += ["has_file_allowed_extension", "is_image_file", "make_dataset", "pil_loader"]
