"""Losses of several classes with a margin: x (N, C) scores, or (C,) of one sample.

    multi margin             1 / C  sum over j != t of w_t max(0, margin - x_t + x_j)**p        t one label
    multi-label margin       1 / C  sum over t in T, j not in T of max(0, 1 - x_t + x_j)         T a set of labels
    multi-label soft margin  -1 / C  sum over c of w_c (t_c log s + (1 - t_c) log(1 - s))        s = sigmoid(x_c)

At 0 exactly, max(0, z) passes no gradient on here, as in PyTorch. Crammer and Singer 2001, Weston and Watkins 1999.
"""

from __future__ import annotations

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.functional.elementwise.activation import logsigmoid, relu
from xdl.functional.index.gather import gather
from xdl.functional.index.select import take
from xdl.functional.loss.binary_loss import weighted
from xdl.functional.loss.reduction import alike, check_reduction, reduce_loss
from xdl.functional.operands import check_indices, one_floating, same_backend
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The first formula of the module docstring for x = input (N, C) or (C,) and labels t = target (N,) or ().

    weight (C,) counts each sample by its label; p is 1 or 2. On NumPy a label outside [0, C) raises DataError. Raises
    ShapeError, DtypeError, SettingError.
    """
    operation = "multi_margin_loss"
    _check_scores(operation, input, target, weight)
    check_reduction(operation, reduction)
    if p not in (1, 2):
        raise SettingError(operation, "p of 1 or 2", repr(p))
    if target.ndim != input.ndim - 1 and not (input.ndim == 1 and target.shape == (1,)):
        raise ShapeError(operation, f"target {input.shape[:-1]}", target.shape)
    x, n, c = input.reshape(-1, input.shape[-1]), target.numel(), input.shape[-1]
    if n != x.shape[0]:
        raise ShapeError(operation, f"target ({x.shape[0]},)", target.shape)
    check_indices(operation, "target", target.array, c)
    labels = target.reshape(n)
    z = relu(x - gather(x, 1, labels.reshape(n, 1).long()) + margin)
    z = z if p == 1 else z * z
    if weight is not None:
        z = z * take(weight, labels.array, 0).reshape(n, 1)
    own = namespaces[type(x.array)].arange(c, device=x.array.device) == labels.reshape(n, 1).array
    loss = z.where(Tensor(~own), 0.0).sum(1) / c
    return reduce_loss(operation, loss.reshape(target.shape), reduction)


@composite
def multilabel_margin_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The second formula for x = input (N, C) or (C,) and target of its shape: each row's labels, then -1.

    What stands after the first -1 of a row does not count. On NumPy another label outside [0, C) raises DataError.
    Raises ShapeError, DtypeError, SettingError.
    """
    operation = "multilabel_margin_loss"
    _check_scores(operation, input, target)
    if target.shape != input.shape:
        raise ShapeError(operation, f"target of input's shape {input.shape}", target.shape)
    c = input.shape[-1]
    labels, x = target.reshape(-1, c).long(), input.reshape(-1, c)
    xp = namespaces[type(labels.array)]
    counts = xp.cumulative_sum(xp.astype(labels.array < 0, xp.int64), axis=1) == 0
    ids = xp.where(counts, labels.array, xp.zeros_like(labels.array))
    check_indices(operation, "target", ids, c)
    of_label = gather(x, 1, Tensor(ids)).unsqueeze(2)
    pairs = counts[:, :, None] & ~_named(ids, counts, c)[:, None, :]
    loss = relu(x.unsqueeze(1) - of_label + 1).where(Tensor(pairs), 0.0).sum((1, 2)) / c
    return reduce_loss(operation, loss.reshape(input.shape[:-1]), reduction)


@composite
def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """The third formula for x = input (..., C) and t = target of its shape, 1 where a class is present, else 0.

    weight broadcasts to input. Raises ShapeError, DtypeError, SettingError.
    """
    operation = "multilabel_soft_margin_loss"
    input, target = alike(operation, input=input, target=target)
    loss = weighted(operation, -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input)), weight)
    return reduce_loss(operation, loss.mean(-1), reduction)


def _named(ids: Array, counts: Array, c: int) -> Array:
    """Which classes (N, C) are among the labels of a row that count."""
    xp = namespaces[type(ids)]
    classes = xp.arange(c, device=ids.device)
    return xp.any((ids[:, :, None] == classes) & counts[:, :, None], axis=1)


def _check_scores(operation: str, input: Tensor, target: Tensor, weight: Tensor | None = None) -> None:
    same_backend(operation, input=input, target=target, weight=weight)
    one_floating(operation, input=input, weight=weight)
    if input.ndim not in (1, 2) or not input.shape[-1]:
        raise ShapeError(operation, "input (N, C) or (C,) with at least one class", input.shape)
    if kinds[target.array.dtype] != "int":
        raise DtypeError(operation, "integer labels as target", target.dtype)
    if weight is not None and weight.shape != input.shape[-1:]:
        raise ShapeError(operation, f"weight {input.shape[-1:]}", weight.shape)
