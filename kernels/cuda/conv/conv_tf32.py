"""Launch of conv_tf32.cu: convolution forward on tensor cores, channels last.

Notation: x [N, H, W, C], weight [O, KH, KW, C], y [N, P, Q, O]; C a multiple of 4, one group, float32.
"""

from __future__ import annotations

from xdl.backend import Array
from xdl.errors import ShapeError

from ..launch import Device, blocks_for, load_kernels
from .im2col import Pair, output_size

ROWS, CHANNELS, DEPTH, STAGES = 128, 64, 16, 3  # as in the .cu file
SHARED_BYTES = STAGES * (ROWS + CHANNELS) * DEPTH * 4


def conv_tf32_forward(
    device: Device,
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    relu: bool,
) -> Array:
    """y, with TF32 products. Raises ShapeError unless C is a multiple of 4."""
    n, h, w, c = x.shape
    o, kh, kw, _ = weight.shape
    if c % 4:
        raise ShapeError("conv_tf32", "a multiple of 4 input channels", c, "Take im2col.")
    p, q = output_size((h, w), (kh, kw), stride, padding, dilation)
    y = device.empty((n, p, q, o), "float32")
    if n * p * q * o:
        grid = (blocks_for(n * p * q, ROWS), blocks_for(o, CHANNELS))
        numbers = (n, h, w, c, o, kh, kw, p, q, *stride, *padding, *dilation, int(relu))
        kernels = load_kernels(device, "conv_tf32.cu")
        arguments = (x, weight, bias, y, *numbers)
        kernels.launch("conv_tf32_forward", grid, (256,), *arguments, shared_bytes=SHARED_BYTES)
    return y
