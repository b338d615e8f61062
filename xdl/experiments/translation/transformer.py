"""A small transformer that translates, and decodes step by step from cached keys and values (Vaswani et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

from xdl import nn
from xdl.creation import arange, tensor
from xdl.nn.attention.decoder import Caches
from xdl.tensor import Tensor


@dataclass
class Cached:
    """Where a decoding stands: the encoder's outputs, which of them are padding, and what each layer has seen."""

    memory: Tensor  # (B, S, E)
    padding: Tensor  # (B, S) bool
    caches: list[Caches]

    def rows(self, rows: list[int]) -> Cached:
        """The same for these sentences, in this order; one may be there several times."""
        at = tensor(rows, dtype="int64")
        for cache in (cache for pair in self.caches for cache in pair):
            keys, values = cache.known()
            cache.keys, cache.values = keys[at], values[at]
        return Cached(self.memory[at], self.padding[at], self.caches)


class TransformerTranslator(nn.Module):
    """`nn.Transformer` between two embeddings with positions and an output layer; B, S, T, V as in `seq2seq`.

    source, target: vocabulary sizes; size: E; heads: of each attention; layers: of encoder and decoder each
    longest:        the most steps of a sentence of either side
    """

    def __init__(
        self, source: int, target: int, size: int, heads: int, layers: int, dropout: float, longest: int
    ) -> None:
        self.source, self.target = nn.Embedding(source, size), nn.Embedding(target, size)
        for embedding in (self.source, self.target):
            nn.init.normal_(embedding.weight, std=1 / sqrt(size))
        self.positions = nn.SinusoidalPositions(size, longest)
        self.transformer = nn.Transformer(
            size, heads, layers, layers, 4 * size, dropout, batch_first=True, norm_first=True
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(size, target)
        self.scale, self.longest = sqrt(size), longest

    def forward(self, source: Tensor, lengths: Tensor, before: Tensor) -> Tensor:
        """Logits (B, T, V) of the tokens that follow each of `before` (B, T): each step sees those up to itself."""
        logits, _, _ = self.step(before, self.start(source, lengths))
        return logits

    def start(self, source: Tensor, lengths: Tensor) -> Cached:
        """Reads the source; the decoding may begin. Raises ShapeError beyond the longest sentence."""
        padding = arange(source.shape[1]).unsqueeze(0) >= lengths.unsqueeze(1)
        x = self.dropout(self.positions(self.source(source) * self.scale))
        memory = self.transformer.encoder(x, src_key_padding_mask=padding)
        decoder: Any = self.transformer.decoder
        return Cached(memory, padding, decoder.new_cache())

    def step(self, tokens: Tensor, at: Cached) -> tuple[Tensor, Cached, None]:
        """Reads tokens (B, T) behind those of before: logits (B, T, V), the same state with them in it, no weights."""
        done = len(at.caches[0][0])
        x = self.dropout(self.positions(self.target(tokens) * self.scale, done))
        y = self.transformer.decoder(
            x, at.memory, memory_key_padding_mask=at.padding, tgt_is_causal=True, cache=at.caches
        )
        return self.output(y), at, None
