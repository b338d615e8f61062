"""BiGRU: word vectors, a GRU over them in both directions, and a class (徐彬 chapter 9)."""

from __future__ import annotations

from typing import Any

from xdl import nn
from xdl.functional import cat
from xdl.tensor import Tensor


class BiGRU(nn.Module):
    """Texts (B, T) as numbers, and their lengths (B,), to logits (B, K) of K classes.

    An embedding (V, D), dropout, a GRU with `layers` layers of `hidden` units in each direction and dropout between
    them; of its outputs the mean and the largest of each unit over the text's own steps; dropout; a linear layer. What
    lies beyond a text's length is not looked at.
    """

    def __init__(
        self, words: int, size: int, hidden: int = 16, layers: int = 3, classes: int = 2, dropout: float = 0.5
    ) -> None:
        self.embedding = nn.Embedding(words, size, padding_idx=0)
        self.dropout = nn.Dropout(dropout)
        between = dropout if layers > 1 else 0.0
        self.gru = nn.GRU(size, hidden, layers, batch_first=True, dropout=between, bidirectional=True)
        self.head = nn.Linear(4 * hidden, classes)

    def forward(self, numbers: Tensor, lengths: Any) -> Tensor:
        """numbers (B, T) int64, lengths (B,) host integers."""
        outputs, _ = self.gru(self.dropout(self.embedding(numbers)), lengths=lengths)
        logits: Tensor = self.head(self.dropout(pooled(outputs, numbers)))
        return logits


def pooled(outputs: Tensor, numbers: Tensor) -> Tensor:
    """Mean and largest over the steps that are no padding: (B, T, H) to (B, 2 H); numbers (B, T) are 0 beyond."""
    own = (numbers != 0).unsqueeze(2)
    count = own.to(outputs.dtype).sum(1)
    mean = outputs.sum(1) / count  # outputs beyond the lengths are 0
    largest = outputs.where(own, -1.0).amax(1)  # the state of a GRU lies in (-1, 1)
    return cat([mean, largest], 1)
