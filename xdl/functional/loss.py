"""Losses: mean squared error and cross entropy.

reduction: "mean" (over elements; weighted by class weights where given), "sum" or "none"
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError, SettingError, ShapeError, nearest
from xdl.functional.operands import check_indices, floating, same_backend
from xdl.functional.softmax import log_softmax, softmax
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor

REDUCTIONS = ("mean", "sum", "none")


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """(input - target)**2, reduced; both of one shape and floating dtype. Raises ShapeError, DtypeError."""
    floating("mse_loss", input=input, target=target)
    if input.shape != target.shape:
        raise ShapeError("mse_loss", f"target of input's shape {input.shape}", target.shape)
    difference = input - target
    return _reduce("mse_loss", difference * difference, reduction)


def _reduce(operation: str, loss: Tensor, reduction: str) -> Tensor:
    _check_reduction(operation, reduction)
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss


def _check_reduction(operation: str, reduction: str) -> None:
    if reduction not in REDUCTIONS:
        raise SettingError(operation, "a reduction", repr(reduction), nearest(str(reduction), REDUCTIONS))


class CrossEntropyPair:
    """y = mean over N of (log sum_j e**x_j - x_t) for x (N, C) and labels t (N,).

    saved: dx of the mean, (softmax(x) - onehot(t)) / N.
    """

    @staticmethod
    def forward(x: Array, t: Array) -> tuple[Array, Array]:
        xp = namespaces[type(x)]
        n, c = x.shape
        check_indices("cross_entropy", "target", t, c)
        z = x - xp.max(x, axis=1, keepdims=True)
        e = xp.exp(z)
        s = xp.sum(e, axis=1, keepdims=True)
        onehot = _onehot(t, c)
        picked = xp.sum(xp.where(onehot, z, xp.zeros_like(z)), axis=1)
        y = xp.sum(xp.log(s[:, 0]) - picked) / n
        return y, (e / s - xp.astype(onehot, x.dtype)) / n

    @staticmethod
    def backward(g: Array, dx: Array, needs: Any) -> tuple[Array, None]:
        return g * dx, None


cross_entropy_pair = Kernel("cross_entropy", CrossEntropyPair)


def cross_entropy(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Cross entropy of softmax(input) along dim 1 with class indices, from the weighted sums themselves.

    input (N, C) or (N, C, d1, ...) floating; target (N,) or (N, d1, ...) integer in [0, C), or probabilities of
    input's shape. Finite for any finite input. On NumPy a label outside [0, C) raises DataError; on a device
    labels are checked where data are loaded. Raises ShapeError, DtypeError.
    """
    same_backend("cross_entropy", input=input, target=target)
    floating("cross_entropy", input=input)
    _check_reduction("cross_entropy", reduction)
    if input.ndim < 2 or input.shape[1] == 0:
        raise ShapeError("cross_entropy", "input (N, C, ...) with C >= 1", input.shape)
    if kinds[target.data.dtype] == "float":
        if target.shape != input.shape:
            raise ShapeError("cross_entropy", f"probabilities of input's shape {input.shape}", target.shape)
        loss = -(log_softmax(input, 1) * target).sum(1)
        total = loss.sum() * (1 / loss.data.size) if reduction == "mean" and loss.data.size else loss
        return total if reduction == "mean" else _reduce("cross_entropy", loss, reduction)
    if kinds[target.data.dtype] != "int":
        raise DtypeError("cross_entropy", "integer labels or floating probabilities as target", target.dtype)
    if target.shape != (*input.shape[:1], *input.shape[2:]):
        wanted = (*input.shape[:1], *input.shape[2:])
        raise ShapeError("cross_entropy", f"target {wanted} for input {input.shape}", target.shape)
    if input.ndim == 2 and reduction == "mean":
        version, y, saved = cross_entropy_pair(input.data, target.data)
        return record(y, (input, target), _cross_entropy_rule, saved, version)
    check_indices("cross_entropy", "target", target.data, input.shape[1])
    return _reduce("cross_entropy", -_pick(log_softmax(input, 1), target), reduction)


def _cross_entropy_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any, t: Any) -> tuple[Any, None]:
    n, c = x.shape
    xp = namespaces[type(x.data)]
    return g * (1 / n if n else 1.0) * (softmax(x, 1) - Tensor(xp.astype(_onehot(t.data, c), x.data.dtype))), None


def _pick(x: Tensor, t: Tensor) -> Tensor:
    """x[n, t[n, ...], ...]: one value along dim 1 for each label."""
    return Tensor(_onehot(t.data, x.shape[1])).where(x, 0.0).sum(1)


def _onehot(t: Array, c: int) -> Array:
    """True at [n, t[n, ...], ...], False elsewhere."""
    xp = namespaces[type(t)]
    classes = xp.reshape(xp.arange(c, dtype=t.dtype, device=t.device), (c,) + (1,) * (len(t.shape) - 1))
    return xp.expand_dims(t, axis=1) == classes
