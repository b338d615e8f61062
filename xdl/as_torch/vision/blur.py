"""Gaussian blur: `functional.gaussian_blur` and the class GaussianBlur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import xdl
from xdl.as_torch.vision.chance import span, uniform
from xdl.as_torch.vision.conversion import pil_to_tensor, to_pil_image
from xdl.as_torch.vision.pillow import Image, is_tensor
from xdl.errors import SettingError, expect
from xdl.nn import Module
from xdl.nn import functional as F
from xdl.tensor import Tensor


def gaussian_blur(img: Image, kernel_size: Any, sigma: Any = None) -> Image:
    """Each pixel becomes the mean of its neighbours with weights exp(-d**2 / (2 sigma**2)); borders are mirrored.

    kernel_size: neighbours that count, odd, of x and y or of both
    sigma:       of x and y or of both; 0.3 ((kernel_size - 1) / 2 - 1) + 0.8 without it
    """
    sizes = _both(kernel_size)
    odd = all(isinstance(k, int) and k > 0 and k % 2 for k in sizes)
    expect(odd, SettingError, "gaussian_blur", "kernel_size as odd numbers", kernel_size)
    wide = [0.3 * ((k - 1) / 2 - 1) + 0.8 for k in sizes] if sigma is None else _both(sigma)
    expect(min(wide) > 0, SettingError, "gaussian_blur", "sigma > 0", sigma)
    if not is_tensor("gaussian_blur", img):
        return to_pil_image(gaussian_blur(pil_to_tensor(img), sizes, wide))
    x = img.reshape(-1, 1, *img.shape[-2:])
    x = F.pad(x if img.is_floating_point() else x.float(), (*[sizes[0] // 2] * 2, *[sizes[1] // 2] * 2), "reflect")
    x = F.conv2d(x, _weights(sizes[0], wide[0], x).reshape(1, 1, 1, -1))
    x = F.conv2d(x, _weights(sizes[1], wide[1], x).reshape(1, 1, -1, 1)).reshape(img.shape)
    return x if img.is_floating_point() else x.round().to(img.dtype)


def _both(value: Any) -> list[Any]:
    given = list(value) if isinstance(value, Sequence) else [value]
    expect(len(given) in (1, 2), SettingError, "gaussian_blur", "one or two numbers", value)
    return [given[0], given[-1]]


def _weights(size: int, sigma: float, like: Tensor) -> Tensor:
    d = xdl.arange(size, dtype=like.dtype, device=like.device) - (size - 1) / 2
    weights = (-0.5 * (d / sigma) ** 2).exp()
    return weights / weights.sum()


class GaussianBlur(Module):
    """`functional.gaussian_blur` with a sigma that is drawn from a range, or the same for all."""

    def __init__(self, kernel_size: Any, sigma: Any = (0.1, 2.0)) -> None:
        self.kernel_size = kernel_size
        self.sigma = span("GaussianBlur", "sigma", (sigma, sigma) if isinstance(sigma, int | float) else sigma, 0)

    def forward(self, img: Image) -> Image:
        """The blurred image."""
        return gaussian_blur(img, self.kernel_size, uniform(*self.sigma))


__all__ = ["GaussianBlur", "gaussian_blur"]
