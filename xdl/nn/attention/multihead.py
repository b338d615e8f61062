"""MultiheadAttention: several attentions side by side, each on projections of its own.

N sequences, L queries, S keys, E = embed_dim, h heads of size d = E / h

q = query W_q^T + b_q, k = key W_k^T + b_k, v = value W_v^T + b_v, each as h parts (N, h, ., d)
y = [attention(q_i, k_i, v_i) for each head i] W_o^T + b_o
"""

from __future__ import annotations

from math import prod
from typing import Any

from xdl import functional
from xdl.creation.filled import Where, zeros
from xdl.errors import SettingError, ShapeError, expect
from xdl.functional.attention.scaled_dot_product import attend, attended
from xdl.functional.elementwise.dropout import check_probability
from xdl.functional.operands import check_tensors
from xdl.functional.shape.shape import cat, transpose
from xdl.nn import init
from xdl.nn.attention.cache import KeyValueCache
from xdl.nn.attention.masks import causal, combined, padded
from xdl.nn.base.flops import Shape
from xdl.nn.linear import Linear
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor

NAME = "MultiheadAttention"


class MultiheadAttention(Module):
    """(y, weights) from query (L, N, E), key (S, N, kdim) and value (S, N, vdim), with PyTorch's arguments and keys.

    dropout:       share of the weights that is dropped in training
    add_bias_kv:   a learned key and value that every query may see too, bias_k and bias_v
    add_zero_attn: a key and value of zeros that every query may see too
    kdim, vdim:    sizes of keys and values, E without
    batch_first:   (N, L, E) in place of (L, N, E); without N also (L, E)

    Weights start by Xavier's rule, biases at 0. Raises SettingError unless num_heads divides embed_dim.
    """

    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        check_sizes(NAME, embed_dim=embed_dim, num_heads=num_heads)
        expect(embed_dim % num_heads == 0, SettingError, NAME, f"num_heads that divides {embed_dim}", num_heads)
        check_probability(NAME, dropout, "dropout")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.kdim, self.vdim, self.add_zero_attn = kdim or embed_dim, vdim or embed_dim, add_zero_attn
        self.head_dim = embed_dim // num_heads

        def new(*shape: int) -> Parameter:
            return Parameter(zeros(shape, device=device, dtype=dtype))

        together = self.kdim == self.vdim == embed_dim
        for name, size in (("q", embed_dim), ("k", self.kdim), ("v", self.vdim)):
            self.register_parameter(f"{name}_proj_weight", None if together else new(embed_dim, size))
        self.register_parameter("in_proj_weight", new(3 * embed_dim, embed_dim) if together else None)
        self.register_parameter("in_proj_bias", new(3 * embed_dim) if bias else None)
        self.out_proj = Linear(embed_dim, embed_dim, bias, device, dtype)
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, new(1, 1, embed_dim) if add_bias_kv else None)
        self._start()

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
        *,
        cache: KeyValueCache | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """(y of query's shape, weights (N, L, S), or (N, h, L, S) unless they are averaged; None if not needed).

        key_padding_mask: (N, S), True for keys that no query may see, or numbers to add to the scores
        attn_mask:        (L, S) or (N h, L, S), True for keys that a query may not see, or numbers to add
        is_causal:        a query sees the keys up to its own step only
        cache:            keys and values of the steps before; the new ones are added

        A query that sees no key gets weights of 0. Raises ShapeError, DtypeError.
        """
        self._check(query, key, value)
        masks = {"key_padding_mask": key_padding_mask, "attn_mask": attn_mask}
        check_tensors(NAME, **{name: mask for name, mask in masks.items() if mask is not None})
        alone = query.ndim == 2
        if alone:
            key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
        if alone or not self.batch_first:  # the same tensor stays the same
            ready = {id(t): t.unsqueeze(0) if alone else transpose(t, 0, 1) for t in (query, key, value)}
            query, key, value = (ready[id(t)] for t in (query, key, value))
        q, k, v = self._projected(query, key, value, cache)
        more = (self.bias_k is not None) + self.add_zero_attn
        n, heads, length, keys = *q.shape[:3], k.shape[2]
        mask = combined(NAME, padded(attn_mask, more), padded(key_padding_mask, more), (n, heads, length, keys))
        if is_causal and attn_mask is None:
            seen = causal(length, keys - more, q)
            seen = seen if not more else cat([seen, seen.new_ones((length, more))], 1)
            mask = seen if mask is None else _both(mask, seen)
        p = self.dropout if self.training else 0.0
        y, weights = attend(q, k, v, mask, p) if need_weights else (attended(q, k, v, mask, p), None)
        y = self.out_proj(transpose(y, 1, 2).reshape(n, length, self.embed_dim))
        shown = None
        if weights is not None:
            shown = weights.mean(1) if average_attn_weights else weights
            shown = shown[0] if alone else shown
        return y[0] if alone else y if self.batch_first else transpose(y, 0, 1), shown

    def flops(self, input: Shape, output: Shape) -> int:
        """The projections of query, key and value, each as long as the query, and both products of the attention."""
        steps, length = prod(input[:-1]), input[-2] if self.batch_first or len(input) == 2 else input[0]
        projections = sum((2 if p.ndim == 2 else 1) * prod(p.shape) for p in self.parameters() if p.ndim < 3)
        own = sum((2 if p.ndim == 2 else 1) * prod(p.shape) for p in self.out_proj.parameters())
        return steps * (projections - own + 4 * length * self.embed_dim)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"{self.embed_dim}, {self.num_heads}" + (", batch_first=True" if self.batch_first else "")

    def _start(self) -> None:
        """Weights by Xavier's rule, biases 0; out_proj.weight as that of a linear layer."""
        for weight in (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight, self.in_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> None:
        """Raises ShapeError, with the shapes as they were given, and DtypeError for what is no Tensor."""
        check_tensors(NAME, query=query, key=key, value=value)
        sizes, n = (self.embed_dim, self.kdim, self.vdim), 0 if self.batch_first else 1
        fits = query.ndim == key.ndim == value.ndim and query.ndim in (2, 3)
        fits = fits and (query.shape[-1], key.shape[-1], value.shape[-1]) == sizes
        fits = fits and key.shape[:-1] == value.shape[:-1]
        fits = fits and (query.ndim == 2 or query.shape[n] == key.shape[n])
        steps = ("N, L", "N, S") if self.batch_first else ("L, N", "S, N")
        wanted = f"query ({steps[0]}, {sizes[0]}), key ({steps[1]}, {sizes[1]}), value ({steps[1]}, {sizes[2]})"
        expect(fits, ShapeError, NAME, f"{wanted}, or all without N", (query.shape, key.shape, value.shape))

    def _projected(
        self, query: Tensor, key: Tensor, value: Tensor, cache: KeyValueCache | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """q, k, v (N, h, L or S, d), with what a cache holds and what bias_k and zeros add."""
        e = self.embed_dim
        if self.in_proj_weight is not None and query is key and key is value:
            q, k, v = functional.linear(query, self.in_proj_weight, self.in_proj_bias).chunk(3, 2)
        else:
            biases: Any = (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
            weights: Any = self.q_proj_weight, self.k_proj_weight, self.v_proj_weight
            weights = weights if self.in_proj_weight is None else self.in_proj_weight.chunk(3)
            q = functional.linear(query, weights[0], biases[0])
            if cache is not None and cache.ready:
                return self._heads(q), *cache.known()
            k, v = (functional.linear(t, weights[i], biases[i]) for i, t in ((1, key), (2, value)))
        q, k, v = (self._heads(t) for t in (q, k, v))
        if cache is not None:
            k, v = cache.extended(k, v)
        n = q.shape[0]
        if self.bias_k is not None and self.bias_v is not None:
            learned = (self._heads(b.expand(n, 1, e)) for b in (self.bias_k, self.bias_v))
            k, v = (cat([t, b], 2) for t, b in zip((k, v), learned, strict=True))
        if self.add_zero_attn:
            k, v = (cat([t, t.new_zeros((n, self.num_heads, 1, self.head_dim))], 2) for t in (k, v))
        return q, k, v

    def _heads(self, t: Tensor) -> Tensor:
        """t (N, L, E) as (N, h, L, d)."""
        return transpose(t.reshape(*t.shape[:2], self.num_heads, self.head_dim), 1, 2)


def _both(mask: Tensor, seen: Tensor) -> Tensor:
    """A mask of either kind, and a bool one."""
    return mask & seen if mask.dtype == "bool" else mask.masked_fill(~seen, float("-inf"))
