"""Where the windows of a convolution lie: the index arrays by which an image becomes rows (hwdong 6.4)."""

from __future__ import annotations

import xdl
from xdl import functional as F
from xdl.tensor import Tensor


def windows(shape: tuple[int, ...], kernel: tuple[int, int], stride: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Channel, row and column of what the window at each position holds, int64 (P, K) each.

    shape: (C, H, W) of the image, padded already; kernel: (KH, KW); P = OH OW positions (p, q) and K = C KH KW
    elements (c, i, j), both row by row: element (c, i, j) of position (p, q) is x[c, p S + i, q S + j]
    """
    channels, height, width = shape
    down, across = ((n - k) // stride + 1 for n, k in zip((height, width), kernel, strict=True))
    p, q, c, i, j = F.meshgrid(*[xdl.arange(n) for n in (down, across, channels, *kernel)], indexing="ij")
    size = down * across, channels * kernel[0] * kernel[1]
    return c.reshape(size), (p * stride + i).reshape(size), (q * stride + j).reshape(size)


def places(shape: tuple[int, ...], kernel: tuple[int, int], stride: int = 1) -> Tensor:
    """The same as one index into the flattened image, (c H + row) W + column, int64 (P, K)."""
    _, height, width = shape
    c, row, column = windows(shape, kernel, stride)
    return (c * height + row) * width + column
