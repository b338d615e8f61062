"""Adaptive pooling: windows that cover n elements with a given number m of outputs.

    window i holds the elements  floor(i n / m) ... ceil((i + 1) n / m) - 1

Where m divides n the windows lie side by side, and it is ordinary pooling. Else they overlap or differ in size: then x
is laid out so that they lie side by side, each filled up to the size of the largest by its last element. What fills up
counts as 0 in an average, and never is the first maximum. One output for all (global pooling) is a plain reduction.
"""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.errors import SettingError, ShapeError
from xdl.functional.conv.avg_pool import avg_pool
from xdl.functional.conv.conv import BEYOND
from xdl.functional.conv.max_pool import Pooled, max_pool
from xdl.functional.conv.windows import Window, images
from xdl.functional.index.select import take
from xdl.observe import composite
from xdl.tensor import Tensor

Outputs = int | None | tuple[int | None, ...]  # one number for all dimensions, or one for each; None keeps the size


@composite
def adaptive_avg_pool1d(input: Tensor, output_size: Outputs) -> Tensor:
    """The means of output_size windows over floating input (N, C, L) or (C, L).

    Raises ShapeError, DtypeError, SettingError for an output size below 1.
    """
    return _average("adaptive_avg_pool1d", input, 1, output_size)


@composite
def adaptive_avg_pool2d(input: Tensor, output_size: Outputs) -> Tensor:
    """The means of windows over (N, C, H, W) or (C, H, W): output_size = (OH, OW), OH = OW, or None for the size of x.

    Raises ShapeError, DtypeError, SettingError for an output size below 1.
    """
    return _average("adaptive_avg_pool2d", input, 2, output_size)


@composite
def adaptive_avg_pool3d(input: Tensor, output_size: Outputs) -> Tensor:
    """As `adaptive_avg_pool2d`, over (N, C, D, H, W) or (C, D, H, W)."""
    return _average("adaptive_avg_pool3d", input, 3, output_size)


@composite
def adaptive_max_pool1d(input: Tensor, output_size: Outputs, return_indices: bool = False) -> Pooled:
    """The maxima of output_size windows over floating input (N, C, L) or (C, L); with return_indices also their places.

    Raises ShapeError, DtypeError, SettingError for an output size below 1.
    """
    return _max("adaptive_max_pool1d", input, 1, output_size, return_indices)


@composite
def adaptive_max_pool2d(input: Tensor, output_size: Outputs, return_indices: bool = False) -> Pooled:
    """The maxima of windows over (N, C, H, W) or (C, H, W), as `adaptive_avg_pool2d`; places as of `max_pool2d`."""
    return _max("adaptive_max_pool2d", input, 2, output_size, return_indices)


@composite
def adaptive_max_pool3d(input: Tensor, output_size: Outputs, return_indices: bool = False) -> Pooled:
    """As `adaptive_max_pool2d`, over (N, C, D, H, W) or (C, D, H, W)."""
    return _max("adaptive_max_pool3d", input, 3, output_size, return_indices)


def _average(operation: str, input: Tensor, dims: int, output_size: Outputs) -> Tensor:
    outputs = _outputs(operation, input, dims, output_size)
    if set(outputs) == {1}:
        return input.mean(tuple(range(-dims, 0)), keepdim=True)
    x, shares = input, []
    for dim, (places, counts) in _uneven(input, outputs):
        k = len(places) // len(counts)
        inside = _on(input, [[j < count for j in range(k)] for count in counts], "bool").reshape(
            -1, *[1] * (input.ndim - 1 - dim)
        )
        x = take(x, _on(input, places, "int64").array, dim).where(inside, 0.0)
        share = _on(input, [k / count for count in counts], input.dtype)
        shares.append(share.reshape(-1, *[1] * (input.ndim - 1 - dim)))
    y = avg_pool(x, _side_by_side(x, outputs))
    for share in shares:
        y = y * share
    return y


def _max(operation: str, input: Tensor, dims: int, output_size: Outputs, return_indices: bool) -> Pooled:
    outputs = _outputs(operation, input, dims, output_size)
    if set(outputs) == {1}:
        y, indices = input.flatten(-dims).max(-1, keepdim=True)
        shape = (*input.shape[:-dims], *outputs)
        return (y.reshape(shape), indices.reshape(shape)) if return_indices else y.reshape(shape)
    x, laid_out = input, _uneven(input, outputs)
    for dim, (places, _) in laid_out:
        x = take(x, _on(input, places, "int64").array, dim)
    pooled = max_pool(x, _side_by_side(x, outputs), return_indices)
    if not return_indices or not laid_out:
        return pooled
    sources = {dim: _on(input, places, "int64") for dim, (places, _) in laid_out}
    rest, step = pooled[1], 1
    index: Any = 0
    for dim in range(input.ndim - 1, input.ndim - 1 - dims, -1):  # the place along each dimension, last one first
        place, rest = rest % x.shape[dim], rest // x.shape[dim]
        index = (sources[dim][place] if dim in sources else place) * step + index
        step *= input.shape[dim]
    return pooled[0], index


def _outputs(operation: str, input: Tensor, dims: int, output_size: Outputs) -> tuple[int, ...]:
    images(operation, input, dims)
    if 0 in input.shape[-dims:]:
        raise ShapeError(operation, "at least one element along each size", input.shape)
    given = tuple(output_size) if isinstance(output_size, tuple | list) else (output_size,)
    each = given * dims if len(given) == 1 else given
    sizes = tuple([n if m is None else m for n, m in zip(input.shape[-dims:], each, strict=False)])
    if len(each) != dims or any(not isinstance(m, int) or not 1 <= m < BEYOND for m in sizes):
        raise SettingError(operation, f"output_size: a number of at least 1 or {dims} of them", repr(output_size))
    return sizes


def _uneven(input: Tensor, outputs: tuple[int, ...]) -> list[tuple[int, tuple[list[int], list[int]]]]:
    """For each dimension whose size the number of outputs does not divide: (dim, (places, counts)).

    places: of the elements of all windows side by side, counts: how many of each window are its own
    """
    found = []
    for dim, m in enumerate(outputs, input.ndim - len(outputs)):
        n = input.shape[dim]
        if n % m:
            bounds = [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]
            k = max(high - low for low, high in bounds)
            places = [min(low + j, high - 1) for low, high in bounds for j in range(k)]
            found.append((dim, (places, [high - low for low, high in bounds])))
    return found


def _side_by_side(x: Tensor, outputs: tuple[int, ...]) -> list[Window]:
    sizes = zip(x.shape[-len(outputs) :], outputs, strict=True)
    return [Window(n // m, n // m, 0, 1, n, m) for n, m in sizes]


def _on(like: Tensor, values: list[Any], dtype: str) -> Tensor:
    """A constant on the backend of a Tensor."""
    return Tensor(backend.of(like.array).asarray(values, dtype))
