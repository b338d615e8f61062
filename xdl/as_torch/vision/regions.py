"""torchvision.ops.roi_align: parts of images, resampled to one size (K. He et al., Mask R-CNN, 2017).

Each place of the result is the mean of n x n samples, and each sample a blend of four pixels. Both are separable: a
region is A x B^T, with a row of A for each row of the result, which says how much each row of the image x counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import xdl
from xdl.errors import ShapeError, expect
from xdl.tensor import Tensor


def roi_align(
    input: Tensor,
    boxes: Tensor | Sequence[Tensor],
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
) -> Tensor:
    """The boxes (K, C, *output_size) of input (N, C, H, W); gradients reach the input, not the boxes.

    boxes            (K, 5) with the image's number before left, top, right and bottom, or a list of (L, 4) an image
    spatial_scale    the boxes' coordinates times this are the input's
    sampling_ratio   n; where it is not positive, as many samples as pixels, rounded up
    aligned          a pixel's middle is at a half; else at a whole number, and boxes are at least one pixel large

    Raises ShapeError.
    """
    if not isinstance(boxes, Tensor):
        boxes = xdl.cat([xdl.cat([xdl.full_like(b[:, :1], i), b], 1) for i, b in enumerate(boxes)])
    expect(boxes.ndim == 2 and boxes.shape[1] == 5, ShapeError, "roi_align", "boxes (K, 5)", boxes.shape)
    height, width = (output_size, output_size) if isinstance(output_size, int) else output_size
    regions = []
    for number, *corners in boxes.tolist():
        left, top, right, bottom = [c * spatial_scale - 0.5 * aligned for c in corners]
        sizes = [size if aligned else max(size, 1.0) for size in (bottom - top, right - left)]
        down = _counts(input, top, sizes[0], height, input.shape[-2], sampling_ratio)
        across = _counts(input, left, sizes[1], width, input.shape[-1], sampling_ratio)
        regions.append(down @ input[int(number)] @ across.mT)
    return xdl.stack(regions) if regions else input[:0, :, :1, :1].expand(0, input.shape[1], height, width)


def _counts(like: Tensor, start: float, length: float, parts: int, size: int, ratio: int) -> Tensor:
    """How much each of `size` pixels counts (parts, size) in equal parts of a line from start on."""
    n = ratio if ratio > 0 else max(math.ceil(length / parts), 1)
    samples = xdl.arange(parts * n, dtype=like.dtype, device=like.device)
    places = (start + (samples + 0.5) * (length / parts / n))[:, None]
    inside = (places >= -1) & (places <= size)
    pixels = xdl.arange(size, dtype=like.dtype, device=like.device)
    shares = (1 - (places.clamp(0, size - 1) - pixels).abs()).clamp(min=0)
    return (shares * inside).reshape(parts, n, size).mean(1)


__all__ = ["roi_align"]
