"""Max pooling in one to three dimensions, and its inverse, unpooling, to the places of the maxima.

    y = the largest value of each window; the first one in row order gets the whole gradient

Padding counts as -infinity and never wins. A maximum over a box is the maximum of maxima, so one and three dimensions
are made of the two-dimensional slot: (N, C, L) is an image of height 1, and (N, C, D, H, W) is pooled over the planes
of C D channels first, then over D.

Indices (int64) are places in the flattened sizes of x: row times W plus column for an image.
"""

from __future__ import annotations

from math import inf, prod
from typing import Any

from xdl.backend import namespaces
from xdl.errors import SettingError, ShapeError
from xdl.functional.conv.conv import Sizes, spread
from xdl.functional.conv.pool import largest, places
from xdl.functional.conv.windows import Window, geometry, images, point, windows
from xdl.functional.index.gather import choose, gather, scatter
from xdl.functional.shape.pad import pad
from xdl.observe import composite
from xdl.tensor import Tensor

Pooled = Any  # y (a Tensor), or (y, indices)


@composite
def max_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """The largest value of each window of floating input (N, C, L) or (C, L); stride defaults to the kernel's size.

    ceil_mode: a last window may reach beyond the padding
    return_indices: (y, indices), for `max_unpool1d`
    Padding is at most half the kernel. Raises ShapeError, SettingError, DtypeError.
    """
    given = windows("max_pool1d", input, 1, kernel_size, stride, padding, dilation, ceil_mode)
    return max_pool(input, given, return_indices)


def max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """As `max_pool1d`, for windows of (N, C, H, W) or (C, H, W)."""
    given = windows("max_pool2d", input, 2, kernel_size, stride, padding, dilation, ceil_mode)
    return max_pool(input, given, return_indices)


@composite
def max_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """As `max_pool1d`, for windows of (N, C, D, H, W) or (C, D, H, W)."""
    given = windows("max_pool3d", input, 3, kernel_size, stride, padding, dilation, ceil_mode)
    return max_pool(input, given, return_indices)


def max_pool(input: Tensor, given: list[Window], return_indices: bool) -> Pooled:
    """The largest value of each of the given windows over the last dimensions, and the indices if asked for."""
    if input.ndim == len(given) + 1:
        y, indices = _max_pool(input.unsqueeze(0), given, return_indices)
        return (y.squeeze(0), indices.squeeze(0)) if indices is not None else y.squeeze(0)
    y, indices = _max_pool(input, given, return_indices)
    return (y, indices) if indices is not None else y


def _max_pool(x: Tensor, given: list[Window], want: bool) -> tuple[Tensor, Tensor | None]:
    n, c, *sizes = x.shape
    if len(given) == 2:
        return _plane(x, given[0], given[1], want)
    if len(given) == 1:
        y, indices = _plane(x.reshape(n, c, 1, sizes[0]), point(1), given[0], want)
        return y.squeeze(2), None if indices is None else indices.squeeze(2)
    depth, rows, columns = given
    pixels, shape = rows.output * columns.output, (n, c, *[window.output for window in given])
    planes, inner = _plane(x.reshape(n, c * depth.n, rows.n, columns.n), rows, columns, want)
    y, outer = _plane(planes.reshape(n, c, depth.n, pixels), depth, point(pixels), want)
    if inner is None or outer is None:
        return y.reshape(shape), None
    chosen = gather(inner.reshape(n, c, depth.n * pixels), 2, outer.reshape(n, c, depth.output * pixels))
    layers = (outer // pixels).reshape(n, c, depth.output * pixels) * (rows.n * columns.n)
    return y.reshape(shape), (layers + chosen).reshape(shape)


def _plane(x: Tensor, rows: Window, columns: Window, want: bool) -> tuple[Tensor, Tensor | None]:
    """The maxima of x (N, C, H, W) and their places if wanted."""
    kernel, steps = (rows.kernel, columns.kernel), geometry(rows, columns)
    padded = pad(x, (0, columns.beyond, 0, rows.beyond), value=-inf) if rows.beyond or columns.beyond else x
    if not want:
        return largest(padded, kernel, steps), None
    y = largest(padded.detach(), kernel, steps).array
    indices = places(padded.array, y, kernel, steps, columns.n)
    xp, planes = namespaces[type(y)], x.shape[:2]
    flat = x.reshape(*planes, rows.n * columns.n)
    chosen = choose("max_pool2d", flat, 2, xp.reshape(indices, (*planes, y.shape[2] * y.shape[3])), distinct=False)
    return chosen.values.reshape(y.shape), chosen.indices.reshape(y.shape)


@composite
def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: tuple[int, ...] | None = None,
) -> Tensor:
    """Zeros with input (N, C, OL) or (C, OL) at the indices that `max_pool1d` gave with the same settings.

    output_size: the sizes of what was pooled, alone or with N and C before, where a rest of it met no window; without
    it each is (OL - 1) S - 2 P + K. Of equal indices the last one's value stays.
    Raises ShapeError, SettingError, DtypeError, and on NumPy DataError for an index out of range.
    """
    return _unpool("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


@composite
def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: tuple[int, ...] | None = None,
) -> Tensor:
    """As `max_unpool1d`, for input (N, C, OH, OW) or (C, OH, OW) and the indices of `max_pool2d`."""
    return _unpool("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


@composite
def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: tuple[int, ...] | None = None,
) -> Tensor:
    """As `max_unpool1d`, for input (N, C, OD, OH, OW) or (C, OD, OH, OW) and the indices of `max_pool3d`."""
    return _unpool("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)


def _unpool(
    operation: str,
    dims: int,
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    output_size: tuple[int, ...] | None,
) -> Tensor:
    images(operation, input, dims)
    if input.shape != indices.shape:
        raise ShapeError(operation, f"indices {input.shape}", indices.shape)
    kernel = spread(operation, "kernel_size", kernel_size, dims, 1)
    steps = kernel if stride is None else spread(operation, "stride", stride, dims, 1)
    border = spread(operation, "padding", padding, dims, 0)
    outer, inner = input.shape[:-dims], input.shape[-dims:]
    size = tuple([(n - 1) * s - 2 * p + k for n, s, p, k in zip(inner, steps, border, kernel, strict=True)])
    if output_size is not None:
        wanted = tuple(output_size)[-dims:]
        counted = len(output_size) in (dims, dims + 2)
        if not counted or any(abs(a - b) >= s for a, b, s in zip(wanted, size, steps, strict=True)):
            raise SettingError(operation, f"output_size within a stride {steps} of {size}", tuple(output_size))
        size = wanted
    x = input.array
    flat = namespaces[type(x)].zeros((*outer, prod(size)), dtype=x.dtype, device=x.device)
    y = scatter(Tensor(flat), len(outer), indices.flatten(len(outer)), input.flatten(len(outer)))
    return y.reshape(*outer, *size)
