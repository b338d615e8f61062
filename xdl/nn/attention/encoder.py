"""TransformerEncoderLayer and TransformerEncoder: self-attention, then two linear layers, each with a shortcut.

Norm last (Vaswani et al. 2017):   x = norm1(x + attention(x))       y = norm2(x + feed(x))
Norm first (Xiong et al. 2020):    x = x + attention(norm1(x))       y = x + feed(norm2(x))
feed(x) = linear2(activation(linear1(x)))
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from xdl.nn.attention.cache import KeyValueCache
from xdl.nn.attention.layer import TransformerLayer
from xdl.nn.attention.multihead import MultiheadAttention
from xdl.nn.base.flops import Negligible
from xdl.nn.container import ModuleList
from xdl.nn.dropout import Dropout
from xdl.nn.layer_norm import LayerNorm
from xdl.nn.module import Module, check_sizes
from xdl.nn.together import shortcut
from xdl.tensor import Tensor


class TransformerEncoderLayer(TransformerLayer):
    """x (T, N, d_model), or (N, T, d_model) with batch_first, to the same shape; PyTorch's arguments and keys."""

    attentions = ("self_attn",)
    self_attn: MultiheadAttention
    norm1: LayerNorm
    norm2: LayerNorm
    dropout1: Dropout

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
        *,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """The same shape. The masks and the cache are those of `MultiheadAttention`."""

        def attended(x: Tensor) -> Tensor:
            masks: Any = {"key_padding_mask": src_key_padding_mask, "attn_mask": src_mask, "is_causal": is_causal}
            y: Tensor = self.self_attn(x, x, x, need_weights=False, cache=cache, **masks)[0]
            return shortcut(self.dropout1, y, src)

        if self.norm_first:
            x = attended(self.norm1(src))
            return self._feed(self.norm2(x), x)
        x = self.norm1(attended(src))
        y: Tensor = self.norm2(self._feed(x, x))
        return y


class TransformerEncoder(Negligible, Module):
    """num_layers copies of an encoder layer, one after the other, then norm, if there is one.

    enable_nested_tensor, mask_check: for PyTorch's arguments; they change nothing here.
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        check_sizes("TransformerEncoder", num_layers=num_layers)
        self.layers = ModuleList([deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
        *,
        cache: Sequence[KeyValueCache] | None = None,
    ) -> Tensor:
        """The same shape; cache: one for each layer."""
        x = src
        caches: Sequence[KeyValueCache | None] = cache or [None] * self.num_layers
        for layer, own in zip(self.layers, caches, strict=True):
            x = layer(x, mask, src_key_padding_mask, bool(is_causal), cache=own)
        y: Tensor = x if self.norm is None else self.norm(x)
        return y

    def new_cache(self) -> list[KeyValueCache]:
        """An empty cache for each layer, to decode step by step."""
        return [KeyValueCache() for _ in range(self.num_layers)]
