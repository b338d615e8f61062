"""Losses of several labels or of a margin between classes, and that of unaligned sequences, as modules.

As in `loss.py`: each calls the function of its name, whose docstring has the formula and the errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from xdl import functional
from xdl.nn.loss import Loss, Weighted
from xdl.tensor import Tensor


@dataclass(eq=False, repr=False)
class MultiMarginLoss(Weighted):
    """The sum over classes j other than t of max(0, margin - x_t + x_j)**p / C, for x (N, C) and labels t (N,)."""

    function: ClassVar = functional.multi_margin_loss
    p: int = 1
    margin: float = 1.0
    weight: Tensor | None = None
    reduction: str = "mean"


class _OfRows(Loss):
    """A loss whose mean is over the rows (N, C) of the target."""

    def _averaged_over(self, target: Tensor) -> float | Tensor:
        return prod(target.shape[:-1])


@dataclass(eq=False, repr=False)
class MultiLabelMarginLoss(_OfRows):
    """The sum of max(0, 1 - x_t + x_j) / C over the labels t of a row and all classes j that are none."""

    function: ClassVar = functional.multilabel_margin_loss
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class MultiLabelSoftMarginLoss(Weighted, _OfRows):
    """The mean over C of the cross entropies of two classes each, from the logits (N, C)."""

    function: ClassVar = functional.multilabel_soft_margin_loss
    weight: Tensor | None = None
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class TripletMarginWithDistanceLoss(_OfRows):
    """max(0, margin + d(a, p) - d(a, n)) with a distance of one's own, called with anchors, positives, negatives."""

    function: ClassVar = functional.triplet_margin_with_distance_loss
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None
    margin: float = 1.0
    swap: bool = False
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class CTCLoss(Loss):
    """-log of the probability of targets without alignment, called with log_probs, targets and both lengths."""

    function: ClassVar = functional.ctc_loss
    blank: int = 0
    reduction: str = "mean"
    zero_infinity: bool = False

    def _averaged_over(self, target: Tensor) -> float | Tensor:
        return len(target) if target.ndim == 2 else 1
