"""Attention by other scores: dot, general and additive, as recurrent encoders and decoders use it.

query (N, L, E)   keys (N, S, K)   values (N, S, V), the keys without; both results batch first

dot       s = q k^T, E = K              Luong, Pham, Manning 2015
general   s = q W k^T                   the same
additive  s = v^T tanh(W_q q + W_k k)   Bahdanau, Cho, Bengio 2015
"""

from __future__ import annotations

from typing import Any

from xdl.creation.filled import Where
from xdl.errors import ShapeError, expect
from xdl.functional.attention.scaled_dot_product import weighted
from xdl.functional.operands import check_tensors
from xdl.nn.linear import Linear
from xdl.nn.module import Module
from xdl.tensor import Tensor


class _Attention(Module):
    def score(self, query: Tensor, keys: Tensor) -> Tensor:
        """s (N, L, S)."""
        raise NotImplementedError

    def forward(
        self, query: Tensor, keys: Tensor, values: Tensor | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """(context (N, L, V), weights (N, L, S)). mask: (N, S) or (N, L, S), True for keys that may be seen.

        Raises ShapeError for shapes that do not fit, DtypeError for another mask and for what is no Tensor.
        """
        name = type(self).__name__
        values = keys if values is None else values
        check_tensors(name, query=query, keys=keys, values=values, **({} if mask is None else {"mask": mask}))
        fits = query.ndim == keys.ndim == values.ndim == 3 and keys.shape[:2] == values.shape[:2]
        fits = fits and query.shape[0] == keys.shape[0]
        found = (query.shape, keys.shape, values.shape)
        expect(fits, ShapeError, name, "query (N, L, E), keys (N, S, K), values (N, S, V)", found)
        seen = mask.unsqueeze(1) if mask is not None and mask.ndim == 2 else mask
        return weighted(self.score(query, keys), values, seen, operation=name)


class DotAttention(_Attention):
    """s = q k^T: the query has the size of the keys."""

    def score(self, query: Tensor, keys: Tensor) -> Tensor:
        """s (N, L, S)."""
        return query @ keys.mT


class GeneralAttention(_Attention):
    """s = q W k^T, W a linear layer without bias."""

    def __init__(self, query_size: int, key_size: int, device: Where = None, dtype: Any = None) -> None:
        self.linear = Linear(query_size, key_size, False, device, dtype)

    def score(self, query: Tensor, keys: Tensor) -> Tensor:
        """s (N, L, S)."""
        scores: Tensor = self.linear(query) @ keys.mT
        return scores


class AdditiveAttention(_Attention):
    """s = v^T tanh(W_q q + W_k k): a network of one hidden layer, hidden_size units."""

    def __init__(
        self, query_size: int, key_size: int, hidden_size: int, device: Where = None, dtype: Any = None
    ) -> None:
        self.query = Linear(query_size, hidden_size, False, device, dtype)
        self.key = Linear(key_size, hidden_size, False, device, dtype)
        self.score_of = Linear(hidden_size, 1, False, device, dtype)

    def score(self, query: Tensor, keys: Tensor) -> Tensor:
        """s (N, L, S)."""
        hidden = (self.query(query).unsqueeze(2) + self.key(keys).unsqueeze(1)).tanh()
        scores: Tensor = self.score_of(hidden).squeeze(3)
        return scores
