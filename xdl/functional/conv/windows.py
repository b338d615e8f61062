"""The windows of pooling: where they stand along each dimension.

n elements, windows of k elements D apart, one every S, P elements of padding at both ends:

    OH = (n + 2 P - D (k - 1) - 1) // S + 1          rounded up with ceil_mode

With ceil_mode a last window may reach beyond the padding, but it starts within the elements or the padding before.
"""

from __future__ import annotations

from typing import NamedTuple

from xdl.errors import SettingError, ShapeError
from xdl.functional.conv.conv import Geometry, Sizes, spread
from xdl.functional.operands import floating
from xdl.tensor import Tensor


class Window(NamedTuple):
    """The windows along one dimension of n elements: `output` of them."""

    kernel: int
    stride: int
    padding: int
    dilation: int
    n: int
    output: int

    @property
    def beyond(self) -> int:
        """How many elements the last window reaches beyond the padding."""
        reach = (self.output - 1) * self.stride + self.dilation * (self.kernel - 1) + 1
        return max(0, reach - self.n - 2 * self.padding)

    def counts(self, include_padding: bool) -> list[int]:
        """For each window of dilation 1 how many elements it holds, with or without padding; never those beyond."""
        starts = [i * self.stride - self.padding for i in range(self.output)]
        low, high = (-self.padding, self.n + self.padding) if include_padding else (0, self.n)
        return [min(start + self.kernel, high) - max(start, low) for start in starts]


def images(operation: str, input: Tensor, dims: int) -> None:
    """Raises ShapeError or DtypeError unless input is floating (N, C, sizes) or (C, sizes), with `dims` sizes."""
    floating(operation, input=input)
    if input.ndim not in (dims + 1, dims + 2):
        sizes = ("L", "H, W", "D, H, W")[dims - 1]
        raise ShapeError(operation, f"input (N, C, {sizes}) or (C, {sizes})", input.shape)


def point(n: int) -> Window:
    """Windows of one element each."""
    return Window(1, 1, 0, 1, n, n)


def geometry(rows: Window, columns: Window) -> Geometry:
    """The steps of two-dimensional windows, as the slots of pooling take them."""
    return Geometry(
        (rows.stride, columns.stride), (rows.padding, columns.padding), (rows.dilation, columns.dilation), 1
    )


def windows(
    operation: str,
    input: Tensor,
    dims: int,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> list[Window]:
    """The windows along each of the last `dims` dimensions of floating input (N, C, sizes) or (C, sizes).

    Raises DtypeError, ShapeError for another number of dimensions or windows that fit nowhere, SettingError for
    settings out of range or padding of more than half the kernel.
    """
    images(operation, input, dims)
    kernel = spread(operation, "kernel_size", kernel_size, dims, 1)
    steps = kernel if stride is None else spread(operation, "stride", stride, dims, 1)
    border = spread(operation, "padding", padding, dims, 0)
    apart = spread(operation, "dilation", dilation, dims, 1)
    if any(2 * p > k for p, k in zip(border, kernel, strict=True)):
        raise SettingError(operation, f"padding of at most half the kernel {kernel}", border)
    size = input.shape[-dims:]
    found = [
        Window(*window, _output(*window, ceil_mode)) for window in zip(kernel, steps, border, apart, size, strict=True)
    ]
    if min(window.output for window in found) < 1:
        reach = tuple([d * (k - 1) + 1 for k, d in zip(kernel, apart, strict=True)])
        padded = tuple([n + 2 * p for n, p in zip(size, border, strict=True)])
        raise ShapeError(operation, f"a window that fits the padded input {padded}", f"a reach of {reach}")
    return found


def _output(kernel: int, stride: int, padding: int, dilation: int, n: int, ceil_mode: bool) -> int:
    room = n + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return room // stride + 1
    output = -(-room // stride) + 1
    return output - 1 if (output - 1) * stride >= n + padding else output
