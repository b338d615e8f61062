"""Whether a picture is like those that a model was trained on: a model answers with a class for anything.

Two measures, of the picture alone, so that they do not hang on the model:

    brightness   mean of the pixels, 0 to 1; it lies where those of the training pictures do
    distance     d(x) = | (x - m) W |,   W Wᵀ = (S + NOISE I)⁻¹,   of the pixels x of the picture in small

m and S are the mean and the covariance of the training pictures. Mahalanobis' distance counts what varies little from
picture to picture, as the border of a digit, more than what varies much: parts that do not go together make it large.
Noise, photographs, and digits that are dark on light are far away; an empty picture is too dark.

P. C. Mahalanobis, "On the generalised distance in statistics", Proceedings of the National Institute of Sciences of
India 2 (1936), 49-55.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from xdl.data.images import resize
from xdl.errors import DataError

SIDE = 16  # pixels a side of the picture in small, at most
SEEN = 20_000  # pictures of a set that are looked at, at most
BLOCK = 500  # pictures at a time
NOISE = 1e-3  # variance of a pixel that is always the same
RARE = 0.005  # share of the training pictures that may be further away than the limit


@dataclass(frozen=True)
class Likeness:
    """What is kept of the training pictures. P = pixels of a picture in small.

    mean: (P,) float32; whitening: W (P, P) float32; low, high: the values that count as 0 and as 1; darkest,
    brightest: the range of the brightness; furthest: the distance that all but the share RARE keep
    """

    mean: np.ndarray
    whitening: np.ndarray
    low: float
    high: float
    darkest: float
    brightest: float
    furthest: float

    @classmethod
    def of(cls, train: Any, validation: Any) -> Likeness:
        """Looks at training pictures and at others of their kind, (N, C, H, W), in any range of values.

        The limit of the distance is the larger of both sets' own: m and S fit the training pictures a little better
        than any others.
        """
        low, high = float(train.min()), float(train.max())
        small, others = (_in_small(x, SEEN, low, high) for x in (train, validation))
        mean = small.mean(0)
        values, directions = np.linalg.eigh(np.cov(small.T, bias=True) + NOISE * np.eye(small.shape[1]))
        whitening = (directions / np.sqrt(values)).astype(np.float32)
        brightness = np.concatenate([small.mean(1), others.mean(1)])
        limits = [np.quantile(_distances(x, mean, whitening), 1 - RARE) for x in (small, others) if len(x)]
        return cls(mean, whitening, low, high, float(brightness.min()), float(brightness.max()), float(max(limits)))

    def complaints(self, pictures: Any) -> list[list[str]]:
        """What is unlike the training pictures in each of the pictures (N, C, H, W), in words; mostly nothing."""
        small = _in_small(pictures, len(pictures), self.low, self.high)
        distances = _distances(small, self.mean, self.whitening)
        found = []
        for brightness, distance in zip(small.mean(1).tolist(), distances.tolist(), strict=True):
            words = []
            if not self.darkest <= brightness <= self.brightest:
                kind = "darker" if brightness < self.darkest else "brighter"
                words.append(f"{kind} than all ({brightness:.2f}; theirs {self.darkest:.2f} to {self.brightest:.2f})")
            if distance > self.furthest:
                words.append(
                    f"further from their mean than {1 - RARE:.1%} ({distance:.1f}; theirs {self.furthest:.1f})"
                )
            found.append(words)
        return found

    def state_dict(self) -> dict[str, Any]:
        """All of it as arrays and numbers."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any], shape: tuple[int, ...]) -> Likeness:
        """From a `state_dict`, for pictures of shape (C, H, W). Raises DataError for one that does not fit them."""
        size = min(SIDE, shape[-2]) * min(SIDE, shape[-1])
        try:
            mean, whitening = np.asarray(state["mean"], np.float32), np.asarray(state["whitening"], np.float32)
            numbers = [float(state[name]) for name in ("low", "high", "darkest", "brightest", "furthest")]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError("likeness", "a mean, a whitening and five numbers", error) from error
        if (mean.shape, whitening.shape) != ((size,), (size, size)):
            raise DataError("likeness", f"a mean of {size} pixels", f"{mean.shape} and {whitening.shape}")
        return cls(mean, whitening, *numbers)


def _in_small(pictures: Any, most: int, low: float, high: float) -> np.ndarray:
    """(N, C, H, W) as (n, P) float32 from 0 to 1, n <= most of them, evenly spread.

    Colours become their mean, and blocks of pixels too; what blocks do not divide is interpolated.
    """
    chosen = pictures[:: max(1, -(-len(pictures) // max(1, most)))]
    blocks = [_reduced(np.asarray(chosen[i : i + BLOCK], np.float32)) for i in range(0, len(chosen), BLOCK)]
    height, width = (min(SIDE, side) for side in pictures.shape[-2:])
    small = np.concatenate([*blocks, np.zeros((0, height * width), np.float32)])
    return (small - np.float32(low)) / np.float32((high - low) or 1.0)


def _reduced(x: np.ndarray) -> np.ndarray:
    grey = x.mean(1)
    n, height, width = grey.shape
    rows, columns = max(1, height // SIDE), max(1, width // SIDE)
    whole = grey[:, : height // rows * rows, : width // columns * columns]
    means = whole.reshape(n, height // rows, rows, width // columns, columns).mean((2, 4))
    small: np.ndarray = resize(means, (min(SIDE, height), min(SIDE, width))).reshape(n, -1)
    return small


def _distances(small: np.ndarray, mean: np.ndarray, whitening: np.ndarray) -> np.ndarray:
    distances: np.ndarray = np.linalg.norm((small - mean) @ whitening, axis=1)
    return distances
