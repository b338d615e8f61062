"""How many floating-point operations one call of a layer takes; a product and its addition count as two.

    Linear              2 I per output, and 1 with bias
    Bilinear            2 (I + 1) J per output, and 1 with bias
    Conv2d              2 (C / groups) KH KW per output, and 1 with bias; so with other dimensions
    ConvTranspose2d     2 (O / groups) KH KW per input, and 1 per output with bias; so with other dimensions
    LSTM, GRU           per step, sample and layer: 2 (I + H) per gate unit, and 2 with bias; the gates themselves not
    pooling             one per element of a window and output, KH KW for images
    adaptive pooling    one per element of the input
    batch norm          4 per element (difference, scale, weight, bias) with running statistics
    other norms         8 per element: mean and variance as well

Layers that are not in this list, such as activations, dropout and embedding, count 0: they take little time beside.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from xdl.functional.conv.conv import spread
from xdl.nn.conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from xdl.nn.layer_norm import GroupNorm, LayerNorm, LocalResponseNorm
from xdl.nn.linear import Bilinear, Linear
from xdl.nn.module import Module
from xdl.nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from xdl.nn.pool import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from xdl.nn.rnn import GRU, LSTM, GRUCell, LSTMCell

Shape = tuple[int, ...]


def flops(module: Module, input: Shape, output: Shape) -> int:
    """The operations of one call, in evaluation, by the shapes of its first input and first output."""
    for kinds, rule in _RULES:
        if isinstance(module, kinds):
            return int(rule(module, input, output))
    return 0


def _linear(module: Any, input: Shape, output: Shape) -> Any:
    return prod(output) * (2 * module.in_features + (module.bias is not None))


def _bilinear(module: Any, input: Shape, output: Shape) -> Any:
    return prod(output) * (2 * (module.in1_features + 1) * module.in2_features + (module.bias is not None))


def _conv(module: Any, input: Shape, output: Shape) -> Any:
    return prod(output) * (2 * prod(module.weight.shape[1:]) + (module.bias is not None))


def _conv_transpose(module: Any, input: Shape, output: Shape) -> Any:
    return prod(input) * 2 * prod(module.weight.shape[1:]) + (prod(output) if module.bias is not None else 0)


def _recurrent(module: Any, input: Shape, output: Shape) -> Any:
    """Each matrix acts once on every vector of the sequence, or of the batch; each bias is added once."""
    vectors = prod(input[:-1])
    return vectors * sum((2 if p.ndim == 2 else 1) * prod(p.shape) for p in module.parameters())


def _pool(dims: int, module: Any, input: Shape, output: Shape) -> Any:
    return prod(output) * prod(spread("flops", "kernel_size", module.kernel_size, dims, 1))


def _adaptive_pool(module: Any, input: Shape, output: Shape) -> int:
    return prod(input)


def _given_norm(module: Any, input: Shape, output: Shape) -> int:
    return 4 * prod(input)


def _own_norm(module: Any, input: Shape, output: Shape) -> int:
    return 8 * prod(input)


_RULES: tuple[tuple[tuple[type[Module], ...], Any], ...] = (
    ((Linear,), _linear),
    ((Bilinear,), _bilinear),
    ((Conv1d, Conv2d, Conv3d), _conv),
    ((ConvTranspose1d, ConvTranspose2d, ConvTranspose3d), _conv_transpose),
    ((LSTM, GRU, LSTMCell, GRUCell), _recurrent),
    ((MaxPool1d, AvgPool1d, LPPool1d), partial(_pool, 1)),
    ((MaxPool2d, AvgPool2d, LPPool2d), partial(_pool, 2)),
    ((MaxPool3d, AvgPool3d), partial(_pool, 3)),
    ((AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d), _adaptive_pool),
    ((AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d), _adaptive_pool),
    ((BatchNorm1d, BatchNorm2d, BatchNorm3d), _given_norm),
    ((LayerNorm, GroupNorm, LocalResponseNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d), _own_norm),
)
