"""What transforms have in common, and those that are made of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.random import Stream

Fill = float | Literal["edge"]  # what lies outside an image: a value, or the nearest pixel


class Transform:
    """Base of the transforms: `transform(images, stream)` gives new images.

    images: (N, C, H, W), float32 or float64; not changed
    stream: where random numbers come from; each draw takes one of its steps

    Raises ShapeError or DtypeError for other images.
    """

    def __call__(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        if images.ndim != 4:
            raise ShapeError(type(self).__name__, "images of shape (N, C, H, W)", images.shape)
        if images.dtype.kind != "f":
            hint = "Standardize them first, or divide by 255 in float32"
            raise DtypeError(type(self).__name__, "images of a floating dtype", images.dtype, hint)
        return self.change(images, stream)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The new images; what each transform defines."""
        raise NotImplementedError(f"{type(self).__name__} has no change method")


class Compose(Transform):
    """One transform after the other."""

    def __init__(self, transforms: Sequence[Any]) -> None:
        self.transforms = list(transforms)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images after all of them."""
        for transform in self.transforms:
            images = transform(images, stream)
        return images


class RandomApply(Transform):
    """Changes each image with probability p and leaves the others as they are. The transform must keep the shape.

    Raises SettingError unless 0 <= p <= 1; calling it, ShapeError where the transform gives another shape.
    """

    def __init__(self, transform: Transform, p: float = 0.5) -> None:
        self.transform, self.p = transform, checked("RandomApply", "p", p, 0, 1)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, some of them changed."""
        chosen = chance(stream, images, self.p)
        changed = self.transform(images, stream)
        if changed.shape != images.shape:
            raise ShapeError("RandomApply", f"a transform that keeps the shape {images.shape}", changed.shape)
        return np.where(per_image(chosen), changed, images)


class Normalize(Transform):
    """(x - mean) / std, with one number for all channels or one for each.

    Raises SettingError for a std that is not above 0; calling it, ShapeError for another number of channels.
    """

    def __init__(self, mean: float | Sequence[float], std: float | Sequence[float]) -> None:
        self.mean, self.std = (np.atleast_1d(np.asarray(value, np.float64)) for value in (mean, std))
        if not ((self.std > 0) & np.isfinite(self.std)).all():
            raise SettingError("Normalize", "std > 0", self.std.tolist())

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:  # noqa: ARG002
        """The scaled images; no chance is involved."""
        mean, std = (value.astype(images.dtype)[:, None, None] for value in (self.mean, self.std))
        if {len(mean), len(std)} - {1, images.shape[1]}:
            found = f"{len(mean)} and {len(std)}"
            raise ShapeError("Normalize", f"one mean and std for each of {images.shape[1]} channels", found)
        scaled: np.ndarray = (images - mean) / std
        return scaled


def checked(operation: str, name: str, value: Any, low: float, high: float = np.inf) -> Any:
    """The value. Raises SettingError unless it is a number in [low, high]."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)
    if not number or not low <= value <= high:
        limits = f"{name} >= {low}" if high == np.inf else f"{low} <= {name} <= {high}"
        raise SettingError(operation, limits, repr(value))
    return value


def checked_range(operation: str, name: str, value: Any, low: float) -> tuple[float, float]:
    """The two ends. Raises SettingError unless low <= first <= second."""
    if not isinstance(value, Sequence) or len(value) != 2 or not low <= value[0] <= value[1] < np.inf:
        raise SettingError(operation, f"{name} as (a, b) with {low} <= a <= b", repr(value))
    return float(value[0]), float(value[1])


def checked_fill(operation: str, fill: Any) -> Fill:
    """The filling. Raises SettingError unless it is a number or "edge"."""
    if fill == "edge":
        return "edge"
    return float(checked(operation, 'fill ("edge" or a number)', fill, -np.inf))


def uniform(stream: Stream, images: np.ndarray, low: float, high: float) -> np.ndarray:
    """One number in [low, high) for each image, (N,), in the dtype of the images."""
    u: np.ndarray = stream.uniform((len(images),), like=images).astype(images.dtype)
    return low + (high - low) * u


def chance(stream: Stream, images: np.ndarray, p: float) -> np.ndarray:
    """For each image whether it is chosen, with probability p; bool (N,)."""
    drawn: np.ndarray = stream.uniform((len(images),), like=images) < p
    return drawn


def per_image(values: np.ndarray) -> np.ndarray:
    """(N,) as (N, 1, 1, 1), to go with images."""
    return values[:, None, None, None]


def padded(images: np.ndarray, width: int, fill: Fill) -> np.ndarray:
    """The images with `width` pixels more on each side."""
    around = ((0, 0), (0, 0), (width, width), (width, width))
    return np.pad(images, around, "edge") if fill == "edge" else np.pad(images, around, constant_values=fill)
