"""Neighbouring modules that run as one function: a linear layer and its activation, dropout and a shortcut.

Only where nobody could tell: a module with hooks or of a subclass, or one that somebody watches, is called by itself.
Results are the same bit for bit. On a GPU the pair takes fewer launches.
"""

from __future__ import annotations

from collections.abc import Callable

from xdl import functional, observe
from xdl.functional.elementwise.dropout_add import dropout_add
from xdl.functional.products.linear_activation import linear_activation
from xdl.nn.activation import GELU, ReLU
from xdl.nn.dropout import Dropout
from xdl.nn.linear import Linear
from xdl.nn.module import Module
from xdl.tensor import Tensor

GELU_NAMES = {"none": "gelu", "tanh": "gelu_tanh"}


def activated(linear: Module, activation: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """activation(linear(x))."""
    name = _name(activation)
    if name is None or type(linear) is not Linear or not _bare(linear):
        return activation(linear(x))
    return linear_activation(x, linear.weight, linear.bias, name)


def shortcut(dropout: Module, x: Tensor, other: Tensor) -> Tensor:
    """other + dropout(x)."""
    if type(dropout) is not Dropout or dropout.inplace or not _bare(dropout):
        y: Tensor = other + dropout(x)
        return y
    return dropout_add(x, other, dropout.p, dropout.training)


def _name(activation: Callable[[Tensor], Tensor]) -> str | None:
    """What `linear_activation` calls it, None if it has to be called."""
    if activation is functional.relu or (type(activation) is ReLU and _bare(activation)):
        return "relu"
    if type(activation) is GELU and _bare(activation):
        return GELU_NAMES.get(activation.approximate)
    return "gelu" if activation is functional.gelu else None


def _bare(module: Module) -> bool:
    """Whether calling it runs its class's forward and nothing else."""
    hooked = module._hooks is not None and any(module._hooks.values())
    return not hooked and observe.observer is None and "forward" not in vars(module)
