"""Transformer: an encoder and a decoder (Vaswani et al., "Attention is all you need", NeurIPS 2017)."""

from __future__ import annotations

from math import inf
from typing import Any

from xdl import functional
from xdl.creation.filled import Where, full
from xdl.errors import ShapeError, expect
from xdl.functional.operands import check_tensors
from xdl.nn import init
from xdl.nn.attention.decoder import TransformerDecoder, TransformerDecoderLayer
from xdl.nn.attention.encoder import TransformerEncoder, TransformerEncoderLayer
from xdl.nn.attention.layer import Activation
from xdl.nn.base.flops import Negligible
from xdl.nn.layer_norm import LayerNorm
from xdl.nn.module import Module
from xdl.tensor import Tensor


class Transformer(Negligible, Module):
    """tgt's shape (T, N, d_model) from src (S, N, d_model) and tgt, or N first with batch_first; PyTorch's arguments.

    custom_encoder, custom_decoder: in the place of xdl's own. Weights start by Xavier's rule.
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = functional.relu,
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        where: Any = {"device": device, "dtype": dtype}
        settings = (dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, True, bias, **where)

        if custom_encoder is None:
            layer = TransformerEncoderLayer(d_model, nhead, *settings, **where)
            custom_encoder = TransformerEncoder(layer, num_encoder_layers, norm())
        self.encoder = custom_encoder
        if custom_decoder is None:
            other = TransformerDecoderLayer(d_model, nhead, *settings, **where)
            custom_decoder = TransformerDecoder(other, num_decoder_layers, norm())
        self.decoder = custom_decoder
        for p in self.parameters():
            if p.ndim > 1:
                init.xavier_uniform_(p)
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The decoder's outputs. The masks are those of `MultiheadAttention`. Raises ShapeError, DtypeError."""
        check_tensors("Transformer", src=src, tgt=tgt)
        fits = src.ndim == tgt.ndim and src.shape[-1] == tgt.shape[-1] == self.d_model
        expect(fits, ShapeError, "Transformer", f"src and tgt (..., {self.d_model})", (src.shape, tgt.shape))
        n = 0 if self.batch_first else 1
        fits = src.ndim != 3 or src.shape[n] == tgt.shape[n]
        expect(fits, ShapeError, "Transformer", f"src and tgt of one N, dimension {n}", (src.shape, tgt.shape))
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        masks = tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        outputs: Tensor = self.decoder(tgt, memory, *masks, tgt_is_causal, memory_is_causal)
        return outputs

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Where = None, dtype: Any = None) -> Tensor:
        """(sz, sz): 0 where a step may be seen, its own and those before, -inf elsewhere."""
        return full((sz, sz), -inf, device=device, dtype=dtype).triu(1)
