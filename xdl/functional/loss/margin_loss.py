"""Losses that push distances apart by a margin, with targets t of 1 and -1; all reduced as `reduction.py` says.

    hinge embedding    x where t = 1, max(0, margin - x) where t = -1
    margin ranking     max(0, margin - t (a - b))
    triplet margin     max(0, margin + |a - p| - |a - n|)                          (Balntas et al. 2016)
    cosine embedding   1 - cos(a, b) where t = 1, max(0, cos(a, b) - margin) where t = -1

At 0 exactly, max(0, z) passes its gradient on, as `clamp` does.
"""

from __future__ import annotations

from collections.abc import Callable

from xdl.errors import SettingError, ShapeError
from xdl.functional.elementwise.where import minimum
from xdl.functional.loss.reduction import alike, reduce_loss, same_shape
from xdl.functional.operands import broadcast_shape, floating, in_one_floating, same_backend
from xdl.functional.products.distance import pairwise_distance
from xdl.observe import composite
from xdl.tensor import Tensor

SHORTEST = 9.999999960041972e-13  # 1e-12 as PyTorch has it, rounded to float32


@composite
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """x = input, a distance, where t = target is 1; max(0, margin - x) where t = -1; both where it is neither.

    Raises ShapeError, DtypeError, SettingError.
    """
    same_shape("hinge_embedding_loss", input=input, target=target)
    floating("hinge_embedding_loss", input=input)
    same, apart = input.where(target != -1, 0.0), (margin - input).clamp(0.0).where(target != 1, 0.0)
    return reduce_loss("hinge_embedding_loss", same + apart, reduction)


@composite
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """max(0, margin - t (a - b)): t = target is 1 where a = input1 should rank above b = input2, else -1.

    All have as many dimensions, and broadcast. Raises ShapeError, DtypeError, SettingError.
    """
    input1, input2, target = in_one_floating("margin_ranking_loss", input1=input1, input2=input2, target=target)
    shapes = input1.shape, input2.shape, target.shape
    broadcast_shape("margin_ranking_loss", *shapes)
    if len({len(shape) for shape in shapes}) > 1:
        raise ShapeError("margin_ranking_loss", "three tensors with as many dimensions", shapes)
    return reduce_loss("margin_ranking_loss", (margin - target * (input1 - input2)).clamp(0.0), reduction)


@composite
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """max(0, margin + d(a, p) - d(a, n)) for anchors a, positives p and negatives n (N, D) or (D,).

    d is `pairwise_distance`; with swap the negative's distance is the smaller of d(a, n) and d(p, n) (Balntas et al.
    2016, 3.2). Raises ShapeError, DtypeError, SettingError.
    """
    anchor, positive, negative = alike("triplet_margin_loss", anchor=anchor, positive=positive, negative=negative)

    def distance(a: Tensor, b: Tensor) -> Tensor:
        return pairwise_distance(a, b, p, eps)

    return _triplet("triplet_margin_loss", anchor, positive, negative, distance, margin, swap, reduction)


@composite
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """`triplet_margin_loss` with a distance d of one's own: d(a, p) gives one number for each pair.

    Without one it is `pairwise_distance`. Raises ShapeError, DtypeError, SettingError unless margin is above 0.
    """
    operation = "triplet_margin_with_distance_loss"
    anchor, positive, negative = alike(operation, anchor=anchor, positive=positive, negative=negative)
    if not margin > 0:
        raise SettingError(operation, "a margin above 0", margin)
    distance = distance_function or pairwise_distance
    return _triplet(operation, anchor, positive, negative, distance, margin, swap, reduction)


def _triplet(
    operation: str,
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance: Callable[[Tensor, Tensor], Tensor],
    margin: float,
    swap: bool,
    reduction: str,
) -> Tensor:
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduce_loss(operation, (near - far + margin).clamp(0.0), reduction)


@composite
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """1 - cos(a, b) where t = target is 1, max(0, cos(a, b) - margin) where it is -1, for a, b (N, D) and t (N,).

    a, b (D,) and t () are one sample. cos has 1e-12 added to both squared lengths. Raises ShapeError, DtypeError,
    SettingError.
    """
    input1, input2 = alike("cosine_embedding_loss", input1=input1, input2=input2)
    same_backend("cosine_embedding_loss", input1=input1, target=target)
    if input1.ndim not in (1, 2) or target.shape != input1.shape[:-1]:
        found = f"{input1.shape} and target {target.shape}"
        raise ShapeError("cosine_embedding_loss", "inputs (N, D) or (D,) and target (N,) or ()", found)
    squares = [(x * x).sum(-1) + SHORTEST for x in (input1, input2)]
    cosine = (input1 * input2).sum(-1) / (squares[0] * squares[1]).sqrt()
    same, apart = (1 - cosine).where(target == 1, 0.0), (cosine - margin).clamp(0.0).where(target == -1, 0.0)
    return reduce_loss("cosine_embedding_loss", same + apart, reduction)
