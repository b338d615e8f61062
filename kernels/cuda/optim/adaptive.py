"""Launches of adaptive.cu: Adagrad, Adadelta, RMSprop, Adamax, Rprop and ASGD over flat buffers, in place.

The arguments of each are those of its reference in xdl/optim.
"""

from __future__ import annotations

from functools import partial

from xdl.backend import Array
from xdl.optim.adadelta import adadelta_update
from xdl.optim.adagrad import adagrad_update
from xdl.optim.adamax import adamax_update
from xdl.optim.asgd import asgd_update
from xdl.optim.rmsprop import rmsprop_update
from xdl.optim.rprop import rprop_update

from ..slots import register
from .flat import sign_of, step

_step = partial(step, "adaptive.cu")


@register(adagrad_update)
class adagrad_cuda:
    """One step of Adagrad on flat p and s."""

    @staticmethod
    def forward(
        p: Array, grads: list[Array], s: Array, rate: float, eps: float, weight_decay: float, maximize: bool
    ) -> tuple[None, None]:
        _step("adagrad_step", p, grads, (s,), rate, eps, weight_decay, sign_of(maximize))
        return None, None


@register(adadelta_update)
class adadelta_cuda:
    """One step of Adadelta on flat p, s and a."""

    @staticmethod
    def forward(
        p: Array, grads: list[Array], s: Array, a: Array, lr: float, rho: float, eps: float, weight_decay: float,
        maximize: bool,
    ) -> tuple[None, None]:  # fmt: skip
        _step("adadelta_step", p, grads, (s, a), lr, rho, 1 - rho, eps, weight_decay, sign_of(maximize))
        return None, None


@register(rmsprop_update)
class rmsprop_cuda:
    """One step of RMSprop on flat p and s, a (None unless centered) and b (None without momentum)."""

    @staticmethod
    def forward(
        p: Array, grads: list[Array], s: Array, a: Array | None, b: Array | None, lr: float, alpha: float, eps: float,
        weight_decay: float, momentum: float, maximize: bool,
    ) -> tuple[None, None]:  # fmt: skip
        settings = (lr, alpha, 1 - alpha, eps, weight_decay, momentum, sign_of(maximize))
        _step("rmsprop_step", p, grads, (s, a, b), *settings)
        return None, None


@register(adamax_update)
class adamax_cuda:
    """One step of Adamax on flat p, m and u."""

    @staticmethod
    def forward(
        p: Array, grads: list[Array], m: Array, u: Array, rate: float, beta1: float, beta2: float, eps: float,
        weight_decay: float, maximize: bool,
    ) -> tuple[None, None]:  # fmt: skip
        settings = (rate, beta1, 1 - beta1, beta2, eps, weight_decay, sign_of(maximize))
        _step("adamax_step", p, grads, (m, u), *settings)
        return None, None


@register(rprop_update)
class rprop_cuda:
    """One step of Rprop on flat p, q and h; etas (eta-, eta+), step_sizes (h_min, h_max)."""

    @staticmethod
    def forward(
        p: Array, grads: list[Array], q: Array, h: Array, etas: tuple[float, float], step_sizes: tuple[float, float],
        maximize: bool,
    ) -> tuple[None, None]:  # fmt: skip
        _step("rprop_step", p, grads, (q, h), *etas, *step_sizes, sign_of(maximize))
        return None, None


@register(asgd_update)
class asgd_cuda:
    """One step of ASGD on flat p and a."""

    @staticmethod
    def forward(
        p: Array, grads: list[Array], a: Array, shrink: float, eta: float, mu: float, weight_decay: float,
        maximize: bool,
    ) -> tuple[None, None]:  # fmt: skip
        _step("asgd_step", p, grads, (a,), shrink, eta, float(mu), weight_decay, sign_of(maximize))
        return None, None
