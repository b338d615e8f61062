"""Noise on images, and what takes it away without learning: kinds for `denoising-autoencoder` (hwdong 8.2.1)."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import xdl
from xdl import functional as F
from xdl.functional import conv2d
from xdl.tensor import Tensor

Noise = Callable[[Tensor], Tensor]  # images (N, C, H, W) from 0 to 1 -> noisy ones


def gaussian(strength: float) -> Noise:
    """Adds normal numbers of this deviation to every pixel; values beyond black and white are kept."""
    return lambda x: x + strength * xdl.randn_like(x)


def masking(strength: float) -> Noise:
    """Makes this share of the pixels black (Vincent et al. 2008)."""
    return lambda x: x * (xdl.rand_like(x) >= strength).to(x.dtype)


def salt_and_pepper(strength: float) -> Noise:
    """Makes this share of the pixels black or white, each equally likely."""

    def noisy(x: Tensor) -> Tensor:
        drawn = xdl.rand_like(x)
        white = (drawn < strength / 2).to(x.dtype)
        kept = (drawn >= strength).to(x.dtype)
        return x * kept + white

    return noisy


KINDS: dict[str, Callable[[float], Noise]] = {
    "gaussian": gaussian,
    "masking": masking,
    "salt and pepper": salt_and_pepper,
}


def blurred(x: Tensor, sigma: float) -> Tensor:
    """Images (N, C, H, W) smoothed by a Gaussian of sigma pixels; at the border, by what there is of it."""
    if sigma == 0:
        return x
    reach = ceil(3 * sigma)
    places = xdl.arange(-reach, reach + 1, dtype=x.dtype)
    line = (places.square() * (-0.5 / sigma**2)).exp()
    filters = (line.unsqueeze(1) * line).reshape(1, 1, len(places), len(places))
    planes = x.reshape(-1, 1, *x.shape[2:])
    smooth = conv2d(planes, filters, padding=reach) / conv2d(xdl.ones_like(planes), filters, padding=reach)
    return smooth.reshape(x.shape)


def best_blur(noisy: Tensor, clean: Tensor, sigmas: tuple[float, ...] = (0.0, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0)) -> float:
    """The sigma whose blur brings noisy images nearest to the clean ones, by a line from noisy to right brightness.

    It is chosen on images that are not measured later.
    """
    return min(sigmas, key=lambda sigma: float(F.mse_loss(blurred(noisy, sigma).clamp(0, 1), clean)))
