"""What the datasets of torchvision have in common, and FakeData."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from xdl import backend
from xdl.as_torch.sets import Dataset
from xdl.as_torch.vision.pillow import pillow
from xdl.errors import SettingError, expect
from xdl.random import Stream

Transform = Callable[[Any], Any] | None


class VisionDataset(Dataset[Any]):
    """Samples (picture, target) by index, each through a transform of its own where one is given.

    transforms: takes both, instead of the two others
    """

    def __init__(
        self,
        root: Any = None,
        transforms: Callable[[Any, Any], Any] | None = None,
        transform: Transform = None,
        target_transform: Transform = None,
    ) -> None:
        both = transforms is not None and (transform is not None or target_transform is not None)
        expect(not both, SettingError, type(self).__name__, "transforms, or transform and target_transform", "both")
        self.root = str(Path(root).expanduser()) if root is not None else None
        self.transforms, self.transform, self.target_transform = transforms, transform, target_transform

    def changed(self, picture: Any, target: Any) -> tuple[Any, Any]:
        """Both through their transforms."""
        if self.transforms is not None:
            first, second = self.transforms(picture, target)
            return first, second
        return (
            picture if self.transform is None else self.transform(picture),
            target if self.target_transform is None else self.target_transform(target),
        )


class FakeData(VisionDataset):
    """Pictures of noise, `size` of them, with labels below num_classes; the same for the same index.

    image_size: (C, H, W), of one or three channels
    """

    def __init__(
        self,
        size: int = 1000,
        image_size: tuple[int, int, int] = (3, 224, 224),
        num_classes: int = 10,
        transform: Transform = None,
        target_transform: Transform = None,
        random_offset: int = 0,
    ) -> None:
        super().__init__(None, transform=transform, target_transform=target_transform)
        expect(image_size[0] in (1, 3), SettingError, "FakeData", "images of 1 or 3 channels", image_size)
        self.size, self.num_classes, self.image_size = size, num_classes, tuple(image_size)
        self.random_offset = random_offset

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if not 0 <= index < self.size:
            raise IndexError(f"FakeData: expected an index in [0, {self.size}), found {index}")
        channels, height, width = self.image_size
        stream, host = Stream(index + self.random_offset, "FakeData"), backend.load("numpy").asarray([], "uint64")
        pixels = stream.integers(0, 256, (height, width, channels), host).astype("uint8")
        picture = pillow().Image.frombytes("L" if channels == 1 else "RGB", (width, height), pixels.tobytes())
        return self.changed(picture, int(stream.integers(0, self.num_classes, (1,), host)[0]))

    def __len__(self) -> int:
        return self.size


__all__ = ["FakeData", "VisionDataset"]
