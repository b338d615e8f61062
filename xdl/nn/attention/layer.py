"""What encoder and decoder layers of a transformer share: attentions, two linear layers, and a norm for each part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from xdl import functional
from xdl.creation.filled import Where
from xdl.errors import SettingError
from xdl.nn.attention.multihead import MultiheadAttention
from xdl.nn.base.flops import Negligible
from xdl.nn.dropout import Dropout
from xdl.nn.layer_norm import LayerNorm
from xdl.nn.linear import Linear
from xdl.nn.module import Module
from xdl.nn.together import activated, shortcut
from xdl.tensor import Tensor

Activation = str | Callable[[Tensor], Tensor]
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": functional.relu, "gelu": functional.gelu}


class TransformerLayer(Negligible, Module):
    """The base. attentions: the names of the layer's attentions; part i has norm<i> and dropout<i>, feed is the last.

    d_model:         features of each step
    nhead:           heads of each attention
    dim_feedforward: units between linear1 and linear2
    dropout:         of the attentions' weights, of each part's result, and between the linear layers
    activation:      "relu", "gelu" or a function
    norm_first:      norms before each part in place of after its shortcut

    Raises SettingError for settings out of range.
    """

    attentions: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = functional.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        if not callable(activation) and activation not in ACTIVATIONS:
            raise SettingError(type(self).__name__, "activation relu, gelu or a function", repr(activation))
        where: Any = {"device": device, "dtype": dtype}
        for name in self.attentions:
            setattr(self, name, MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **where))
        self.linear1 = Linear(d_model, dim_feedforward, bias, **where)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **where)
        self.norm_first = norm_first
        for i in range(1, len(self.attentions) + 2):
            setattr(self, f"norm{i}", LayerNorm(d_model, layer_norm_eps, True, bias, **where))
            setattr(self, f"dropout{i}", Dropout(dropout))
        self.activation = activation if callable(activation) else ACTIVATIONS[activation]

    def _feed(self, x: Tensor, other: Tensor) -> Tensor:
        """other + linear2(activation(linear1(x))), with dropout after both linear layers."""
        hidden = self.dropout(activated(self.linear1, self.activation, x))
        return shortcut(getattr(self, f"dropout{len(self.attentions) + 1}"), self.linear2(hidden), other)
