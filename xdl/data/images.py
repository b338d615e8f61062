"""Images as arrays (N, H, W): changing their size and their scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.errors import ShapeError


def resize(images: Any, size: int | tuple[int, int]) -> Any:
    """Bilinear interpolation to size = (height, width), or a square for one int; float32.

    images: (N, H, W)

    Pixel centres lie at half-integers, as in PyTorch's `interpolate(mode="bilinear", align_corners=False)`, and
    positions beyond the outermost centres take the edge's value. Bilinear interpolation is linear in rows and
    in columns, so it is two matrix products: y = A x Bᵀ. Raises ShapeError for other shapes or empty sizes.
    """
    x = np.asarray(images, dtype=np.float32)
    height, width = (size, size) if isinstance(size, int) else size
    if x.ndim != 3 or min(x.shape[1:], default=0) < 1:
        raise ShapeError("resize", "images of shape (N, H, W)", x.shape)
    if min(height, width) < 1:
        raise ShapeError("resize", "a size of at least one pixel", (height, width))
    return interpolation(x.shape[1], height) @ x @ interpolation(x.shape[2], width).T


def interpolation(old: int, new: int) -> np.ndarray:
    """The matrix A (new, old) of linear interpolation: y = A x; each row holds at most two weights that sum to 1."""
    position = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    left = np.minimum(position.astype(np.int64), max(old - 2, 0))
    right = np.minimum(left + 1, old - 1)
    share = position - left
    matrix = np.zeros((new, old), dtype=np.float32)
    np.add.at(matrix, (np.arange(new), left), 1 - share)
    np.add.at(matrix, (np.arange(new), right), share)
    return matrix


def standardize(images: Any, mean: float, std: float) -> Any:
    """(x - mean) / std as float32: mean 0 and std 1 where the two were measured."""
    x = (np.asarray(images, dtype=np.float64) - mean) / std
    return x.astype(np.float32)
