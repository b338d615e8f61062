"""Convolution in one to three dimensions.

    x (N, C, sizes)   w (O, C/groups, kernel)   b (O,)   y (N, O, output sizes)

Each is made of the two-dimensional slot of `conv.py`. One dimension is an image of height 1. In three, the taps along
the depth become channels (an unfolding of the depth alone), so that each layer of the output is an image of C KD
channels convolved with filters (O, C/groups KD, KH, KW).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl.backend import namespaces
from xdl.errors import SettingError, ShapeError, nearest
from xdl.functional.conv.conv import (
    Geometry,
    Sizes,
    conv2d_input_grad,
    conv2d_pair,
    conv2d_weight_grad,
    correlate,
    output_size,
    pair,
    spread,
)
from xdl.functional.conv.fold import unfold
from xdl.functional.conv.orders import order_of, planners
from xdl.functional.operands import floating
from xdl.functional.shape.pad import pad
from xdl.observe import composite
from xdl.tensor import Tensor

Images = Callable[[Tensor, Tensor, Tensor | None, Geometry], Tensor]
LETTERS = {1: ("L", "K"), 2: ("H, W", "KH, KW"), 3: ("D, H, W", "KD, KH, KW")}


@composite
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """y[n,o,p] = b[o] + sum over c,i of w[o,c,i] x[n, c, p S + i D - P], of input (N, C, L) or (C, L).

    weight (O, C/groups, K), bias (O,); padding is zeros, "valid" is none, "same" as much as keeps the size with stride
    1, the odd one at the end. Filters of one group meet the channels of their group alone.

    Raises ShapeError where channels, groups or sizes do not fit, SettingError for a stride or dilation below 1, a
    padding below 0 or "same" with another stride, DtypeError unless all share one floating dtype.
    """
    return convolution("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """y of `conv.py` for input (N, C, H, W) or (C, H, W), weight (O, C/groups, KH, KW), bias (O,); else as `conv1d`.

    `conv2d.explain(...)` says which kernel versions run for the same arguments (padding in numbers) and why.
    """
    return convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def _explain(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> str:
    """Which kernel versions conv2d runs for these arguments, forward and backward, and why not the others."""
    border, apart = pair("conv2d", "padding", padding, 0), pair("conv2d", "dilation", dilation, 1)
    steps = Geometry(pair("conv2d", "stride", stride, 1), border, apart, groups)
    x, w, xp = input.array, weight.array, namespaces[type(input.array)]
    shape = (x.shape[0], w.shape[0], *output_size(x.shape[2:], w.shape[2:], steps))
    g = xp.broadcast_to(xp.zeros((), dtype=x.dtype, device=x.device), shape)
    forward = conv2d_pair.explain(x, w, None if bias is None else bias.array, steps)
    backward = (conv2d_input_grad.explain(g, w, x.shape, steps), conv2d_weight_grad.explain(g, x, w.shape, steps))
    return "\n".join((forward, *backward))


conv2d.explain = _explain  # type: ignore[attr-defined]


@composite
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """As `conv1d`, for input (N, C, D, H, W) or (C, D, H, W) and weight (O, C/groups, KD, KH, KW).

    Needs room for KD times the input.
    """
    return convolution("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def convolution(
    operation: str,
    dims: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
    images: Images = correlate,
) -> Tensor:
    """y for input (N, C, sizes) or (C, sizes), as `conv1d` says. images: what runs on two dimensions in the end."""
    batched = check_dims(operation, dims, input, weight, bias)
    channels, filters = input.shape[-dims - 1], weight.shape[0]
    check_groups(operation, groups, channels, filters)
    if channels != weight.shape[1] * groups:
        found = f"{channels} != {weight.shape[1]} * {groups}"
        raise ShapeError(operation, "as many input channels as weight.shape[1] * groups", found)
    if bias is not None and bias.shape != (filters,):
        raise ShapeError(operation, f"bias ({filters},)", bias.shape)
    steps, apart = spread(operation, "stride", stride, dims, 1), spread(operation, "dilation", dilation, dims, 1)
    x, border = _border(operation, input if batched else input.unsqueeze(0), weight.shape[2:], padding, steps, apart)
    padded = tuple([n + 2 * p for n, p in zip(x.shape[2:], border, strict=True)])
    reach = tuple([d * (k - 1) + 1 for k, d in zip(weight.shape[2:], apart, strict=True)])
    if any(r > n for r, n in zip(reach, padded, strict=True)):
        raise ShapeError(operation, f"a kernel that fits the padded input {padded}", f"a reach of {reach}")
    y = _LOWERED[dims](images, x, weight, bias, steps, border, apart, groups)
    return y if batched else y.squeeze(0)


def check_dims(operation: str, dims: int, input: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    """Whether the input has a batch dimension. Raises DtypeError, ShapeError for other or empty dimensions."""
    floating(operation, input=input, weight=weight, bias=bias)
    if input.ndim not in (dims + 1, dims + 2) or weight.ndim != dims + 2:
        sizes, kernel = LETTERS[dims]
        raise ShapeError(
            operation,
            f"input (N, C, {sizes}) or (C, {sizes}) and a weight of two dimensions and {kernel}",
            f"{input.shape} and {weight.shape}",
        )
    if 0 in input.shape[-dims:] or 0 in weight.shape:
        raise ShapeError(operation, "sizes, channels and filters of at least 1", f"{input.shape} and {weight.shape}")
    return input.ndim == dims + 2


def check_groups(operation: str, groups: int, channels: int, filters: int) -> None:
    """Raises ShapeError unless groups divide both numbers of channels."""
    if groups < 1 or channels % groups or filters % groups:
        raise ShapeError(operation, f"groups that divide {channels} input and {filters} output channels", groups)


def same_padding(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> list[tuple[int, int]]:
    """Before and after each dimension what keeps its size with stride 1; of an odd number more after."""
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


def named_padding(operation: str, padding: Any, stride: tuple[int, ...]) -> None:
    """Raises SettingError unless the word is "valid", or "same" with stride 1."""
    if padding not in ("same", "valid"):
        hint = nearest(str(padding), ("same", "valid"))
        raise SettingError(operation, 'padding: numbers, "same" or "valid"', repr(padding), hint)
    if padding == "same" and set(stride) != {1}:
        raise SettingError(operation, 'stride 1 with padding "same"', f"stride {stride}")


def _border(
    operation: str,
    x: Tensor,
    kernel: tuple[int, ...],
    padding: Sizes | str,
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[Tensor, tuple[int, ...]]:
    """The padding in numbers, equal at both ends, and x with what "same" needs beyond it."""
    if not isinstance(padding, str):
        return x, spread(operation, "padding", padding, len(kernel), 0)
    named_padding(operation, padding, stride)
    if padding == "valid":
        return x, (0,) * len(kernel)
    both = same_padding(kernel, dilation)
    if any(low != high for low, high in both):
        x = pad(x, [amount for low, high in reversed(both) for amount in (0, high - low)])
    return x, tuple([low for low, _ in both])


def _signals(
    run: Images, x: Tensor, w: Tensor, b: Tensor | None, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    geometry = Geometry((1, *stride), (0, *padding), (1, *dilation), groups)
    return run(x.unsqueeze(2), w.unsqueeze(2), b, geometry).squeeze(2)


def _images(
    run: Images, x: Tensor, w: Tensor, b: Tensor | None, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    steps = stride, padding, dilation, groups
    return run(x, w, b, Geometry(*steps, order_of(x, w, steps) if planners else None))


def _volumes(
    run: Images, x: Tensor, w: Tensor, b: Tensor | None, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    (n, c, _, h, width), (o, per_group, kd, kh, kw) = x.shape, w.shape
    layers = x.reshape(n, c, x.shape[2], h * width)
    columns = unfold(layers, (kd, 1), (dilation[0], 1), (padding[0], 0), (stride[0], 1))
    od = columns.shape[2] // (h * width)
    images = columns.reshape(n, c * kd, od, h, width).permute(0, 2, 1, 3, 4)
    geometry = Geometry(stride[1:], padding[1:], dilation[1:], groups)
    y = run(images.reshape(n * od, c * kd, h, width), w.reshape(o, per_group * kd, kh, kw), b, geometry)
    return y.reshape(n, od, *y.shape[1:]).permute(0, 2, 1, 3, 4)


_LOWERED = {1: _signals, 2: _images, 3: _volumes}
