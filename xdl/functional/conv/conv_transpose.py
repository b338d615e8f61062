"""Transposed convolution in one to three dimensions: the gradient of a convolution by its input, computed forward.

    x (N, C, sizes)   w (C, O/groups, kernel)   b (O,)   y (N, O, output sizes)

    y[n,o,r] = b[o] + the sum of  w[c,o,i] x[n,c,p]  over all c and (p, i) with  r = p S + i D - P
    OH = (H - 1) S - 2 P + D (KH - 1) + OP + 1

Every element of x spreads the filter over y, S apart; P cuts off both ends. Several sizes have the same convolution,
and the output padding OP < max(S, D) says how much larger than the smallest one y is. Zeiler, Krishnan, Taylor,
Fergus, "Deconvolutional networks", CVPR 2010; Dumoulin and Visin, "A guide to convolution arithmetic for deep
learning", 2016, chapter 4.

It runs in the slot `conv2d_input_grad`; one and three dimensions as in `conv_nd.py`.
"""

from __future__ import annotations

from typing import Any

from xdl.errors import SettingError, ShapeError
from xdl.functional.conv.conv import Geometry, Sizes, input_grad, spread
from xdl.functional.conv.conv_nd import check_dims, check_groups
from xdl.functional.conv.fold import fold
from xdl.functional.shape.pad import pad
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """y of the module docstring for input (N, C, L) or (C, L), weight (C, O/groups, K), bias (O,).

    Raises ShapeError where channels or groups do not fit or no output is left, SettingError for a stride or dilation
    below 1, a padding below 0 or an output padding that neither stride nor dilation exceeds, DtypeError unless all
    share one floating dtype.
    """
    return _transpose("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation)


@composite
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """As `conv_transpose1d`, for input (N, C, H, W) or (C, H, W) and weight (C, O/groups, KH, KW)."""
    return _transpose("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation)


@composite
def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """As `conv_transpose1d`, for input (N, C, D, H, W) or (C, D, H, W) and weight (C, O/groups, KD, KH, KW).

    Needs room for KD times an output without padding.
    """
    return _transpose("conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation)


def _transpose(
    operation: str,
    dims: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes,
    groups: int,
    dilation: Sizes,
) -> Tensor:
    batched = check_dims(operation, dims, input, weight, bias)
    channels, filters = input.shape[-dims - 1], weight.shape[1] * groups
    check_groups(operation, groups, channels, filters)
    if channels != weight.shape[0]:
        raise ShapeError(operation, "as many input channels as weight.shape[0]", f"{channels} != {weight.shape[0]}")
    if bias is not None and bias.shape != (filters,):
        raise ShapeError(operation, f"bias ({filters},)", bias.shape)
    steps, apart = spread(operation, "stride", stride, dims, 1), spread(operation, "dilation", dilation, dims, 1)
    border = spread(operation, "padding", padding, dims, 0)
    extra = spread(operation, "output_padding", output_padding, dims, 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, steps, apart, strict=True)):
        raise SettingError(operation, f"output_padding below the stride {steps} or the dilation {apart}", extra)
    size = output_sizes(input.shape[-dims:], weight.shape[2:], steps, border, apart, extra)
    if min(size) < 1:
        raise ShapeError(operation, f"an output of at least 1 for input {input.shape}, padding {border}", size)
    x = input if batched else input.unsqueeze(0)
    if any(e >= s for e, s in zip(extra, steps, strict=True)):  # a whole stride more: as if x ended in zeros
        x = pad(x, [n for e, s in zip(extra[::-1], steps[::-1], strict=True) for n in (0, e // s)])
    y = _LOWERED[dims](x, weight, (x.shape[0], filters, *size), steps, border, apart, groups)
    y = y if bias is None else y + bias.reshape(-1, *[1] * dims)
    return y if batched else y.squeeze(0)


def output_sizes(
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
    output_padding: tuple[int, ...],
) -> tuple[int, ...]:
    """OH of the module docstring for each dimension."""
    each = zip(size, kernel, stride, padding, dilation, output_padding, strict=True)
    return tuple([(n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, k, s, p, d, e in each])


def _signals(x: Tensor, w: Tensor, shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Tensor:
    geometry = Geometry((1, *stride), (0, *padding), (1, *dilation), groups)
    n, o, size = shape
    return input_grad(x.unsqueeze(2), w.unsqueeze(2), (n, o, 1, size), geometry).squeeze(2)


def _images(x: Tensor, w: Tensor, shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Tensor:
    return input_grad(x, w, shape, Geometry(stride, padding, dilation, groups))


def _volumes(x: Tensor, w: Tensor, shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Tensor:
    (n, c, d, h, width), (_, per_group, kd, kh, kw), (_, o, od, oh, ow) = x.shape, w.shape, shape
    layers = x.permute(0, 2, 1, 3, 4).reshape(n * d, c, h, width)
    geometry = Geometry(stride[1:], padding[1:], dilation[1:], groups)
    images = input_grad(layers, w.reshape(c, per_group * kd, kh, kw), (n * d, o * kd, oh, ow), geometry)
    columns = images.reshape(n, d, o * kd, oh * ow).permute(0, 2, 1, 3).reshape(n, o * kd, d * oh * ow)
    y = fold(columns, (od, oh * ow), (kd, 1), (dilation[0], 1), (padding[0], 0), (stride[0], 1))
    return y.reshape(shape)


_LOWERED = {1: _signals, 2: _images, 3: _volumes}
