"""Losses as modules: each calls the function of its name; formulas and errors stand there.

`reduction` is "mean", "sum" or "none". Class weights are buffers, as in PyTorch: they are part of the state. What a
mean is over is told by `averaged_over`, by which `train.Supervised` makes one mean of the means of several batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from xdl import functional
from xdl.backend import kinds
from xdl.errors import SettingError
from xdl.functional.loss.cross_entropy import label_weight
from xdl.nn.base.function import FunctionModule
from xdl.nn.parameter import Buffer
from xdl.tensor import Tensor


class Loss(FunctionModule):
    """A function of an input and a target with the setting `reduction`."""

    reduction: str

    def averaged_over(self, target: Tensor) -> float | Tensor:
        """How much the loss of a batch with this target weighs against those of others in a mean over all of them.

        Of a mean, what it is over: elements of the target, labels that are not ignored, the sum of their class weights.
        Of a sum, the samples of the target, which have dimension 0. A number; where that hangs on values on a device,
        a 0-d Tensor that was not read. Raises SettingError for a reduction of another kind, as "none".
        """
        if self.reduction == "mean":
            return self._averaged_over(target)
        if self.reduction not in ("sum", "batchmean"):
            raise SettingError(type(self).__name__, 'a reduction to one number, "mean" or "sum"', repr(self.reduction))
        return len(target) if target.ndim else 1

    def _averaged_over(self, target: Tensor) -> float | Tensor:
        return target.numel()


class Weighted(Loss):
    """A loss with weights among its settings."""

    def __post_init__(self) -> None:
        for name, value in list(vars(self).items()):
            if isinstance(value, Tensor):
                setattr(self, name, Buffer(value))


class _OfLabels(Weighted):
    """A loss of labels, some of which are left out, with class weights."""

    weight: Tensor | None
    ignore_index: int

    def _averaged_over(self, target: Tensor) -> float | Tensor:
        if kinds[target.array.dtype] == "float":  # probabilities of the classes in dimension 1: of each N and place
            return prod(target.shape[:1] + target.shape[2:]) if target.ndim > 1 else 1
        return label_weight(target, self.weight, self.ignore_index)


@dataclass(eq=False, repr=False)
class MSELoss(Loss):
    """(x - t)**2 for input x and target t of one shape."""

    function: ClassVar = functional.mse_loss
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class L1Loss(Loss):
    """|x - t| for input x and target t of one shape."""

    function: ClassVar = functional.l1_loss
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class SmoothL1Loss(Loss):
    """(x - t)**2 / (2 beta) below a distance of beta, |x - t| - beta / 2 above."""

    function: ClassVar = functional.smooth_l1_loss
    reduction: str = "mean"
    beta: float = 1.0


@dataclass(eq=False, repr=False)
class HuberLoss(Loss):
    """(x - t)**2 / 2 up to a distance of delta, delta (|x - t| - delta / 2) above."""

    function: ClassVar = functional.huber_loss
    reduction: str = "mean"
    delta: float = 1.0


@dataclass(eq=False, repr=False)
class KLDivLoss(Loss):
    """t (log t - x) for log-probabilities x and probabilities t; reduction "batchmean" is the divergence itself."""

    function: ClassVar = functional.kl_div
    reduction: str = "mean"
    log_target: bool = False


@dataclass(eq=False, repr=False)
class PoissonNLLLoss(Loss):
    """e**x - t x for the logarithm x of a rate and counts t; full adds Stirling's term."""

    function: ClassVar = functional.poisson_nll_loss
    log_input: bool = True
    full: bool = False
    eps: float = 1e-8
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class GaussianNLLLoss(Loss):
    """(log v + (x - t)**2 / v) / 2, called with input, target and variance."""

    function: ClassVar = functional.gaussian_nll_loss
    full: bool = False
    eps: float = 1e-6
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class CrossEntropyLoss(_OfLabels):
    """Cross entropy of softmax(x) with labels (N, ...) or probabilities, from the logits x (N, C, ...)."""

    function: ClassVar = functional.cross_entropy
    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = "mean"
    label_smoothing: float = 0.0


@dataclass(eq=False, repr=False)
class NLLLoss(_OfLabels):
    """-l_t for log-probabilities l (N, C, ...) and labels t (N, ...)."""

    function: ClassVar = functional.nll_loss
    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class BCELoss(Weighted):
    """Cross entropy of two classes, from the probability of one."""

    function: ClassVar = functional.binary_cross_entropy
    weight: Tensor | None = None
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class BCEWithLogitsLoss(Weighted):
    """Cross entropy of two classes, from the logit."""

    function: ClassVar = functional.binary_cross_entropy_with_logits
    weight: Tensor | None = None
    reduction: str = "mean"
    pos_weight: Tensor | None = None


@dataclass(eq=False, repr=False)
class SoftMarginLoss(Loss):
    """log(1 + e**(-t x)) for t of 1 or -1."""

    function: ClassVar = functional.soft_margin_loss
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class HingeEmbeddingLoss(Loss):
    """A distance x where t = 1, max(0, margin - x) where t = -1."""

    function: ClassVar = functional.hinge_embedding_loss
    margin: float = 1.0
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class MarginRankingLoss(Loss):
    """max(0, margin - t (a - b)), called with a, b and t."""

    function: ClassVar = functional.margin_ranking_loss
    margin: float = 0.0
    reduction: str = "mean"


@dataclass(eq=False, repr=False)
class TripletMarginLoss(Loss):
    """max(0, margin + d(a, p) - d(a, n)), called with anchors, positives and negatives."""

    function: ClassVar = functional.triplet_margin_loss
    margin: float = 1.0
    p: float = 2.0
    eps: float = 1e-6
    swap: bool = False
    reduction: str = "mean"

    def _averaged_over(self, target: Tensor) -> float | Tensor:
        return prod(target.shape[:-1])


@dataclass(eq=False, repr=False)
class CosineEmbeddingLoss(Loss):
    """1 - cos(a, b) where t = 1, max(0, cos(a, b) - margin) where t = -1, called with a, b and t."""

    function: ClassVar = functional.cosine_embedding_loss
    margin: float = 0.0
    reduction: str = "mean"
