"""The embedding layer."""

from __future__ import annotations

from typing import Self

from xdl import functional
from xdl.creation import zeros
from xdl.errors import SettingError, ShapeError
from xdl.nn import init
from xdl.nn.base.flops import Negligible
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor


class Embedding(Negligible, Module):
    """Rows of a table by index: integer (...) in [0, num_embeddings) to (..., embedding_dim).

    weight (num_embeddings, embedding_dim) starts standard normal, as in PyTorch; the row padding_idx starts at 0 and
    gets no gradient. Raises SettingError.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None) -> None:
        check_sizes("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise SettingError("Embedding", f"padding_idx in [{-num_embeddings}, {num_embeddings})", padding_idx)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.weight = Parameter(zeros(num_embeddings, embedding_dim))
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight.detach()[self.padding_idx])

    @classmethod
    def from_pretrained(cls, embeddings: Tensor, freeze: bool = True, padding_idx: int | None = None) -> Self:
        """A layer whose weight is a table (V, D), frozen unless told otherwise. Raises ShapeError."""
        if embeddings.ndim != 2:
            raise ShapeError("Embedding", "embeddings (V, D)", embeddings.shape)
        v, d = embeddings.shape
        layer = cls(v, d, padding_idx)
        layer.weight = Parameter(embeddings, requires_grad=not freeze)
        return layer

    def forward(self, input: Tensor) -> Tensor:
        """input (...) integer: (..., embedding_dim)."""
        return functional.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
