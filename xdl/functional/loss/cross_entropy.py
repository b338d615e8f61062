"""Cross entropy and negative log-likelihood of class labels.

    x (N, C) logits   l = log softmax(x)   t (N,) labels   w (C,) class weights   k (N,) 1, or 0 where ignored

    y = - sum k w_t l_t / sum k w_t                                     the mean; without weights w = 1
    y = (1 - e) y - e / C  sum k (w . l) / sum k w_t                    with label smoothing e
    dx = k (softmax(x) - onehot(t)) / sum k                             of the mean without weights

Weights that require a gradient get it: then the loss is made of several operations. Where sum k w_t is 0, because no
label counts, the mean is nan and its gradient 0.

Label smoothing: Szegedy et al. 2016, section 7.
"""

from __future__ import annotations

from math import nan

from xdl import backend
from xdl.backend import kinds, namespaces
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.functional.loss.cross_entropy_pair import loss_of_labels, onehot_of
from xdl.functional.loss.reduction import check_reduction, reduce_loss
from xdl.functional.operands import check_indices, in_one_floating, one_floating, same_backend
from xdl.functional.reduce.softmax import log_softmax
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross entropy of softmax(input) along dim 1, from the logits themselves; finite for any finite input.

    input (C,), (N, C) or (N, C, d1, ...) floating; target integer in [0, C) or ignore_index, of input's shape without
    C, or probabilities of input's shape; weight (C,), of input's dtype beside labels. On NumPy another label raises
    DataError; on a device labels are checked where data are loaded. Raises ShapeError, DtypeError, SettingError.
    """
    same_backend("cross_entropy", input=input, target=target, weight=weight)
    if kinds[target.array.dtype] == "float":
        given = {"input": input, "target": target} | ({} if weight is None else {"weight": weight})
        input, target, *weights = in_one_floating("cross_entropy", **given)
        weight = weights[0] if weights else None
    else:
        one_floating("cross_entropy", input=input, weight=weight)
    check_reduction("cross_entropy", reduction)
    if not 0 <= label_smoothing <= 1:
        raise SettingError("cross_entropy", "label_smoothing in [0, 1]", label_smoothing)
    if input.ndim == 1:
        _check_labels("cross_entropy", input, target)
        one = cross_entropy(input.unsqueeze(0), target.unsqueeze(0), weight, ignore_index, reduction, label_smoothing)
        return one.reshape(())
    _check_classes("cross_entropy", input, weight)
    _check_labels("cross_entropy", input, target)
    if kinds[target.array.dtype] == "float":
        return _of_probabilities(input, target, weight, reduction, label_smoothing)
    if weight is None or not weight.requires_grad:
        return loss_of_labels(input, target, weight, ignore_index, label_smoothing, reduction, False)
    check_indices("cross_entropy", "target", target.array, input.shape[1], ignore_index)
    logs = log_softmax(input, 1)
    y = _nll(logs, target, weight, ignore_index, reduction)
    if not label_smoothing:
        return y
    w, kept = _class_weights(logs, weight), Tensor(target.array != ignore_index)
    smooth = (-(logs * w).sum(1)).where(kept, 0.0)
    smooth = (
        mean_over(smooth, _total(w, logs, target, kept)) if reduction == "mean" else reduce_loss("", smooth, reduction)
    )
    return y * (1 - label_smoothing) + smooth * (label_smoothing / logs.shape[1])


def _of_probabilities(
    input: Tensor, target: Tensor, weight: Tensor | None, reduction: str, label_smoothing: float
) -> Tensor:
    """The mean is over samples and places, not over classes."""
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / input.shape[1]
    logs = log_softmax(input, 1)
    return reduce_loss("cross_entropy", -(logs * target * _class_weights(logs, weight)).sum(1), reduction)


@composite
def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """-w_t l_t for log-probabilities l = input (C,), (N, C) or (N, C, d1, ...) and labels t = target, without C.

    The mean is over the weights of the labels that count. Raises as `cross_entropy`.
    """
    same_backend("nll_loss", input=input, target=target, weight=weight)
    one_floating("nll_loss", input=input, weight=weight)
    check_reduction("nll_loss", reduction)
    if input.ndim == 1:
        _check_labels("nll_loss", input, target)
        return nll_loss(input.unsqueeze(0), target.unsqueeze(0), weight, ignore_index, reduction).reshape(())
    _check_classes("nll_loss", input, weight)
    _check_labels("nll_loss", input, target)
    if weight is None or not weight.requires_grad:
        return loss_of_labels(input, target, weight, ignore_index, 0.0, reduction, True)
    check_indices("nll_loss", "target", target.array, input.shape[1], ignore_index)
    return _nll(input, target, weight, ignore_index, reduction)


def label_weight(target: Tensor, weight: Tensor | None, ignore_index: int) -> float | Tensor:
    """sum k w_t, what the mean over these labels is over, as `cross_entropy` and `nll_loss` take it.

    A number where the labels lie on the host; a 0-d Tensor, int64 or float64, where looking would wait for a device.
    """
    t = target.array
    host = backend.of(t).host_values
    if weight is None and host and ignore_index < 0 < t.size and t.item(t.argmin()) >= 0:
        return t.size  # type: ignore[no-any-return]
    xp, kept = namespaces[type(t)], t != ignore_index
    if weight is None:
        count = xp.count_nonzero(kept)
        return count if host else Tensor(count)
    check_indices("cross_entropy", "target", t, weight.shape[0], ignore_index)
    labels = xp.reshape(xp.where(kept, t, xp.zeros_like(t)), (-1,))
    w = xp.astype(xp.take(weight.array, labels, axis=0), xp.float64)
    total = Tensor(xp.sum(xp.where(xp.reshape(kept, (-1,)), w, xp.zeros_like(w))))
    return float(total) if host else total


def _nll(input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str) -> Tensor:
    w, kept = _class_weights(input, weight), Tensor(target.array != ignore_index)
    losses = (-_picked(input * w, target)).where(kept, 0.0)
    return (
        mean_over(losses, _total(w, input, target, kept)) if reduction == "mean" else reduce_loss("", losses, reduction)
    )


def mean_over(losses: Tensor, total: Tensor) -> Tensor:
    """The sum of the losses over the total weight; nan for a total of 0, which passes no gradient on."""
    some = total != 0
    return (losses.sum() / total.where(some, 1.0)).where(some, nan)


def _total(w: Tensor, like: Tensor, target: Tensor, kept: Tensor) -> Tensor:
    """The sum of the weights of the labels that count."""
    return _picked(w.expand(like.shape), target).where(kept, 0.0).sum()


def _picked(x: Tensor, t: Tensor) -> Tensor:
    """x[n, t[n, ...], ...]: one value along dim 1 for each label, 0 for a label outside."""
    return x.where(Tensor(onehot_of(t.array, x.shape[1])), 0.0).sum(1)


def _class_weights(like: Tensor, weight: Tensor | None) -> Tensor:
    """w with the class in dimension 1 of `like`."""
    x = like.array
    ones = Tensor(namespaces[type(x)].ones(x.shape[1], dtype=x.dtype, device=x.device))
    return (ones if weight is None else weight).reshape(1, x.shape[1], *[1] * (like.ndim - 2))


def _check_classes(operation: str, input: Tensor, weight: Tensor | None) -> None:
    shape = input.shape
    if len(shape) < 2 or shape[1] == 0:
        raise ShapeError(operation, "input (C,) or (N, C, ...) with C >= 1", shape)
    if weight is not None and weight.shape != (shape[1],):
        raise ShapeError(operation, f"weight ({shape[1]},)", weight.shape)


def _check_labels(operation: str, input: Tensor, target: Tensor) -> None:
    """Raises unless target holds labels for input, or, for cross entropy, probabilities of input's shape."""
    kind, shape, labels = kinds[target.array.dtype], input.shape, target.shape
    if kind == "float" and operation == "cross_entropy":
        if labels != shape:
            raise ShapeError(operation, f"probabilities of input's shape {shape}", labels)
    elif kind != "int":
        raise DtypeError(operation, "integer labels or floating probabilities as target", target.dtype)
    elif labels != (wanted := shape[:1] + shape[2:] if len(shape) > 1 else ()):
        raise ShapeError(operation, f"target {wanted} for input {shape}", labels)
