"""Losses with PyTorch's older arguments: `F.mse_loss(x, y, size_average=False)` is the sum, `reduce=False` no mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from xdl import nn
from xdl.as_torch.bases import older_reduction
from xdl.nn import functional

FUNCTIONS = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_embedding_loss",
    "cross_entropy",
    "hinge_embedding_loss",
    "kl_div",
    "l1_loss",
    "margin_ranking_loss",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
]
CLASSES = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "HingeEmbeddingLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
]


def older(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function or constructor with `reduction`, which takes `size_average` and `reduce` too."""

    @wraps(function)
    def call(*args: Any, size_average: bool | None = None, reduce: bool | None = None, **named: Any) -> Any:
        if size_average is not None or reduce is not None:
            named["reduction"] = older_reduction(size_average, reduce)
        return function(*args, **named)

    return call


def _older_class(kind: type) -> type:
    return type(kind.__name__, (kind,), {"__init__": older(kind.__init__), "__doc__": kind.__doc__})  # type: ignore[misc]


globals().update({name: older(getattr(functional, name)) for name in FUNCTIONS})
globals().update({name: _older_class(getattr(nn, name)) for name in CLASSES})

__all__ = [*FUNCTIONS, *CLASSES]
