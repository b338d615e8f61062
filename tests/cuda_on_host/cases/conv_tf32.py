"""conv_tf32.cu against the convolution in float64; exact where every product fits TF32."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TF32_TOLERANCE, Check, close, exact, random
from tests.cuda_on_host.cases.im2col import window_slices
from xdl.kernels.cuda.conv import conv_tf32 as conv_tf32_cuda
from xdl.kernels.cuda.launch import Device

# x shape (N, H, W, C), out channels, kernel, stride, padding, dilation
SHAPES = [
    ((1, 6, 5, 16), 24, (3, 3), (1, 1), (1, 1), (1, 1)),
    ((2, 9, 7, 4), 70, (3, 2), (2, 1), (1, 1), (1, 2)),
    ((1, 12, 12, 36), 65, (1, 1), (1, 1), (0, 0), (1, 1)),
    ((3, 5, 5, 8), 1, (5, 5), (1, 1), (2, 2), (1, 1)),
    ((1, 3, 3, 20), 64, (3, 3), (1, 1), (0, 0), (1, 1)),
]


def reference(x, weight, bias, stride, padding, dilation, relu: bool) -> np.ndarray:
    """y in float64, channels last."""
    channels_first = x.transpose(0, 3, 1, 2).astype(np.float64)
    columns = window_slices(channels_first, weight.shape[1:3], stride, padding, dilation)
    y = np.einsum("ncijpq,oijc->npqo", columns, weight.astype(np.float64), optimize=True)
    y = y if bias is None else y + bias
    return np.maximum(y, 0) if relu else y


def conv_tf32(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape, out_channels, kernel, *geometry in SHAPES[:1] if small else SHAPES:
        weight_shape = (out_channels, *kernel, shape[3])
        for biased, relu in ((True, True),) if small else ((True, True), (False, False)):
            name = f"{shape} {weight_shape} {geometry} bias {biased} relu {relu}"
            x, weight = random(shape, real), random(weight_shape, real, 1)
            bias = random((out_channels,), real, 2) if biased else None
            arrays = [None if a is None else device.to_device(a) for a in (x, weight, bias)]
            y = conv_tf32_cuda.conv_tf32_forward(device, *arrays, *geometry, relu)
            yield close(name, device, y, reference(x, weight, bias, *geometry, relu), TF32_TOLERANCE)
    shape, out_channels, kernel, *geometry = SHAPES[0]
    integers = np.random.default_rng(3)
    x = integers.integers(-8, 9, shape).astype(real)
    weight = integers.integers(-8, 9, (out_channels, *kernel, shape[3])).astype(real)
    y = conv_tf32_cuda.conv_tf32_forward(device, device.to_device(x), device.to_device(weight), None, *geometry, False)
    yield exact("small integers", device, y, reference(x, weight, None, *geometry, False).astype(real))
