"""Neighbouring modules that run as one function: a layer and its activation, dropout or batch norm and a shortcut.

Only where nobody could tell: a module with hooks or of a subclass, or one that somebody watches, is called by itself.
Results are the same bit for bit. On a GPU the pair takes fewer launches.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from xdl import functional, observe
from xdl.functional.conv.conv_activation import conv2d_activation
from xdl.functional.elementwise.add_relu import add_relu, alike
from xdl.functional.elementwise.dropout_add import dropout_add
from xdl.functional.elementwise.following import F
from xdl.functional.norm.batch_norm_activation import normalized_and
from xdl.functional.norm.batch_norm_add_relu import normalized_add_relu
from xdl.functional.products.linear_activation import linear_activation
from xdl.nn.activation import GELU, LeakyReLU, ReLU
from xdl.nn.conv import Conv2d
from xdl.nn.dropout import Dropout
from xdl.nn.linear import Linear
from xdl.nn.module import Module
from xdl.nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from xdl.tensor import Tensor

NORMS = BatchNorm1d, BatchNorm2d, BatchNorm3d
LAYERS, ACTIVATIONS = (Linear, Conv2d, *NORMS), (ReLU, LeakyReLU, GELU)
GELU_NAMES = {"none": "gelu", "tanh": "gelu_tanh"}


def activated(layer: Module, activation: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """activation(layer(x))."""
    f = _known(activation)
    if f is None or not _bare(layer):
        return activation(layer(x))
    if type(layer) is Linear:
        return linear_activation(x, layer.weight, layer.bias, f)
    if type(layer) is Conv2d:
        return layer.through(partial(conv2d_activation, f), x)
    if isinstance(layer, NORMS) and type(layer) in LAYERS:
        return layer.through(normalized_and(f), x)
    return activation(layer(x))


def residual(layer: Module, x: Tensor, other: Tensor) -> Tensor:
    """relu(layer(x) + other), the end of a residual block."""
    if isinstance(layer, NORMS) and type(layer) in LAYERS and _bare(layer) and alike(x, other):
        return layer.through(normalized_add_relu(other), x)
    return add_relu(layer(x), other)


def shortcut(dropout: Module, x: Tensor, other: Tensor) -> Tensor:
    """other + dropout(x)."""
    if type(dropout) is not Dropout or dropout.inplace or not _bare(dropout):
        y: Tensor = other + dropout(x)
        return y
    return dropout_add(x, other, dropout.p, dropout.training)


def _known(activation: Callable[[Tensor], Tensor]) -> F | None:
    """What `xdl/functional/elementwise/following.py` knows it by, None if it has to be called."""
    if activation is functional.relu or (type(activation) is ReLU and _bare(activation)):
        return ("relu",)
    if type(activation) is GELU and _bare(activation) and activation.approximate in GELU_NAMES:
        return (GELU_NAMES[activation.approximate],)
    if type(activation) is LeakyReLU and type(activation.negative_slope) is float and _bare(activation):
        return "leaky_relu", activation.negative_slope
    return ("gelu",) if activation is functional.gelu else None


def _bare(module: Module) -> bool:
    """Whether calling it runs its class's forward and nothing else."""
    hooked = module._hooks is not None and any(module._hooks.values())
    return not hooked and observe.observer is None and "forward" not in vars(module)
