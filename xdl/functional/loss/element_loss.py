"""Losses of each element of input x and target t by itself; all reduced as `reduction.py` says.

Operands of several dtypes are converted to the floating one that holds each of them, integers too but for kl_div.

mse        (x - t)**2                        l1      |x - t|
smooth_l1  d**2 / (2 beta) where d = |x - t| < beta, else d - beta / 2         (Girshick 2015)
huber      d**2 / 2 where d < delta, else delta (d - delta / 2)               (Huber 1964)
kl_div     t (log t - x), 0 where t = 0; x are log-probabilities               (Kullback and Leibler 1951)
poisson    e**x - t x                        gaussian  (log v + (x - t)**2 / v) / 2
"""

from __future__ import annotations

from math import log, pi

from xdl import backend
from xdl.backend import namespaces
from xdl.errors import DataError, SettingError, ShapeError
from xdl.functional.elementwise.convert import cast
from xdl.functional.loss.element_pair import element_loss
from xdl.functional.loss.reduction import alike, reduce_loss, same_shape
from xdl.functional.operands import floating, in_one_floating
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """(x - t)**2 for input and target of one shape. Raises ShapeError, DtypeError, SettingError."""
    input, target = alike("mse_loss", input=input, target=target)
    return element_loss("mse_loss", input, target, "mse", reduction)


@composite
def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """|x - t| for input and target of one shape. Raises ShapeError, DtypeError, SettingError."""
    input, target = alike("l1_loss", input=input, target=target)
    return element_loss("l1_loss", input, target, "l1", reduction)


@composite
def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """Squares below beta >= 0, absolute values above; with beta 0, l1_loss.

    Raises ShapeError, DtypeError, SettingError.
    """
    input, target = alike("smooth_l1_loss", input=input, target=target)
    if beta < 0:
        raise SettingError("smooth_l1_loss", "beta of at least 0", beta)
    if not beta:
        return element_loss("smooth_l1_loss", input, target, "l1", reduction)
    return element_loss("smooth_l1_loss", input, target, "huber", reduction, beta, 1 / beta)


@composite
def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Squares below delta > 0, absolute values of slope delta above, in input's dtype.

    Raises ShapeError, DtypeError, SettingError.
    """
    same_shape("huber_loss", input=input, target=target)
    floating("huber_loss", input=input)
    target = cast(target, input.dtype)
    if delta <= 0:
        raise SettingError("huber_loss", "delta above 0", delta)
    return element_loss("huber_loss", input, target, "huber", reduction, delta)


@composite
def kl_div(input: Tensor, target: Tensor, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """t (log t - x) for log-probabilities x = input and probabilities t = target, or their logarithms.

    reduction "batchmean" is the sum over the first dimension's size: the divergence itself.
    Raises ShapeError, DtypeError, SettingError.
    """
    input, target = alike("kl_div", False, input=input, target=target)
    if log_target:
        loss = target.exp() * (target - input)
    else:
        present = target != 0
        loss = (target * target.where(present, 1.0).log()).where(present, 0.0) - target * input
    if reduction == "batchmean":
        return loss.sum() / (input.shape[0] if input.ndim else 1)
    return reduce_loss("kl_div", loss, reduction)


@composite
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """e**x - t x for x = input, the logarithm of a rate; or x - t log(x + eps) for the rate itself.

    full adds Stirling's t log t - t + log(2 pi t) / 2 where t > 1. Raises ShapeError, DtypeError, SettingError.
    """
    input, target = alike("poisson_nll_loss", input=input, target=target)
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        large = target > 1
        t = target.where(large, 2.0)
        loss = loss + (t * t.log() - t + (t * (2 * pi)).log() * 0.5).where(large, 0.0)
    return reduce_loss("poisson_nll_loss", loss, reduction)


@composite
def gaussian_nll_loss(
    input: Tensor, target: Tensor, var: Tensor, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """(log v + (x - t)**2 / v) / 2 with the variance v = max(var, eps), which passes its gradient on.

    var has input's shape, or 1 or nothing in its last dimension; full adds log(2 pi) / 2. On NumPy a negative var
    raises DataError. Raises ShapeError, DtypeError, SettingError.
    """
    same_shape("gaussian_nll_loss", input=input, target=target)
    input, target, var = in_one_floating("gaussian_nll_loss", input=input, target=target, var=var)
    if var.shape == input.shape[:-1] and var.shape != input.shape:
        var = var.unsqueeze(-1)
    if var.shape not in (input.shape, (*input.shape[:-1], 1)):
        raise ShapeError("gaussian_nll_loss", f"var of input's shape {input.shape}, or with 1 last", var.shape)
    if eps <= 0:
        raise SettingError("gaussian_nll_loss", "eps above 0", eps)
    if backend.of(var.array).host_values and (var.array < 0).any():
        raise DataError("gaussian_nll_loss", "var of at least 0", var.array.min())
    xp = namespaces[type(var.array)]
    v = var + Tensor(xp.where(var.array < eps, eps - var.array, xp.zeros_like(var.array)))
    d = input - target
    loss = (v.log() + d * d / v) * 0.5
    return reduce_loss("gaussian_nll_loss", loss + 0.5 * log(2 * pi) if full else loss, reduction)
