"""The recurrent encoder and decoder of a translation, without and with attention (hwdong 7.11).

B sentences, S steps of the source, T of the target, E numbers a token, H units, V tokens of the target

encoder   y_s (B, S, 2 H) = GRU in both directions;  h_0 = tanh(W [last forwards, last backwards])
decoder   h_t (B, T, H) = GRU of the tokens before, from h_0
attention c_t = sum_s w_ts k_s with k_s = W_k y_s and w_t = softmax_s(h_t k_s / sqrt(H)); Luong, Pham and Manning 2015,
          with the scale of Vaswani et al. 2017, without which one weight of each row is soon 1 and learns no more
output    logits (B, T, V) = W_o tanh(W_c [h_t, c_t]);  without attention W_o tanh(W_c h_t)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

from xdl import functional, nn
from xdl.creation import arange, tensor
from xdl.tensor import Tensor


@dataclass
class Decoding:
    """Where a decoding step by step stands: h of the decoder, and the source's keys with what may be seen of them."""

    h: Tensor  # (1, B, H)
    keys: Tensor | None  # (B, S, H); None without attention
    seen: Tensor | None  # (B, S) bool

    def rows(self, rows: list[int]) -> Decoding:
        """The same for these sentences, in this order; one may be there several times."""
        at = tensor(rows, dtype="int64")
        return Decoding(self.h[:, at], *(None if part is None else part[at] for part in (self.keys, self.seen)))


class Seq2Seq(nn.Module):
    """A GRU encoder in both directions, and a GRU decoder that starts from its last states.

    source, target: embedding layers of the two sides
    hidden:         H
    attention:      whether the decoder looks at all steps of the source
    dropout:        share of the embedded numbers and of the decoder's outputs that is dropped in training
    """

    def __init__(
        self, source: nn.Embedding, target: nn.Embedding, hidden: int, attention: bool, dropout: float = 0.0
    ) -> None:
        self.source, self.target = source, target
        self.encoder = nn.GRU(source.embedding_dim, hidden, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * hidden, hidden)
        self.decoder = nn.GRU(target.embedding_dim, hidden, batch_first=True)
        self.keys = nn.Linear(2 * hidden, hidden, bias=False) if attention else None
        self.attention = nn.DotAttention() if attention else None
        self.combine = nn.Linear((2 if attention else 1) * hidden, hidden)
        self.output = nn.Linear(hidden, target.num_embeddings)
        self.dropout = nn.Dropout(dropout)

    def forward(self, source: Tensor, lengths: Tensor, before: Tensor) -> Tensor:
        """Logits (B, T, V) of the tokens that follow each of `before` (B, T), as teacher forcing needs them.

        source: (B, S); lengths: (B,) of its rows
        """
        logits, _, _ = self.step(before, self.start(source, lengths))
        return logits

    def start(self, source: Tensor, lengths: Tensor) -> Decoding:
        """Reads the source; the decoding may begin."""
        steps = lengths.tolist()
        y, h = self.encoder(self.dropout(self.source(source)), lengths=steps)
        first = self.bridge(functional.cat([h[0], h[1]], 1)).tanh().unsqueeze(0)
        if self.keys is None:
            return Decoding(first, None, None)
        seen = arange(source.shape[1]).unsqueeze(0) < lengths.unsqueeze(1)
        return Decoding(first, self.keys(y), seen)

    def step(self, tokens: Tensor, at: Decoding) -> tuple[Tensor, Decoding, Tensor | None]:
        """Reads tokens (B, T): logits (B, T, V), where the decoding stands then, weights (B, T, S) or None."""
        outputs, h = self.decoder(self.dropout(self.target(tokens)), at.h)
        outputs = self.dropout(outputs)
        weights: Any = None
        if self.attention is not None:
            context, weights = self.attention(outputs / sqrt(outputs.shape[2]), at.keys, mask=at.seen)
            outputs = functional.cat([outputs, context], 2)
        logits = self.output(self.combine(outputs).tanh())
        return logits, Decoding(h, at.keys, at.seen), weights
