"""Windows: the columns of images (im2col) with their adjoint, and windows along one dimension.

    N images, C channels, H, W      KH, KW kernel      L = OH OW positions of the kernel

    unfold:  (N, C, H, W) -> (N, C KH KW, L)      every column holds what one position of the kernel meets
    fold:    (N, C KH KW, L) -> (N, C, H, W)      every element is the sum of its places in the columns

OH = (H + 2 PH - DH (KH - 1) - 1) // SH + 1. Each is the gradient of the other.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import ShapeError
from xdl.functional.conv.conv import Geometry, Pair, col2im, im2col, output_size, pair
from xdl.functional.index.select import take
from xdl.functional.reduce.reduce import dims_of
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor

Window = tuple[tuple[int, int], tuple[int, int], Geometry]  # image size, kernel size, steps


def unfold(input: Tensor, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> Tensor:
    """The columns of images (N, C, H, W), or of one (C, H, W). Raises ShapeError, SettingError."""
    if input.ndim == 3:
        return unfold(input.unsqueeze(0), kernel_size, dilation, padding, stride).squeeze(0)
    if input.ndim != 4:
        raise ShapeError("unfold", "input (N, C, H, W) or (C, H, W)", input.shape)
    window, _ = _window("unfold", input.shape[2:], kernel_size, dilation, padding, stride)
    columns: Tensor = _unfold(input, window)
    return columns


def fold(
    input: Tensor,
    output_size: Pair,
    kernel_size: Pair,
    dilation: Pair = 1,
    padding: Pair = 0,
    stride: Pair = 1,
) -> Tensor:
    """The sums of columns (N, C KH KW, L), or of (C KH KW, L), as images of output_size. ShapeError, SettingError."""
    if input.ndim == 2:
        return fold(input.unsqueeze(0), output_size, kernel_size, dilation, padding, stride).squeeze(0)
    size = pair("fold", "output_size", output_size, 1)
    window, (oh, ow) = _window("fold", size, kernel_size, dilation, padding, stride)
    kh, kw = window[1]
    if input.ndim != 3 or input.shape[1] % (kh * kw) or input.shape[2] != oh * ow:
        raise ShapeError("fold", f"input (N, a multiple of {kh * kw}, {oh * ow})", input.shape)
    images: Tensor = _fold(input, window)
    return images


def _unfold(x: Any, window: Window) -> Any:
    if isinstance(x, Tensor):
        return record(_unfold(x.array, window), (edge(x),), partial(_unfold_rule, window))
    _, kernel, geometry = window
    return im2col(x, kernel, geometry)[0][:, 0, :, :]


def _unfold_rule(window: Window, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (_fold(g, window),)


def _fold(x: Any, window: Window) -> Any:
    if isinstance(x, Tensor):
        return record(_fold(x.array, window), (edge(x),), partial(_fold_rule, window))
    size, kernel, geometry = window
    shape = (x.shape[0], x.shape[1] // (kernel[0] * kernel[1]), *size)
    return col2im(x, shape, kernel, output_size(size, kernel, geometry), geometry)


def _fold_rule(window: Window, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (_unfold(g, window),)


def _window(
    operation: str, size: tuple[int, ...], kernel_size: Pair, dilation: Pair, padding: Pair, stride: Pair
) -> tuple[Window, tuple[int, int]]:
    """The checked settings, and (OH, OW)."""
    kernel = pair(operation, "kernel_size", kernel_size, 1)
    geometry = Geometry(
        pair(operation, "stride", stride, 1),
        pair(operation, "padding", padding, 0),
        pair(operation, "dilation", dilation, 1),
        1,
    )
    positions = output_size(size, kernel, geometry)
    if min(positions) < 1:
        raise ShapeError(
            operation, f"a kernel {kernel} that fits the padded image", f"{tuple(size)}, padding {padding}"
        )
    return ((size[0], size[1]), kernel, geometry), positions


def unfold_copy(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of `size` elements along a dimension, one every `step`; also `Tensor.unfold`.

    y[..., i, ..., k] = x[..., i step + k, ...]: the windows lie along the dimension, their elements along a new last
    one. Raises ShapeError for windows larger than x or a step below 1.
    """
    if input.ndim == 0:
        return unfold_copy(input.reshape(1), dimension, size, step).reshape(size)
    (d,) = dims_of("unfold", input.ndim, dimension)
    n = input.shape[d]
    if not 0 <= size <= n or step < 1:
        raise ShapeError(
            "unfold", f"windows of at most {n} elements, a step of at least 1", f"size {size}, step {step}"
        )
    count = (n - size) // step + 1
    ids = _window_places(input.array, count, size, step)
    windows = take(input, ids, d).reshape(*input.shape[:d], count, size, *input.shape[d + 1 :])
    return windows.permute([i for i in range(input.ndim + 1) if i != d + 1] + [d + 1])


def _window_places(like: Array, count: int, size: int, step: int) -> Array:
    xp = namespaces[type(like)]
    starts = xp.arange(count, device=like.device) * step
    return xp.reshape(starts[:, None] + xp.arange(size, device=like.device), (count * size,))
