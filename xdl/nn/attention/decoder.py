"""TransformerDecoderLayer and TransformerDecoder: as an encoder, with an attention to an encoder's outputs between."""

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

Caches = tuple[KeyValueCache, KeyValueCache]


class TransformerDecoderLayer(TransformerLayer):
    """tgt (T, N, d_model) and memory (S, N, d_model), or N first with batch_first, to tgt's shape; PyTorch's keys."""

    attentions = ("self_attn", "multihead_attn")
    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention
    norm1: LayerNorm
    norm2: LayerNorm
    norm3: LayerNorm
    dropout1: Dropout
    dropout2: Dropout

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
        *,
        cache: Caches | None = None,
    ) -> Tensor:
        """tgt's shape. cache: of the self-attention, and a fixed one of memory."""
        own, fixed = cache or (None, None)

        def attended(x: Tensor) -> Tensor:
            masks: Any = {"key_padding_mask": tgt_key_padding_mask, "attn_mask": tgt_mask, "is_causal": tgt_is_causal}
            y: Tensor = self.self_attn(x, x, x, need_weights=False, cache=own, **masks)[0]
            return shortcut(self.dropout1, y, tgt)

        def with_memory(x: Tensor, other: Tensor) -> Tensor:
            masks: Any = {"key_padding_mask": memory_key_padding_mask, "attn_mask": memory_mask}
            masks["is_causal"] = memory_is_causal
            y: Tensor = self.multihead_attn(x, memory, memory, need_weights=False, cache=fixed, **masks)[0]
            return shortcut(self.dropout2, y, other)

        if self.norm_first:
            x = attended(self.norm1(tgt))
            x = with_memory(self.norm2(x), x)
            return self._feed(self.norm3(x), x)
        x = self.norm1(attended(tgt))
        x = self.norm2(with_memory(x, x))
        y: Tensor = self.norm3(self._feed(x, x))
        return y


class TransformerDecoder(Negligible, Module):
    """num_layers copies of a decoder layer, one after the other, then norm, if there is one."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        check_sizes("TransformerDecoder", num_layers=num_layers)
        self.layers = ModuleList([deepcopy(decoder_layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
        *,
        cache: Sequence[Caches] | None = None,
    ) -> Tensor:
        """tgt's shape; cache: those of each layer."""
        masks = tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        x = tgt
        caches: Sequence[Caches | None] = cache or [None] * self.num_layers
        for layer, own in zip(self.layers, caches, strict=True):
            x = layer(x, memory, *masks, bool(tgt_is_causal), memory_is_causal, cache=own)
        y: Tensor = x if self.norm is None else self.norm(x)
        return y

    def new_cache(self) -> list[Caches]:
        """Empty caches for each layer, to decode step by step."""
        return [(KeyValueCache(), KeyValueCache(fixed=True)) for _ in range(self.num_layers)]
