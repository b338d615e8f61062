"""`torchvision.utils`: many images as one, and files of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import xdl
from xdl.as_torch.vision.pillow import pillow
from xdl.errors import KindError, ShapeError, expect
from xdl.tensor import Tensor


@xdl.no_grad()
def make_grid(
    tensor: Tensor | Sequence[Tensor],
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """Images (N, C, H, W), or a list of (C, H, W), beside each other: (C, rows (H + padding) + padding, ...).

    nrow:        images in a row
    padding:     pixels between them and around, of the value pad_value
    normalize:   (x - low) / (high - low), with low and high of value_range, else the smallest and the largest value
    scale_each:  with those of each image

    Grey images get three channels. A single image is given as it is, without a border.
    """
    parts = [tensor] if isinstance(tensor, Tensor) else list(tensor)
    for part in parts:
        expect(isinstance(part, Tensor), KindError, "make_grid", "Tensors", type(part).__name__)
    images = tensor if isinstance(tensor, Tensor) else xdl.stack(parts)
    expect(images.ndim in (2, 3, 4), ShapeError, "make_grid", "images (N, C, H, W)", images.shape)
    images = images.detach().reshape((1,) * (4 - images.ndim) + images.shape)
    if images.shape[1] == 1:
        images = xdl.cat([images] * 3, 1)
    if normalize:
        each = [_scaled(image, value_range) for image in (images if scale_each else [images])]
        images = xdl.stack(each) if scale_each else each[0]
    n, channels, height, width = images.shape
    if n == 1:
        return images[0]
    across = min(nrow, n)
    size = (ceil(n / across) * (height + padding) + padding, across * (width + padding) + padding)
    grid = xdl.full((channels, *size), pad_value, dtype=images.dtype, device=images.device)
    for i in range(n):
        down, right = divmod(i, across)
        top, left = padding + down * (height + padding), padding + right * (width + padding)
        grid[:, top : top + height, left : left + width] = images[i]
    return grid


def _scaled(part: Tensor, value_range: tuple[float, float] | None) -> Tensor:
    low, high = (float(part.min()), float(part.max())) if value_range is None else value_range
    return (part.clamp(low, high) - low) / max(high - low, 1e-5)


@xdl.no_grad()
def save_image(tensor: Tensor | Sequence[Tensor], fp: Any, format: str | None = None, **grid: Any) -> None:
    """Writes `make_grid(tensor, **grid)` of values from 0 to 1 as a picture: to a path, or an open file."""
    pixels = (make_grid(tensor, **grid) * 255 + 0.5).clamp(0, 255).to("uint8").permute(1, 2, 0).cpu().numpy()
    pillow().Image.fromarray(pixels).save(fp, format=format)


__all__ = ["make_grid", "save_image"]
