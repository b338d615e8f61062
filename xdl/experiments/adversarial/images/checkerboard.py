"""The checkerboard that transposed convolutions leave: how much of an image changes from every pixel to the next."""

from __future__ import annotations

from xdl.creation import arange
from xdl.tensor import Tensor


def checkerboard(images: Tensor) -> float:
    """The share of the variance of images (N, ..., H, W) that has a period of two pixels, along rows, columns, or both.

    With the signs a_i = (-1)**i it is the mean over images of (mean a_i x_ij)**2 + (mean a_j x_ij)**2 +
    (mean a_i a_j x_ij)**2, over the mean variance: parts of the spectrum (Odena, Dumoulin, Olah 2016 show the cause).
    Noise has 3 / (H W). Of odd sizes the last row or column is left out.
    """
    height, width = (n - n % 2 for n in images.shape[-2:])
    x = images[..., :height, :width].reshape(-1, height, width)
    down, across = _signs(height, x).reshape(-1, 1), _signs(width, x).reshape(1, -1)
    power = sum((x * signs).mean((1, 2)).square().mean() for signs in (down, across, down * across))
    variance = x.var((1, 2), correction=0).mean()
    return float((power / variance.clamp(1e-12)).item())


def _signs(n: int, like: Tensor) -> Tensor:
    """1, -1, 1, ..."""
    signs: Tensor = 1 - 2 * (arange(n) % 2).to(like.dtype)
    return signs
