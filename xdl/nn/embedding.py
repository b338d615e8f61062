"""The embedding layers: rows of a table, and bags of them."""

from __future__ import annotations

from math import prod
from typing import Any, Self

from xdl import functional
from xdl.creation.filled import Where, zeros
from xdl.errors import ShapeError
from xdl.functional.index.embedding import row_of_padding
from xdl.functional.operands import check_tensors
from xdl.nn import init
from xdl.nn.base.flops import Negligible, Shape
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor


class Embedding(Negligible, Module):
    """Rows of a table by index: integer (...) in [0, num_embeddings) to (..., embedding_dim).

    weight (num_embeddings, embedding_dim) starts standard normal, as in PyTorch; the row padding_idx starts at 0 and
    gets no gradient. The other settings are those of `functional.embedding`. Raises SettingError, ShapeError,
    DtypeError.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        """_weight: the table itself, in its own memory and dtype;  _freeze: it requires no gradient."""
        check_sizes("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        row = None if padding_idx is None else row_of_padding("Embedding", padding_idx, num_embeddings)
        self.padding_idx = row
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.sparse = sparse
        if _weight is not None:
            check_tensors("Embedding", _weight=_weight)
        if _weight is not None and _weight.shape != (num_embeddings, embedding_dim):
            raise ShapeError("Embedding", f"_weight ({num_embeddings}, {embedding_dim})", _weight.shape)
        table = zeros(num_embeddings, embedding_dim, device=device, dtype=dtype) if _weight is None else _weight
        self.weight = Parameter(table, requires_grad=not _freeze)
        if _weight is None:
            init.normal_(self.weight)
        if _weight is None and self.padding_idx is not None:
            init.zeros_(self.weight.detach()[self.padding_idx])

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """A layer whose weight is a table (V, D), frozen unless told otherwise. Raises ShapeError, DtypeError."""
        check_tensors("Embedding", embeddings=embeddings)
        if embeddings.ndim != 2:
            raise ShapeError("Embedding", "embeddings (V, D)", embeddings.shape)
        v, d = embeddings.shape
        settings = (padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
        return cls(v, d, *settings, _weight=embeddings, _freeze=freeze)

    def forward(self, input: Tensor) -> Tensor:
        """input (...) integer: (..., embedding_dim)."""
        norms = (self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse)
        return functional.embedding(input, self.weight, self.padding_idx, *norms)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        defaults = {"padding_idx": None, "max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False}
        changed = [f"{name}={value}" for name in defaults if (value := getattr(self, name)) != defaults[name]]
        return ", ".join([f"{self.num_embeddings}, {self.embedding_dim}", *changed])


class EmbeddingBag(Module):
    """The sum, mean or largest of the rows of a table that each bag names: `functional.embedding_bag`.

    weight (num_embeddings, embedding_dim) starts standard normal, as in PyTorch; the row padding_idx starts at 0, does
    not count and gets no gradient. Raises SettingError, ShapeError, DtypeError.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        """_weight: the table itself, in its own memory and dtype."""
        table = Embedding(num_embeddings, embedding_dim, padding_idx, _weight=_weight, device=device, dtype=dtype)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.mode, self.sparse, self.include_last_offset = mode, sparse, include_last_offset
        self.weight, self.padding_idx = table.weight, table.padding_idx

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """A layer whose weight is a table (V, D), frozen unless told otherwise. Raises ShapeError, DtypeError."""
        check_tensors("EmbeddingBag", embeddings=embeddings)
        if embeddings.ndim != 2:
            raise ShapeError("EmbeddingBag", "embeddings (V, D)", embeddings.shape)
        v, d = embeddings.shape
        norms = (max_norm, norm_type, scale_grad_by_freq)
        layer = cls(v, d, *norms, mode, sparse, embeddings, include_last_offset, padding_idx)
        layer.weight.requires_grad_(not freeze)
        return layer

    def forward(self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None) -> Tensor:
        """input (B, L), or (n,) with offsets (B,): (B, embedding_dim)."""
        norms = (self.max_norm, self.norm_type, self.scale_grad_by_freq)
        rest = (per_sample_weights, self.include_last_offset, self.padding_idx)
        return functional.embedding_bag(input, self.weight, offsets, *norms, self.mode, self.sparse, *rest)

    def flops(self, input: Shape, output: Shape) -> int:
        """One per element of a row that is read."""
        return prod(input) * self.embedding_dim

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}, mode={self.mode!r}{padding}"
