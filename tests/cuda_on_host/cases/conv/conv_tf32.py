"""channels_last.cu, and conv_tf32.cu against the convolution in float64; exact where every product fits TF32."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TF32_TOLERANCE, Check, close, exact, random
from tests.cuda_on_host.cases.conv.im2col import window_slices
from xdl.functional.conv.conv import Geometry
from xdl.kernels.cuda.conv import conv_tf32 as conv_tf32_cuda
from xdl.kernels.cuda.launch import Device

# x shape (N, C, H, W), out channels, kernel, stride, padding, dilation
SHAPES = [
    ((1, 16, 6, 5), 24, (3, 3), (1, 1), (1, 1), (1, 1)),
    ((2, 4, 9, 7), 70, (3, 2), (2, 1), (1, 1), (1, 2)),
    ((1, 36, 12, 12), 65, (1, 1), (1, 1), (0, 0), (1, 1)),
    ((3, 8, 5, 5), 1, (5, 5), (1, 1), (2, 2), (1, 1)),
    ((1, 20, 3, 3), 64, (3, 3), (1, 1), (0, 0), (1, 1)),
]


def reference(x, weight, bias, stride, padding, dilation, relu: bool) -> np.ndarray:
    """y in float64."""
    columns = window_slices(x.astype(np.float64), weight.shape[2:], stride, padding, dilation)
    y = np.einsum("ncijpq,ocij->nopq", columns, weight.astype(np.float64), optimize=True)
    y = y if bias is None else y + bias[:, None, None]
    return np.maximum(y, 0) if relu else y


def rounded(x: np.ndarray) -> np.ndarray:
    """x with the 10 fraction bits of TF32, halves away from zero."""
    return ((x.view(np.uint32) + 0x1000) & 0xFFFFE000).view(np.float32)


def channels_last(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape in ((2, 5, 3, 4),) if small else ((2, 5, 3, 4), (3, 70, 9, 8), (1, 32, 32, 1), (0, 4, 2, 2)):
        x = random(shape, real)
        y = conv_tf32_cuda.channels_last(device, device.to_device(x))
        yield exact(f"channels_last {shape}", device, y, rounded(x).transpose(0, 2, 3, 1))


def forward(device: Device, x, weight, bias, geometry, relu: bool):
    """y by the kernels, of arrays on the host."""
    last_x, last_w = (conv_tf32_cuda.channels_last(device, device.to_device(a)) for a in (x, weight))
    there = None if bias is None else device.to_device(bias)
    return conv_tf32_cuda.conv_tf32_forward(device, last_x, last_w, there, Geometry(*geometry, 1), relu)


def conv_tf32(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape, out_channels, kernel, *geometry in SHAPES[:1] if small else SHAPES:
        weight_shape = (out_channels, shape[1], *kernel)
        for biased, relu in ((True, True),) if small else ((True, True), (False, False)):
            name = f"{shape} {weight_shape} {geometry} bias {biased} relu {relu}"
            x, weight = random(shape, real), random(weight_shape, real, 1)
            bias = random((out_channels,), real, 2) if biased else None
            y = forward(device, x, weight, bias, geometry, relu)
            yield close(name, device, y, reference(x, weight, bias, *geometry, relu), TF32_TOLERANCE)
    shape, out_channels, kernel, *geometry = SHAPES[0]
    integers = np.random.default_rng(3)
    x = integers.integers(-8, 9, shape).astype(real)
    weight = integers.integers(-8, 9, (out_channels, shape[1], *kernel)).astype(real)
    y = forward(device, x, weight, None, geometry, False)
    yield exact("small integers", device, y, reference(x, weight, None, *geometry, False).astype(real))
