"""KMNIST and EMNIST, whose files have MNIST's form (T. Clanuwat et al. 2018; G. Cohen et al. 2017).

xdl does not download them: their files lie below `root`, in torchvision's folders.
"""

from __future__ import annotations

from pathlib import Path
from string import ascii_letters, ascii_lowercase, digits
from typing import Any, ClassVar

from xdl.as_torch.vision.published import MNIST, Arrays, read_own
from xdl.errors import DataError, SettingError, expect

ALIKE = set("cijklmopsuvwxyz")  # letters whose capitals look the same, which some splits merge
MERGED = sorted(set(digits + ascii_letters) - ALIKE)


class _Fetched(MNIST):
    """A set of the user's own files. Raises DataError where one is missing, damaged or something else."""

    def stem(self) -> str:
        """What the names of its files begin with."""
        return "train" if self.train else "t10k"

    def own(self) -> Arrays:
        """The arrays of the files below root."""
        folder = Path(str(self.root)) / type(self).__name__ / "raw"
        parts = []
        for kind in ("images-idx3", "labels-idx1"):
            plain = folder / f"{self.stem()}-{kind}-ubyte"
            found = next((path for path in (plain, plain.with_name(f"{plain.name}.gz")) if path.is_file()), None)
            if found is None:
                raise DataError(type(self).__name__, f"the file {plain}", "none", "Put it there: xdl does not fetch it")
            parts.append(found)
        return read_own(parts[0], parts[1], "Replace it by the published file")


class KMNIST(_Fetched):
    """Cursive Japanese characters, 28x28 grey."""

    classes: ClassVar = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]


class EMNIST(_Fetched):
    """Handwritten letters and digits, 28x28 grey, lying on their side as published.

    split: byclass, bymerge, balanced, letters, digits or mnist. Raises SettingError for another.
    """

    classes_split_dict: ClassVar = {
        "byclass": sorted(digits + ascii_letters),
        "bymerge": MERGED,
        "balanced": MERGED,
        "letters": ["N/A", *ascii_lowercase],
        "digits": list(digits),
        "mnist": list(digits),
    }
    splits: ClassVar = tuple(classes_split_dict)

    def __init__(self, root: Any, split: str, **settings: Any) -> None:
        expect(split in self.splits, SettingError, "EMNIST", f"split: one of {', '.join(self.splits)}", split)
        self.split = split
        super().__init__(root, **settings)
        self.classes = self.classes_split_dict[split]  # type: ignore[misc]

    def stem(self) -> str:
        """What the names of the split's files begin with."""
        return f"emnist-{self.split}-{'train' if self.train else 'test'}"


__all__ = ["EMNIST", "KMNIST"]
