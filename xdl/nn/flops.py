"""How many floating-point operations one call of a layer takes; a product and its addition count as two.

    Linear              2 I per output, and 1 with bias
    Bilinear            2 (I + 1) J per output, and 1 with bias
    Conv2d              2 (C / groups) KH KW per output, and 1 with bias
    LSTM, GRU           per step, sample and layer: 2 (I + H) per gate unit, and 2 with bias; the gates themselves not
    pooling             KH KW per output
    batch norm          4 per element (difference, scale, weight, bias) with running statistics
    other norms         8 per element: mean and variance as well

Layers that are not in this list, such as activations, dropout and embedding, count 0: they take little time beside.
"""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.functional.conv import pair
from xdl.nn.conv import Conv2d
from xdl.nn.layer_norm import GroupNorm, LayerNorm, LocalResponseNorm
from xdl.nn.layers import AvgPool2d, MaxPool2d
from xdl.nn.linear import Bilinear, Linear
from xdl.nn.module import Module
from xdl.nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
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


def _recurrent(module: Any, input: Shape, output: Shape) -> Any:
    """Each matrix acts once on every vector of the sequence, or of the batch; each bias is added once."""
    vectors = prod(input[:-1])
    return vectors * sum((2 if p.ndim == 2 else 1) * prod(p.shape) for p in module.parameters())


def _pool(module: Any, input: Shape, output: Shape) -> Any:
    return prod(output) * prod(pair("flops", "kernel_size", module.kernel_size, 1))


def _given_norm(module: Any, input: Shape, output: Shape) -> int:
    return 4 * prod(input)


def _own_norm(module: Any, input: Shape, output: Shape) -> int:
    return 8 * prod(input)


_RULES: tuple[tuple[tuple[type[Module], ...], Any], ...] = (
    ((Linear,), _linear),
    ((Bilinear,), _bilinear),
    ((Conv2d,), _conv),
    ((LSTM, GRU, LSTMCell, GRUCell), _recurrent),
    ((MaxPool2d, AvgPool2d), _pool),
    ((BatchNorm1d, BatchNorm2d, BatchNorm3d), _given_norm),
    ((LayerNorm, GroupNorm, LocalResponseNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d), _own_norm),
)
