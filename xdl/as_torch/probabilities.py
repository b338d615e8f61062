"""`torch.distributions.utils`: what classes of one's own compute probabilities with."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import xdl
from xdl.distributions import Transform
from xdl.tensor import Tensor

lazy_property = cached_property
_InverseTransform = type(Transform().inv)


def broadcast_all(*values: Any) -> tuple[Tensor, ...]:
    """Tensors and numbers as Tensors of one shape."""
    kinds = [value for value in values if isinstance(value, Tensor)]
    like = kinds[0] if kinds else xdl.zeros(())
    return tuple(xdl.broadcast_tensors(*[v if isinstance(v, Tensor) else like.new_full((), float(v)) for v in values]))


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities that are neither 0 nor 1."""
    eps = xdl.finfo(probs.dtype).eps
    return probs.clamp(eps, 1 - eps)


def probs_to_logits(probs: Tensor, is_binary: bool = False) -> Tensor:
    """log p, or log p / (1 - p) of one outcome of two."""
    p = clamp_probs(probs)
    return p.log() - (-p).log1p() if is_binary else p.log()


def logits_to_probs(logits: Tensor, is_binary: bool = False) -> Tensor:
    """The way back."""
    return logits.sigmoid() if is_binary else logits.softmax(-1)


def _sum_rightmost(value: Tensor, dim: int) -> Tensor:
    """The sum over the last dim dimensions."""
    return value if dim == 0 else value.reshape(*value.shape[: value.ndim - dim], -1).sum(-1)


__all__ = [
    "_InverseTransform",
    "_sum_rightmost",
    "broadcast_all",
    "clamp_probs",
    "lazy_property",
    "logits_to_probs",
    "probs_to_logits",
]
