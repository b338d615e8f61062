"""Average and power-average pooling in one to three dimensions.

    avg_pool:  y = the sum of each window / divisor        lp_pool:  y = (the sum of x**p over each window)**(1/p)

Padding counts as zeros. The divisor is the number of the window's elements, with or without padding, or a number of
the caller's. Sums over a box are sums of sums, so one and three dimensions are made of the two-dimensional slot, as in
`max_pool.py`.
"""

from __future__ import annotations

from math import prod

from xdl import backend
from xdl.errors import SettingError
from xdl.functional.conv.conv import Sizes
from xdl.functional.conv.pool import average
from xdl.functional.conv.windows import Window, geometry, point, windows
from xdl.functional.shape.pad import pad
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def avg_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window of floating input (N, C, L) or (C, L); stride defaults to the kernel's size.

    ceil_mode: a last window may reach beyond the padding; what lies there does not count
    count_include_pad: whether the padding counts, as zeros
    Padding is at most half the kernel. Raises ShapeError, SettingError, DtypeError.
    """
    given = windows("avg_pool1d", input, 1, kernel_size, stride, padding, ceil_mode=ceil_mode)
    return avg_pool(input, given, count_include_pad)


@composite
def avg_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """As `avg_pool1d`, for windows of (N, C, H, W) or (C, H, W); divisor_override divides the sums if given."""
    given = windows("avg_pool2d", input, 2, kernel_size, stride, padding, ceil_mode=ceil_mode)
    return avg_pool(input, given, count_include_pad, _divisor("avg_pool2d", divisor_override))


@composite
def avg_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """As `avg_pool1d`, for windows of (N, C, D, H, W) or (C, D, H, W); divisor_override divides the sums if given."""
    given = windows("avg_pool3d", input, 3, kernel_size, stride, padding, ceil_mode=ceil_mode)
    return avg_pool(input, given, count_include_pad, _divisor("avg_pool3d", divisor_override))


def _divisor(operation: str, divisor: int | None) -> int | None:
    if divisor == 0:
        raise SettingError(operation, "a divisor_override other than 0", divisor)
    return divisor


def avg_pool(input: Tensor, given: list[Window], include_padding: bool = True, divisor: int | None = None) -> Tensor:
    """The sum of each of the given windows over the last dimensions, divided by its count or by the divisor."""
    if input.ndim == len(given) + 1:
        return avg_pool(input.unsqueeze(0), given, include_padding, divisor).squeeze(0)
    y = _kernel_means(input, given)
    if divisor is not None:
        return y * (prod(window.kernel for window in given) / divisor)
    for i, window in enumerate(given):
        shares = [window.kernel / count for count in window.counts(include_padding)]
        if any(share != 1 for share in shares):
            share = Tensor(backend.of(input.array).asarray(shares, input.dtype))
            y = y * share.reshape(-1, *[1] * (len(given) - 1 - i))
    return y


def _kernel_means(x: Tensor, given: list[Window]) -> Tensor:
    """The sums over the windows / the kernel's size."""
    n, c = x.shape[:2]
    if len(given) == 2:
        return _plane(x, given[0], given[1])
    if len(given) == 1:
        return _plane(x.unsqueeze(2), point(1), given[0]).squeeze(2)
    depth, rows, columns = given
    planes = _plane(x.reshape(n, c * depth.n, rows.n, columns.n), rows, columns)
    y = _plane(planes.reshape(n, c, depth.n, rows.output * columns.output), depth, point(rows.output * columns.output))
    return y.reshape(n, c, depth.output, rows.output, columns.output)


def _plane(x: Tensor, rows: Window, columns: Window) -> Tensor:
    if rows.beyond or columns.beyond:
        x = pad(x, (0, columns.beyond, 0, rows.beyond))
    return average(x, (rows.kernel, columns.kernel), geometry(rows, columns))


@composite
def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """y = (the sum of x**p over each window)**(1/p), p = norm_type, of floating input (N, C, L) or (C, L).

    p = 1 sums, a large p comes near the maximum. The gradient is 0 where the sum is 0. y is nan
    where it is negative, for p other than odd. Stride defaults to the kernel's size.
    Raises ShapeError, SettingError, DtypeError.
    """
    given = windows("lp_pool1d", input, 1, kernel_size, stride, ceil_mode=ceil_mode)
    return _lp_pool("lp_pool1d", input, norm_type, given)


@composite
def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """As `lp_pool1d`, for windows of (N, C, H, W) or (C, H, W)."""
    given = windows("lp_pool2d", input, 2, kernel_size, stride, ceil_mode=ceil_mode)
    return _lp_pool("lp_pool2d", input, norm_type, given)


@composite
def lp_pool3d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """As `lp_pool1d`, for windows of (N, C, D, H, W) or (C, D, H, W)."""
    given = windows("lp_pool3d", input, 3, kernel_size, stride, ceil_mode=ceil_mode)
    return _lp_pool("lp_pool3d", input, norm_type, given)


def _lp_pool(operation: str, input: Tensor, p: float, given: list[Window]) -> Tensor:
    if not p > 0:
        raise SettingError(operation, "norm_type above 0", p)
    total = avg_pool(input**p, given) * prod(window.kernel for window in given)
    present = total != 0
    return (total.where(present, 1.0) ** (1 / p)).where(present, 0.0)
