"""depthwise.cu against the convolution in float64."""

from __future__ import annotations

from collections.abc import Iterator

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, random
from tests.cuda_on_host.cases.conv.im2col import reference
from xdl.functional.conv.conv import Geometry, output_size
from xdl.kernels.cuda.conv import depthwise as depthwise_cuda
from xdl.kernels.cuda.launch import Device

# x shape, filters a channel, kernel, stride, padding, dilation
SHAPES = [
    ((2, 3, 6, 5), 2, (3, 2), (2, 1), (1, 1), (1, 2)),
    ((2, 4, 17, 19), 1, (3, 3), (1, 1), (1, 1), (1, 1)),
    ((1, 2, 9, 9), 3, (5, 5), (2, 3), (2, 0), (1, 1)),
    ((3, 2, 64, 65), 1, (1, 3), (1, 1), (0, 2), (1, 2)),  # the sums of dw take more than one slice
    ((0, 2, 4, 4), 1, (3, 3), (1, 1), (1, 1), (1, 1)),
]


def depthwise(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape, multiple, kernel, *steps in SHAPES[:1] if small else SHAPES:
        channels = shape[1]
        geometry, name = Geometry(*steps, channels), f"{shape} {multiple} {kernel} {steps}"
        x, w = random(shape, real), random((channels * multiple, 1, *kernel), real, 1)
        g = random((shape[0], len(w), *output_size(shape[2:], kernel, geometry)), real, 2)
        b = random((len(w),), real, 3)
        y, dx, dw = reference(x, w, g, *geometry[:4])
        x_there, w_there, g_there, b_there = (device.to_device(a) for a in (x, w, g, b))
        for bias, expected in ((None, y), (b_there, y + b[:, None, None])):
            got = depthwise_cuda.depthwise_forward(device, x_there, w_there, bias, geometry)
            yield close(f"depthwise {name}", device, got, expected, TOLERANCES[real])
        got = depthwise_cuda.depthwise_input_gradient(device, g_there, w_there, shape[2:], geometry)
        yield close(f"depthwise dx {name}", device, got, dx, TOLERANCES[real])
        got = depthwise_cuda.depthwise_weight_gradient(device, g_there, x_there, kernel, geometry)
        yield close(f"depthwise dw {name}", device, got, dw, TOLERANCES[real])
