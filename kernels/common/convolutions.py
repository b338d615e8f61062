"""What a choice among ways to convolve depends on, and how ways become versions of the slots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size
from xdl.threads import parallel, serial

from .buffers import empty
from .turning import CHANNELS_LAST, turned


class Case(NamedTuple):
    """A convolution, and which of its three products is wanted: forward, input_grad or weight_grad.

    chwn: whether the forward's x lies in CHWN memory; for compiled gradients, whether g does
    """

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    dtype: Any
    product: str
    chwn: bool = False

    def channels(self) -> int:
        """The smaller one of how many channels a product reads and writes."""
        return min(self.w[:2])

    def output(self) -> tuple[int, int]:
        """(OH, OW)."""
        return output_size(self.x[2:], self.w[2:], self.geometry)

    def steps_by_one(self) -> bool:
        """Whether this is float32 with stride 1, without dilation or groups."""
        plain = (self.geometry.stride, self.geometry.dilation, self.geometry.groups) == ((1, 1), (1, 1), 1)
        return plain and self.dtype == "float32"

    def stays(self) -> bool:
        """Whether another layout would cost more than it gains: few channels, in CHWN memory already."""
        return self.chwn and self.x[1] < 16 and self.w[0] <= 32

    def few_pixels(self) -> bool:
        """Whether the filters are so large that another order of them would cost more than it gains."""
        rows, columns = self.output()
        return self.x[0] * rows * columns <= max(self.w[:2])


class Rule(NamedTuple):
    """can: whether the way is able to; pays: whether it is the fastest there; why: both in words."""

    can: Callable[[Case], bool]
    pays: Callable[[Case], bool]
    why: str


def fourier_can(case: Case) -> bool:
    """Whether a convolution can be one of spectra."""
    return case.steps_by_one() and max(p - k for p, k in zip(case.geometry.padding, case.w[2:], strict=True)) < 0


def fourier_pays(case: Case) -> bool:
    """Whether that is less work: it does not grow with the filters."""
    (n, c, h, w), (o, _, kh, kw), (ph, pw) = case.x, case.w, case.geometry.padding
    length, frequencies = h + ph, (w + pw) // 2 + 1
    image = 4 * frequencies * (h * (2 * length + w) * (c + o) + 2 * length * c * o)  # there, products, and back
    filters = 24 * frequencies * length * kh * c * o  # counted three times: memory is what they wait for
    direct = 2 * n * c * o * kh * kw * h * w
    spectra = 8 * c * o * length * frequencies  # bytes
    enough = kh * kw >= 49 and case.channels() >= 4 and spectra <= 1 << 28
    return enough and 1.5 * (n * image + filters) < direct


def channels_last(x: np.ndarray) -> np.ndarray:
    """Dense (N, H, W, C) with the values of x (N, C, H, W): a view where x lies in memory like that, else a copy."""
    last = x.transpose(0, 2, 3, 1)
    if last.flags.c_contiguous:
        return last
    if is_chwn(x):
        return turned(x, CHANNELS_LAST)
    y = empty(last.shape, x.dtype)

    def part(low: int, high: int, thread: int) -> None:
        np.copyto(y[low:high], last[low:high])

    (serial if x.size < 1 << 19 else parallel)(part, len(x))
    return y


def is_chwn(x: np.ndarray) -> bool:
    """Whether x (N, C, H, W) lies in dense CHWN memory, and there alone."""
    return x.ndim == 4 and not x.flags.c_contiguous and x.transpose(1, 2, 3, 0).flags.c_contiguous


def forward_case(x: np.ndarray, w: np.ndarray, b: Any, geometry: Geometry) -> Case:
    """The case of a forward pass."""
    return Case(x.shape, w.shape, geometry, x.dtype, "forward", is_chwn(x))


def input_grad_case(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> Case:
    """The case of a gradient of x with this shape."""
    return Case(shape, w.shape, geometry, g.dtype, "input_grad")


def weight_grad_case(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> Case:
    """The case of a gradient of filters with this shape."""
    return Case(x.shape, shape, geometry, g.dtype, "weight_grad")


def half(function: Any) -> type:
    """A slot's version that has a forward alone."""

    class Half:
        @staticmethod
        def forward(*args: Any) -> tuple[np.ndarray, None]:
            return function(*args), None

    return Half
