"""Changes of the values of pixels. Amounts are drawn for each image; they fit standardized images and others."""

from __future__ import annotations

import numpy as np

from xdl.data.augment.base import Transform, chance, checked, checked_range, per_image, uniform
from xdl.errors import ShapeError
from xdl.random import Stream

PIXELS = (1, 2, 3)  # the dimensions of one image
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)


class Brightness(Transform):
    """x + u with u from [-amount, amount], in the unit of the pixels: 1 is a std of standardized images.

    Raises SettingError for a negative amount.
    """

    def __init__(self, amount: float) -> None:
        self.amount = checked("Brightness", "amount", amount, 0)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, lighter or darker."""
        lighter: np.ndarray = images + per_image(uniform(stream, images, -self.amount, self.amount))
        return lighter


class Contrast(Transform):
    """m + f (x - m) with the image's mean m and f from [1 - amount, 1 + amount].

    Raises SettingError unless 0 <= amount <= 1.
    """

    def __init__(self, amount: float) -> None:
        self.amount = checked("Contrast", "amount", amount, 0, 1)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, stronger or weaker."""
        factor = per_image(uniform(stream, images, 1 - self.amount, 1 + self.amount))
        mean = images.mean(PIXELS, keepdims=True)
        stronger: np.ndarray = mean + factor * (images - mean)
        return stronger


class Gamma(Transform):
    """A power law, as that of a screen: low + (high - low) z**g, where z = (x - low) / (high - low).

    low and high are the image's extremes, g = 2**u with u from [-stops, stops]. Raises SettingError for negative stops.
    """

    def __init__(self, stops: float) -> None:
        self.stops = checked("Gamma", "stops", stops, 0)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, with their middle tones moved."""
        power = per_image(np.exp2(uniform(stream, images, -self.stops, self.stops)))
        low, span, z = stretched(images)
        moved: np.ndarray = low + span * z**power
        return moved


class LogExposure(Transform):
    """An exposure by the logarithm: low + (high - low) log(1 + c z) / log(1 + c), where z = (x - low) / (high - low).

    low and high are the image's extremes, c is drawn from [-strength, strength]. Below 0 it is the inverse, with -c for
    c: low + (high - low) ((1 + c)**z - 1) / c, which darkens as much. c = 1 is scikit-image's `adjust_log`. Shadows are
    lifted by at most c / log(1 + c), where a power law lifts the darkest without bound.

    Raises SettingError for a negative strength.
    """

    def __init__(self, strength: float) -> None:
        self.strength = checked("LogExposure", "strength", strength, 0)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, with their shadows lifted or sunk."""
        drawn = per_image(uniform(stream, images, -self.strength, self.strength))
        c = np.maximum(np.abs(drawn), np.finfo(images.dtype).tiny)  # 0 changes nothing, as any small number
        low, span, z = stretched(images)
        lifted = np.log1p(c * z) / np.log1p(c)
        sunk = np.expm1(z * np.log1p(c)) / c
        exposed: np.ndarray = low + span * np.where(drawn < 0, sunk, lifted)
        return exposed


class Invert(Transform):
    """low + high - x with the image's extremes, with probability p. Raises SettingError unless 0 <= p <= 1."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = checked("Invert", "p", p, 0, 1)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, some of them as negatives."""
        ends = images.min(PIXELS, keepdims=True) + images.max(PIXELS, keepdims=True)
        some: np.ndarray = np.where(per_image(chance(stream, images, self.p)), ends - images, images)
        return some


class Grayscale(Transform):
    """All three channels become 0.299 red + 0.587 green + 0.114 blue, with probability p.

    Raises SettingError unless 0 <= p <= 1; calling it, ShapeError for images without three channels.
    """

    def __init__(self, p: float = 0.1) -> None:
        self.p = checked("Grayscale", "p", p, 0, 1)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, some of them grey."""
        if images.shape[1] != 3:
            raise ShapeError("Grayscale", "images with 3 channels", images.shape)
        weights = np.asarray(LUMINANCE, images.dtype)[:, None, None]
        grey = (images * weights).sum(1, keepdims=True)
        some: np.ndarray = np.where(per_image(chance(stream, images, self.p)), grey, images)
        return some


class GaussianNoise(Transform):
    """Adds normal noise of this std to every pixel. Raises SettingError for a negative std."""

    def __init__(self, std: float) -> None:
        self.std = checked("GaussianNoise", "std", std, 0)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images with noise."""
        noise = stream.normal(images.shape, like=images).astype(images.dtype)
        noisy: np.ndarray = images + noise * images.dtype.type(self.std)
        return noisy


class GaussianBlur(Transform):
    """The mean of the neighbours, weighted by exp(-d**2 / (2 s**2)) at distance d up to 3 times the largest s.

    sigma: (low, high): s is drawn from there, in pixels

    Raises SettingError unless 0.01 <= low <= high.
    """

    def __init__(self, sigma: tuple[float, float] = (0.1, 2.0)) -> None:
        self.sigma = checked_range("GaussianBlur", "sigma", sigma, 0.01)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, blurred; beyond the border the nearest pixel counts."""
        reach = int(np.ceil(3 * self.sigma[1]))
        s = uniform(stream, images, *self.sigma)[:, None]
        weights = np.exp(-(np.arange(-reach, reach + 1, dtype=images.dtype) ** 2) / (2 * s**2))
        weights /= weights.sum(1, keepdims=True)
        for axis in (2, 3):
            images = self._along(axis, images, weights)
        return images

    def _along(self, axis: int, images: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The weighted means along one axis; weights (N, 2 reach + 1)."""
        reach, length = weights.shape[1] // 2, images.shape[axis]
        around = [(reach, reach) if i == axis else (0, 0) for i in range(4)]
        wide = np.pad(images, around, "edge")
        blurred = np.zeros_like(images)
        for k in range(2 * reach + 1):
            blurred += per_image(weights[:, k]) * wide.take(range(k, k + length), axis)
        return blurred


def stretched(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each image its darkest value, how far the brightest is above it, and its pixels from 0 to 1 between them.

    All pixels are 0 where the image has one colour, which then stays as it is.
    """
    low, high = images.min(PIXELS, keepdims=True), images.max(PIXELS, keepdims=True)
    return low, high - low, (images - low) / np.where(high > low, high - low, 1)
